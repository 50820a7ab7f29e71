// SPDX-License-Identifier: Apache-2.0
// Whether a task is in a container, and in which: from its cgroup path, the bundle that its
// runtime works in, the runtimes' state, and the names of the processes that made it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "recorder/workload/cgroup_path.h"
#include "recorder/workload/container_runtime.h"
#include "recorder/workload/workload_tracker.h"

namespace ig {

// The cgroup that tells most: on a hybrid machine crun leaves the v2 path at the root.
const std::string& telling_cgroup_path(const WorkloadEvent& event);

// A process that makes containers, or what it calls itself on the way to one.
bool is_runtime_name(std::string_view comm);

class ContainerNamer {
 public:
  explicit ContainerNamer(const RuntimeRoots& roots) : runtimes_(roots) {}

  // nullopt: nothing says that this is a container. Else what is known, maybe nothing yet.
  // `own_mounts`: the task has a mount namespace that is not the host's.
  std::optional<ContainerFacts> identify(const WorkloadEvent& event, bool own_mounts) const;
  std::vector<ContainerFacts> running() const { return runtimes_.running(); }
  // Asks again for what was not there yet.
  void complete(ContainerFacts& facts) const;

 private:
  std::optional<ContainerFacts> bundle_of(const WorkloadEvent& event, bool own_mounts) const;

  ContainerRuntimes runtimes_;
};

}  // namespace ig
