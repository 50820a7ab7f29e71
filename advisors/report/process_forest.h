// SPDX-License-Identifier: Apache-2.0
// Executions as trees of processes: each below the one that its parent runs at that time. Brothers
// that are alike and started nothing (the turns of a loop) are one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "advisors/report/blocks.h"

namespace ig::report {

struct Execution {
  std::int64_t pid = 0, parent_pid = 0, time_ns = 0;
  std::string comm, parent_comm;
  std::string_view arguments, file, workload;  // kept elsewhere: many are equal
};

// Who started processes that executed nothing themselves (a shell's own child), by pid.
struct Parent {
  std::int64_t pid = 0;
  std::string comm;
};
using Ancestry = std::unordered_map<std::int64_t, Parent>;

ProcessTree process_forest(std::vector<Execution> executions, const Ancestry& ancestry = {},
                           std::size_t most_nodes = 1000);

}  // namespace ig::report
