// SPDX-License-Identifier: Apache-2.0
// What a workload did in one recording and not in another: between two releases, what is new.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "advisors/advisor.h"
#include "base/result.h"

namespace ig {

struct SessionChange {
  bool added = false;    // else it is gone
  std::string workload;  // as it is called after; before, where it is gone
  std::string kind;      // "syscall", "capability", "peer", "written-file", "program"
  std::string what;      // "openat", "CAP_CHOWN", "egress TCP 10.0.0.7 port 5432", "/etc/passwd"
  std::uint64_t count = 0;
  bool operator==(const SessionChange&) const = default;
};

struct SessionDiff {
  std::vector<SessionChange> changes;  // by workload, kind, then the new first
  std::vector<std::string> caveats;    // what could not be compared

  std::size_t added() const;
};

std::vector<std::string_view> session_change_kinds();

// Either side is the recordings of one session. Workloads are matched by name, or as they are where
// each side has one. Only what both
// recorded is compared; numbers in names of files that differ from run to run (process ids,
// temporary names) count as the same. kNotFound where a selector chooses nobody.
Result<SessionDiff> diff_sessions(Recordings before, Recordings after, const Selector& selector,
                                  const std::set<std::string>& kinds);

}  // namespace ig
