// SPDX-License-Identifier: Apache-2.0
// Proof of a seccomp profile, ours or anybody's: it is compiled as a runtime would do it, and every
// recorded call of a workload that the filter would meet is put to the compiled program, with the
// values that its arguments were recorded with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "advisors/seccomp/needed_calls.h"
#include "advisors/seccomp/seccomp_filter.h"
#include "advisors/seccomp/seccomp_profile.h"
#include "base/result.h"

namespace ig {

// A recorded value of an argument with which the call is denied, whatever its other arguments.
struct DeniedValue {
  unsigned index = 0;  // from 0
  std::uint64_t value = 0;
  bool operator==(const DeniedValue&) const = default;
};

struct JudgedCall {
  NeededCall call;
  std::string answer;                 // "errno 1", "kill process", "allow or errno 1"
  std::vector<DeniedValue> values{};  // empty = denied with any, or undecided
  std::string why{};  // "argument 1: AF_VSOCK"; of an undecided one, what is not known
};

struct SeccompVerdict {
  std::size_t checked = 0;
  std::vector<JudgedCall> denied;
  std::vector<JudgedCall> undecided;       // it depends on what the recording does not have
  std::vector<std::string> unknown_names;  // of the profile, to the installed libseccomp
  // Calls whose answer depends on the upper half of a 32-bit argument, which programs leave to
  // chance: judged as if it were zero.
  std::set<std::string> compares_upper_half;
};

Result<SeccompVerdict> verify_seccomp(const SeccompProfile& profile, SessionReader& session,
                                      const Workload& workload,
                                      FilterRuntime runtime = FilterRuntime::kCrun);
// The same for calls that were asked for already, and a profile that was compiled already.
Result<SeccompVerdict> verify_calls(const SeccompFilter& filter, const NeededCalls& needed);

// "allow", "log", "errno 1", "kill process", … of a SECCOMP_RET_* value.
std::string answer_text(std::uint32_t answer);
std::string answers_text(const std::set<std::uint32_t>& answers);

// The call goes on, if the kernel's caller wants it to be logged or not.
bool permits(std::uint32_t answer);

}  // namespace ig
