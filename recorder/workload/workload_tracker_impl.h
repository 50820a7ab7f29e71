// SPDX-License-Identifier: Apache-2.0
// The inside of WorkloadTracker: its state, and what its source files share. Making workloads of
// events is in workload_tracker.cpp, what is known of one in workload_tracker_facts.cpp.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "recorder/workload/workload_tracker.h"
#include "recorder/workload/workload_tracker_index.h"
#include "recorder/workload/workload_tracker_names.h"

namespace ig {

struct WorkloadTracker::Impl {
  struct Entry {
    Workload workload;
    ContainerFacts facts;
    bool named = true;                     // only containers may be unnamed for a while
    std::vector<TaskIdentity> identities;  // that the verdict was told for
    std::optional<bool> verdict;           // the last one told
    // Its id may be known a little later than its bundle.
    bool lacks_id() const { return workload.kind == WorkloadKind::kContainer && facts.id.empty(); }
  };

  Impl(Selector wanted, OnChange change, OnVerdict verdict, TrackedHost tracked);

  Selector selector;
  OnChange on_change;
  OnVerdict on_verdict;
  std::function<void()> read_events = [] {};
  TrackedHost host;
  ContainerNamer namer;
  WorkloadIndex index;
  std::deque<Entry> entries;  // id - 1 is the place; never moves
  std::map<std::string, WorkloadId> units;
  WorkloadId host_id = 0, command_id = 0;

  Entry& entry(WorkloadId id) { return entries[static_cast<std::size_t>(id - 1)]; }

  // Which workload the event is of, made if it is new; 0 never.
  WorkloadId classify(const WorkloadEvent& event, bool announced, bool partial);
  Entry& add(WorkloadKind kind, const WorkloadEvent& event, bool partial);
  WorkloadId host_workload(std::int64_t time_ns);
  WorkloadId unit_workload(const WorkloadEvent& event, const std::string& unit, bool partial);
  WorkloadId container_workload(const WorkloadEvent& event, ContainerFacts facts, bool partial);

  WorkloadId note(const WorkloadEvent& event, bool announced, bool partial);
  void learn(Entry& entry, const WorkloadEvent& event);
  void learn_namespaces(Workload& workload, const TaskIdentity& identity);
  void learn_cgroup(Workload& workload, const WorkloadEvent& event);
  bool name(Entry& entry);
  void tell(Entry& entry, const TaskIdentity* added = nullptr);
  // Whether a new mount namespace is recorded because of who made it and not of its name.
  bool kernel_decides(const Workload& workload) const;
  void tell_verdict(const Entry& entry, const TaskIdentity& identity);
  void gone(const WorkloadEvent& event);
  WorkloadId look_up(const TaskIdentity& identity, std::int64_t time_ns);
  WorkloadId unannounced(const TaskIdentity& identity, std::int64_t time_ns);
  WorkloadId by_network(std::uint64_t netns_id, std::int64_t time_ns);
  WorkloadId as_of(const std::vector<WorkloadId>& candidates, std::int64_t time_ns);
};

}  // namespace ig
