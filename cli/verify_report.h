// SPDX-License-Identifier: Apache-2.0
// What `ig verify seccomp` found, as a table and as JSON.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "advisors/seccomp/profile_trial.h"
#include "reporters/terminal.h"

namespace ig {

// One call of one workload that is denied, or may be.
struct ReportedCall {
  std::string session, workload;
  JudgedCall judged;
  std::string other_answer;  // of runc, where it is another one; "" = the same
  std::vector<std::string> processes;
};

struct VerifyReport {
  std::string profile;  // its file
  std::vector<std::string> runtimes;
  std::size_t checked = 0, workloads = 0, sessions = 0;
  std::vector<ReportedCall> denied, undecided;
  std::set<std::string> permitted, unused;  // names
  std::set<std::string> unknown_names, missing_capabilities, compares_upper_half;
  std::string base_profile;
  std::vector<RuntimeDifference> differences;
  GridResult grid;
};

std::string verify_table(const VerifyReport& report, const Style& style);
std::string verify_json(const VerifyReport& report);
// What a person must know beside the denials; none of it changes the exit status.
std::vector<std::string> verify_warnings(const VerifyReport& report);
// "0x5", "AF_UNIX": one place at which the compiled program and the profile differ.
std::string mismatch_text(const GridMismatch& mismatch);

}  // namespace ig
