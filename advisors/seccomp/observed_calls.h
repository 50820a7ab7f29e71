// SPDX-License-Identifier: Apache-2.0
// What all instances of one subject called under their filters: the exact union, with the values
// of arguments, and of each call who made it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "advisors/seccomp/needed_calls.h"
#include "advisors/seccomp/profile_subject.h"

namespace ig {

struct ObservedCall : NeededCall {
  std::set<std::size_t> instances;   // indexes into the subject's
  std::set<std::size_t> recordings;  // indexes
};

struct ObservedCalls {
  std::set<std::string> native_archs;  // of the recorded machines
  std::vector<ObservedCall> calls;     // by architecture and name
  std::vector<NeededCall> outside;     // only runtimes made them, before the filter counts
  std::vector<NeededCalls> instances;  // as the subject's
};

Result<ObservedCalls> observe_calls(Recordings recordings, const ProfileSubject& subject);

// Calls whose phases are all among `phases`, by name; without those that another architecture has
// in other phases.
std::set<std::string> names_only_in(const ObservedCalls& observed,
                                    const std::set<std::string>& phases);

}  // namespace ig
