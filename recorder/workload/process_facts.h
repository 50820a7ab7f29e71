// SPDX-License-Identifier: Apache-2.0
// What a struct gadget_process says of a task, read from /proc: for rows that are made in user
// space.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "recorder/workload/workload_tracker.h"

namespace ig {

struct ProcessFacts {
  std::int64_t pid = 0, tid = 0;
  std::string comm;
  std::uint32_t uid = 0, gid = 0;  // effective
  TaskIdentity identity;
  std::int64_t parent_pid = 0;
  std::string parent_comm;
  std::int64_t start_time_ns = 0;  // since boot; /proc has it in ticks of 10 ms
  std::uint32_t threads = 0;
};

// nullopt where there is none. Of one that has ended and waits for its parent, or whose namespaces
// are not ours to look at, the identity has at most the cgroup.
std::optional<ProcessFacts> read_process_facts(const std::string& proc, std::int64_t pid);

}  // namespace ig
