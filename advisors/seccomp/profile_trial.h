// SPDX-License-Identifier: Apache-2.0
// A profile on trial: compiled for one machine as each runtime does it, proven to mean what it
// says, and asked about every call that recordings hold. What `ig verify seccomp` reports.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "advisors/seccomp/boundary_grid.h"
#include "advisors/seccomp/seccomp_filter.h"
#include "advisors/seccomp/verify_seccomp.h"
#include "base/result.h"

namespace ig {

// Calls to which the runtimes' filters give different answers, of one architecture.
struct RuntimeDifference {
  std::string arch, runc, crun;  // "x86_64", "errno 38", "errno 1"
  std::vector<std::string> calls;
};

struct CompiledProfile {
  SeccompProfile profile;
  std::map<FilterRuntime, SeccompFilter> filters;
  GridResult grid;  // of all of them
  std::vector<RuntimeDifference> differences;
};

// kRefused where rules clash, so that no runtime would start a container with the profile.
Result<CompiledProfile> try_profile(SeccompProfile profile, std::string_view native_arch,
                                    const std::set<FilterRuntime>& runtimes);

// Names that some rule lets through.
std::set<std::string> permitted_names(const SeccompProfile& profile);

// The processes that made the call, by name, as far as another gadget of the recording tells.
Result<std::vector<std::string>> processes_of(SessionReader& session, const Workload& workload,
                                              const std::string& call);

}  // namespace ig
