// SPDX-License-Identifier: Apache-2.0
// A command line of ig in this process: what it ended with, and what it printed.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cli/command.h"

namespace ig::test {

struct Outcome {
  int status = 0;
  std::string out, words;  // stdout, stderr
};

inline Outcome run(const std::vector<std::string>& words) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Outcome outcome;
  outcome.status = run_ig(words);
  outcome.out = testing::internal::GetCapturedStdout();
  outcome.words = testing::internal::GetCapturedStderr();
  return outcome;
}

}  // namespace ig::test
