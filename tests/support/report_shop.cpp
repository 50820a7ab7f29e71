// SPDX-License-Identifier: Apache-2.0
// report_shop FILE - writes the session of report_shop.h.
#include "tests/support/report_shop.h"

#include <fstream>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  ig::test::ReportSession session;
  ig::test::fill_shop(session);
  std::ofstream file(argv[1], std::ios::binary);
  file << session.bytes();
  return file.good() ? 0 : 1;
}
