// SPDX-License-Identifier: Apache-2.0
// ActiveRecording: the parts of one recording and the order in which they begin and end. The event
// loop says when something is to be read; this says what that means.
//
//   prepare   shared maps, workload watch, running workloads → filter, command (stopped), gadgets
//   begin     schemas to the sink, at-start programs and snapshots, the command is released
//   drain, read_intervals   while it runs
//   end       programs are detached, then the last of rings, maps and losses is read
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <vector>

#include "recorder/event_delivery.h"
#include "recorder/gadget/gadget_catalog.h"
#include "recorder/gadget/gadget_sources.h"
#include "recorder/gadget/loss_counters.h"
#include "recorder/gadget/shared_maps.h"
#include "recorder/gadget/socket_enricher.h"
#include "recorder/kernel/kernel_btf.h"
#include "recorder/recorder.h"
#include "recorder/workload/command_target.h"
#include "recorder/workload/workload_watch.h"

namespace ig {

class ActiveRecording {
 public:
  static Result<std::unique_ptr<ActiveRecording>> prepare(RecorderOptions options, EventSink& sink);

  // Reads what was there before; a command waits until it is released.
  Result<> begin();
  void release_command();
  // True if there may be more in that ring.
  bool drain(RingSource& ring);
  bool drain(UserSource& source);
  void drain_workload_events();
  Result<> read_intervals();
  // Flight recorders are read at the next interval. Async-signal-safe.
  void ask_for_dump() noexcept { dump_asked_ = true; }
  Result<> end();

  std::vector<RingSource*> rings() const;
  std::vector<UserSource*> user_sources() const;
  int workload_events_fd() const { return watch_ ? watch_->poll_fd() : -1; }
  int command_fd() const { return command_ ? command_->pidfd() : -1; }
  std::chrono::nanoseconds duration() const { return options_.duration; }
  std::chrono::nanoseconds map_interval() const { return options_.map_interval; }

  RecorderStatus status() const;
  int command_status() const { return command_status_; }
  const std::optional<Error>& failure() const { return delivery_.failure(); }

 private:
  using Clock = std::chrono::steady_clock;

  ActiveRecording(RecorderOptions options, EventSink& sink);
  Result<> find_btf();
  Result<> open_workloads();
  Result<> open_command();

  // One gadget of this recording; its parts refer to each other.
  struct Running {
    Gadget gadget;
    std::string serves;  // GadgetRequest's
    LoadOptions options;
    std::unique_ptr<LoadedGadget> loaded;
    std::unique_ptr<GadgetSources> sources;
  };
  Result<> open_gadgets();
  Result<> open_enricher();
  Result<std::unique_ptr<Running>> plan_gadget(const GadgetRequest& request,
                                               const GadgetCatalog& catalog) const;
  Result<> load(Running& running);
  Result<> attach(Running& running);
  void drop_servants();
  Result<> leave_out(const Running& running, const Error& error);
  Result<std::map<std::string, std::string>> parameters(const GadgetRequest& request,
                                                        const Gadget& gadget) const;
  void keep_misses(const LoadedGadget& gadget);
  void on_verdict(const Workload& workload, bool admitted);
  bool selects_workloads() const;
  bool is_filtered() const;
  bool is_wanted(const TaskIdentity& identity) const;
  void read_losses();
  void follow(const WorkloadEvent& event);

  RecorderOptions options_;
  EventSink& sink_;
  EventDelivery delivery_;
  WorkloadTracker tracker_;
  KernelBtf btf_;
  std::unique_ptr<SocketEnricher> enricher_;
  SharedMaps shared_maps_;
  std::optional<Error> bpf_refused_;
  std::unique_ptr<CommandTarget> command_;
  std::unique_ptr<WorkloadWatch> watch_;
  std::vector<std::unique_ptr<Running>> gadgets_;
  std::optional<Error> first_left_out_;
  std::vector<Loss> misses_;  // programs that were not attached, until begin()
  LossCounters losses_;
  std::int64_t last_losses_ns_;
  std::uint64_t watch_malformed_ = 0;
  std::atomic<bool> dump_asked_ = false;
  Clock::time_point started_;
  int command_status_ = -1;
};

}  // namespace ig
