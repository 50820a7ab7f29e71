// SPDX-License-Identifier: Apache-2.0
// A text compared with a file of tests/golden, byte for byte. IG_UPDATE_GOLDEN=1 rewrites the
// file; then read the difference before you commit it.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

namespace ig::test {

inline void expect_file(const std::string& name, const std::string& text) {
  const std::string path = std::string(IG_SOURCE_DIR) + "/tests/golden/" + name;
  if (std::getenv("IG_UPDATE_GOLDEN")) {
    std::ofstream(path) << text;
    return;
  }
  std::ifstream file(path);
  std::ostringstream expected;
  expected << file.rdbuf();
  EXPECT_EQ(expected.str(), text) << "expected: " << path;
}

}  // namespace ig::test
