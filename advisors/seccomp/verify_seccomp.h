// SPDX-License-Identifier: Apache-2.0
// Proof of a seccomp profile, ours or anybody's: it is compiled as a runtime would do it, and every
// recorded call of a workload that the filter would meet is put to the compiled program.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "advisors/seccomp/needed_calls.h"
#include "advisors/seccomp/seccomp_profile.h"
#include "base/result.h"

namespace ig {

struct JudgedCall {
  NeededCall call;
  std::string answer;  // "errno 1", "kill process", "allow or errno 1"
};

struct SeccompVerdict {
  std::size_t checked = 0;
  std::vector<JudgedCall> denied;
  std::vector<JudgedCall> undecided;       // it depends on arguments, which recordings do not have
  std::vector<std::string> unknown_names;  // of the profile, to the installed libseccomp
};

Result<SeccompVerdict> verify_seccomp(const SeccompProfile& profile, SessionReader& session,
                                      const Workload& workload);

// "allow", "log", "errno 1", "kill process", … of a SECCOMP_RET_* value.
std::string answer_text(std::uint32_t answer);

}  // namespace ig
