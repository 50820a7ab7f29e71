// SPDX-License-Identifier: Apache-2.0
// What a test needs of the machine. Where it is missing the test is skipped aloud; in CI, which
// installs what tests need, that is a failure.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <string_view>

namespace ig::test {

inline bool is_ci() {
  const char* ci = std::getenv("CI");
  return ci != nullptr && std::string_view(ci) == "true";
}

}  // namespace ig::test

#define IG_NEED(condition, reason)                                            \
  do {                                                                        \
    if (condition) break;                                                     \
    if (ig::test::is_ci()) FAIL() << "CI has to run this test: " << (reason); \
    GTEST_SKIP() << (reason);                                                 \
  } while (false)
