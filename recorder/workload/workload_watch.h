// SPDX-License-Identifier: Apache-2.0
// WorkloadWatch: bpf/workload_events.bpf.c at work. It tells the tracker what enters which cgroup
// and namespace, and admits new containers to the kernel's filter there and then, so that one is
// recorded from its first instruction. Its records are decoded like a gadget's, by BTF.
#pragma once

#include <functional>
#include <memory>

#include "recorder/gadget/event_decoder.h"
#include "recorder/gadget/loaded_gadget.h"
#include "recorder/gadget/ring_source.h"
#include "recorder/workload/workload_tracker.h"

namespace ig {

class WorkloadWatch {
 public:
  struct Options {
    const SharedMaps* shared_maps = nullptr;
    std::string btf_path = {};  // of the kernel's types; "" = its own
    bool is_filtered = false;   // whether the kernel discards what is not in the shared maps
    bool admits_new = false;    // new containers are recorded until they turn out not to be wanted
    std::function<void(const WorkloadEvent&)> on_event = {};  // after the tracker was told
  };
  static Result<std::unique_ptr<WorkloadWatch>> open(const Options& options, ClockOffset clock,
                                                     WorkloadTracker& tracker);

  Result<> attach();
  void detach() { loaded_->detach(); }
  const LoadedGadget& gadget() const { return *loaded_; }
  int poll_fd() const { return ring_->poll_fd(); }
  // All that is there: before what it announces is looked at.
  void consume();
  std::uint64_t malformed() const { return malformed_; }

 private:
  // Columns of struct workload_event.
  struct Columns {
    int kind, time, hierarchy, mntns_id, mntns_gen, task_cgroup_id, cgroup_id, netns_id, pid, comm,
        actor_pid, actor_comm, actor_directory, cgroup_path, v1_path, no_new_privileges;
  };

  WorkloadWatch(const Options& options, ClockOffset clock, WorkloadTracker& tracker)
      : clock_(clock), tracker_(tracker), on_event_(options.on_event) {}
  Result<> find_columns(const EventSchema& schema);
  void on_record(std::span<const std::byte> bytes);
  WorkloadEvent event() const;
  std::int64_t number(int column) const;
  std::string text(int column) const;

  ClockOffset clock_;
  WorkloadTracker& tracker_;
  std::function<void(const WorkloadEvent&)> on_event_;
  Gadget gadget_;
  std::unique_ptr<LoadedGadget> loaded_;
  std::unique_ptr<EventDecoder> decoder_;
  std::unique_ptr<RingSource> ring_;
  Columns columns_{};
  std::uint64_t malformed_ = 0;
};

}  // namespace ig
