// SPDX-License-Identifier: Apache-2.0
// EventDelivery: the last hop within the recorder. A record is decoded, its workload is looked up,
// and the row goes to the sink. The sink's first error is kept and ends the deliveries: a full disk
// ends a recording in order.
#pragma once

#include <functional>
#include <optional>
#include <unordered_set>
#include <vector>

#include "recorder/gadget/event_decoder.h"
#include "recorder/gadget/row_extension.h"
#include "recorder/workload/workload_tracker.h"
#include "store/event_sink.h"

namespace ig {

class EventDelivery {
 public:
  // One data source on its way to the sink.
  struct Stream {
    const DataSource& source;
    EventDecoder decoder;
    std::vector<std::unique_ptr<RowExtension>> extensions;
    std::uint64_t malformed = 0;  // since they were last reported
  };

  EventDelivery(EventSink& sink, ClockOffset clock) : sink_(sink), clock_(clock) {}

  // Workloads that are known before begin() wait for it.
  void workload(const Workload& workload);
  // For rows that are made in user space, which no filter in the kernel has seen.
  using IsWanted = std::function<bool(const TaskIdentity&)>;
  void filter_rows(IsWanted is_wanted) { is_wanted_ = std::move(is_wanted); }
  // Rows of this workload are dropped: it does not match the selectors after all.
  void set_admitted(WorkloadId workload, bool admitted);

  Stream make_stream(const DataSource& source, const LoadedGadget& gadget) const {
    return {source, {source, clock_}, make_extensions(source, gadget)};
  }
  void begin();
  void data_source(const EventSchema& schema) { keep(sink_.data_source(schema)); }
  void record(Stream& stream, WorkloadTracker& tracker, std::span<const std::byte> bytes);
  // A row that is complete, made for the source of `stream`. What is of the machine, not of a
  // workload, is recorded whoever is selected.
  void row(const Stream& stream, WorkloadTracker& tracker, std::span<const Value> values,
           bool of_machine);
  void loss(const Loss& loss);
  void flush() { keep(sink_.flush()); }

  ClockOffset clock() const { return clock_; }
  std::uint64_t events() const { return events_; }
  std::uint64_t lost() const { return lost_; }
  const std::optional<Error>& failure() const { return failure_; }

 private:
  void keep(Result<> result);

  EventSink& sink_;
  ClockOffset clock_;
  IsWanted is_wanted_;
  bool begun_ = false;
  std::vector<Workload> waiting_;
  std::unordered_set<WorkloadId> denied_;
  std::uint64_t events_ = 0, lost_ = 0;
  std::optional<Error> failure_;
};

}  // namespace ig
