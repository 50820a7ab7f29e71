// SPDX-License-Identifier: Apache-2.0
// Manual pages in the macros of man(7), one for ig and one for each command, made from the tables
// that `--help` is made from.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace ig {

struct ManualPage {
  std::string file;  // "ig-session-info.1"
  std::string text;
};

std::vector<ManualPage> manual_pages();
// Into a folder that is made where it is missing.
Result<> write_manual_pages(const std::string& folder);

}  // namespace ig
