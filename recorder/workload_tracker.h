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

#include "base/result.h"
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

class WorkloadTracker {
 public:
  using OnChange = std::function<void(const Workload&)>;
  // `on_change`: a workload is new, or more is known of it. `on_admit`: whether its identity
  // matches the selector, once it is named (the recorder then keeps or drops it in the kernel's
  // filter).
  using OnVerdict = std::function<void(const Workload&, bool admitted)>;

  WorkloadTracker(Selector selector, OnChange on_change, OnVerdict on_verdict);
  ~WorkloadTracker();

  // Containers and units that run already, from /proc, so that the kernel filter can be set before
  // the gadgets are attached. They are marked partial.
  Result<> scan_running();
  // The command of `-- COMMAND` is what happens in this cgroup (or mount namespace).
  void set_command(const TaskIdentity& identity, const std::string& command_line);

  void on_event(const WorkloadEvent& event);
  WorkloadId resolve(const TaskIdentity& identity, std::int64_t time_ns);
  void finish();  // last names; unresolved ones are reported by `unresolved`

  const Workload* find(WorkloadId id) const;
  std::size_t size() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ig
