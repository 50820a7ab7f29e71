// SPDX-License-Identifier: Apache-2.0
#include "store/learned_rows.h"

#include <set>
#include <tuple>

namespace ig {

Enrichment enrichment_of(const Statement& row) {
  return {.kind = row.text(0),
          .source = row.text(1),
          .sha256 = row.text(2),
          .lines = row.unsigned_integer(3),
          .records = row.unsigned_integer(4),
          .tool_version = row.text(5),
          .added_ns = row.integer(6),
          .calls = row.unsigned_integer(7)};
}

// What was denied was under a filter, and is needed as long as the workload lives.
SyscallUse learned_syscall_of(const Statement& row) {
  return {.arch = row.text(0),
          .phase = "steady",
          .number = row.integer(1),
          .count = row.unsigned_integer(2),
          .first_ns = row.integer(3),
          .last_ns = row.integer(4),
          .learned_from = row.text(5)};
}

// A denied call had arguments that its record does not tell: any may be the one that was denied.
void add_unknown_values(std::vector<SyscallArgumentUse>& uses,
                        const std::vector<SyscallUse>& learned) {
  std::set<std::tuple<std::string, std::int64_t, unsigned>> recorded;
  for (const auto& use : uses) recorded.emplace(use.arch, use.number, use.index);
  for (const auto& [arch, number, index] : recorded) {
    for (const SyscallUse& call : learned) {
      if (call.arch != arch || call.number != number) continue;
      uses.push_back({.arch = arch,
                      .phase = call.phase,
                      .number = number,
                      .index = index,
                      .other = true,
                      .count = call.count,
                      .first_ns = call.first_ns,
                      .last_ns = call.last_ns});
    }
  }
}

}  // namespace ig
