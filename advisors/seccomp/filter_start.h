// SPDX-License-Identifier: Apache-2.0
// From which moment of a container's set-up its seccomp filter counts. The runtime loads the filter
// while it still has work to do, so a profile must allow what the runtime calls after that moment,
// and need not allow (and so should not) what it calls before: mount, pivot_root, clone and so on.
//
// Where the recorded run had a filter, that moment was recorded. Else it is where the same runtime
// would have loaded one, recognised by what it did and not by its name. The moment depends on
// no_new_privileges: with it, filters are loaded as late as can be; without it, before privileges
// are dropped. Measured with runc 1.1.5, crun 1.8.1 and podman 4.3.1.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "store/session_reader.h"

namespace ig {

struct FilterStart {
  // Calls of the set-up phase whose last use is not before this belong under the filter.
  std::int64_t time_ns = 0;
  std::string reason = {};          // "the recorded run loaded its filter there"
  bool known = false;               // false: all of the set-up is taken
  bool no_new_privileges = false;   // as observed
  bool scheduler_may_wake = false;  // a Go runtime: futex and rt_sigreturn come in some starts only
};

FilterStart find_filter_start(const Workload& workload, const std::vector<SetupMark>& marks,
                              const std::vector<SyscallUse>& uses);

}  // namespace ig
