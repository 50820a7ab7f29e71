// SPDX-License-Identifier: Apache-2.0
// One of the two things that `ig diff seccomp` compares, in the form in which they can be compared:
// for each architecture and call, the answer as a function of the arguments. That of a profile is
// read from the program that it compiles to; that of a recording is "seen".
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "advisors/seccomp/argument_limits.h"
#include "advisors/seccomp/decision_diagrams.h"
#include "advisors/seccomp/observed_calls.h"
#include "advisors/seccomp/seccomp_profile.h"
#include "base/result.h"

namespace ig {

struct SideCall {
  DecisionDiagrams::Node answer = 0;  // leaves: SECCOMP_RET_* with data, or kNotSeen
  std::string evidence = {};          // of a recording: "12 calls, startup steady"
};

struct SideArch {
  std::map<std::string, SideCall> calls;  // by name; of a profile: all that libseccomp names
  DecisionDiagrams::Node otherwise = 0;   // the answer to any other call
};

struct SeccompSide {
  // A leaf of recordings: no action of seccomp has this value.
  static constexpr std::uint32_t kNotSeen = 0x00010000;

  bool recorded = false;
  std::map<std::string, SideArch> archs;
  // Of a profile: architectures and names of calls that cannot be compared, since ig or libseccomp
  // does not know them.
  std::set<std::string> unknown_archs = {}, unknown_names = {};
  std::set<std::string> flags = {};

  // `machine`: the architecture that the profile is for, unless its own list says otherwise.
  static Result<SeccompSide> of_profile(DecisionDiagrams& diagrams, const SeccompProfile& profile,
                                        std::string_view machine);
  // `arguments`: which values count.
  static Result<SeccompSide> of_calls(DecisionDiagrams& diagrams, const ObservedCalls& observed,
                                      ArgumentMode arguments);
};

}  // namespace ig
