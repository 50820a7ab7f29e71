// SPDX-License-Identifier: Apache-2.0
// What /proc and the cgroup file system say about a task: for what runs already when a recording
// starts, and for an identity that no event announced.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "recorder/workload/workload_tracker.h"

namespace ig {

// As a WorkloadEvent, so that what runs already and what starts is told apart by the same rules.
// `time_ns` stays 0.
std::optional<WorkloadEvent> observe_process(const std::string& proc, std::int64_t pid);
// All that is left of one that has ended and waits for its parent; 0 = not even that.
std::uint64_t cgroup_id_of_process(const std::string& proc, std::int64_t pid);
std::vector<std::int64_t> running_processes(const std::string& proc);
std::uint64_t namespace_inode(const std::string& proc, std::int64_t pid, const char* kind);

// The path of a cgroup2 cgroup, given its id; "" when it is gone or we may not ask.
std::string cgroup_path_of_id(std::uint64_t cgroup_id);

}  // namespace ig
