// SPDX-License-Identifier: Apache-2.0
// WorkloadTracker: from the kernel's identity of a task (mount namespace, its never reused number,
// cgroup) to a workload. It makes a workload the moment an identity is first seen and names it
// from what bpf/workload_events.bpf.c caught (cgroup path, the runtime's working folder = OCI
// bundle) and from the runtimes' state on disk; names that come later are delivered again.
// Look-ups for identities already known touch one hash table and allocate nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "recorder/workload/container_runtime.h"
#include "store/session_reader.h"
#include "store/workload.h"

namespace ig {

struct TaskIdentity {
  std::uint64_t mntns_id = 0, mntns_gen = 0, cgroup_id = 0, netns_id = 0;
  bool operator==(const TaskIdentity&) const = default;
};

// A record of bpf/workload_events.bpf.c: something entered a cgroup or ran its first program in
// new surroundings.
struct WorkloadEvent {
  enum class Kind { kCgroupAttach, kExec, kCgroupGone, kNamespaceGone } kind = Kind::kExec;
  std::int64_t time_ns = 0;  // wall clock
  TaskIdentity identity;     // of the task
  std::int64_t pid = 0, parent_pid = 0;
  std::string comm, parent_comm;
  std::string cgroup_path, legacy_cgroup_path;  // v2, and a v1 one
  std::string parent_directory;                 // working folder of the runtime that made it
  bool no_new_privileges = false;
};

// The machine that is recorded, as far as a test has one of its own.
struct TrackedHost {
  RuntimeRoots runtimes;
  std::string proc = "/proc";
  std::uint64_t mntns_id = 0, netns_id = 0;  // the host's; 0 = those of process 1
};

class WorkloadTracker {
 public:
  using OnChange = std::function<void(const Workload&)>;
  // `on_change`: a workload is new, or more is known of it. `on_verdict`: whether it matches the
  // selector; told for each of its identities, in the mntns_id, mntns_gen and cgroup_id of the
  // workload it is given (0 = tells nothing), so that the recorder keeps or drops them in the
  // kernel's filter. A workload that is not named yet is never dropped.
  using OnVerdict = std::function<void(const Workload&, bool admitted)>;

  WorkloadTracker(Selector selector, OnChange on_change, OnVerdict on_verdict,
                  TrackedHost host = {});
  ~WorkloadTracker();

  // `read` tells the events that came in meanwhile. Called before somebody is looked for who was
  // not announced: between the reading of the events and of a gadget's records a container may
  // live.
  void before_guessing(std::function<void()> read);

  // The namespaces of the machine's process 1, where we may be in a pid namespace of our own and
  // see another. Before anything is told or resolved but the command.
  void set_machine(std::uint64_t mntns_id, std::uint64_t netns_id);

  // Containers and units that run already, from /proc, so that the kernel filter can be set before
  // the gadgets are attached. They are marked partial.
  Result<> scan_running();
  // The command of `-- COMMAND` is what happens in this cgroup (or mount namespace).
  void set_command(const TaskIdentity& identity, const std::string& command_line);

  // Events must be told before what they announce is resolved: drain their ring first.
  void on_event(const WorkloadEvent& event);
  // An identity without mntns_gen and cgroup_id (gadgets made elsewhere) is the workload that had
  // the mount namespace at that time; one with nothing but netns_id is the container, or the pod's
  // first container, that has the network namespace, else the host.
  WorkloadId resolve(const TaskIdentity& identity, std::int64_t time_ns);
  void finish();                               // last names and times
  std::vector<WorkloadId> unresolved() const;  // containers that nothing named

  const Workload* find(WorkloadId id) const;
  std::size_t size() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ig
