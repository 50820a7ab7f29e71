// SPDX-License-Identifier: Apache-2.0
// GadgetSources: everything that comes out of one running gadget. Rings are read when they have
// something, maps and iterators when they are due: at the start, each interval, at the end.
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "recorder/event_delivery.h"
#include "recorder/gadget/flight_rings.h"
#include "recorder/gadget/iterator_source.h"
#include "recorder/gadget/loaded_gadget.h"
#include "recorder/gadget/map_source.h"
#include "recorder/gadget/ring_source.h"

namespace ig {

class GadgetSources {
 public:
  using Clock = std::chrono::steady_clock;

  static Result<std::unique_ptr<GadgetSources>> open(LoadedGadget& gadget, EventDelivery& delivery,
                                                     WorkloadTracker& tracker,
                                                     std::chrono::nanoseconds interval);

  void announce();  // the schemas, to the sink
  const std::vector<std::unique_ptr<RingSource>>& rings() const { return rings_; }

  enum class Moment { kStart, kInterval, kAsked, kEnd };
  Result<> read(Moment moment, Clock::time_point now);
  // What was malformed, and what perf buffers lost, since the last call.
  void report_lost(std::int64_t from_ns, std::int64_t to_ns);

 private:
  // When a map or an iterator is read.
  struct Schedule {
    std::chrono::nanoseconds interval{0};  // 0 = not while it runs
    bool at_start = false, at_end = false;
    Clock::time_point next;
    bool is_due(Moment moment, Clock::time_point now);
  };
  template <typename Source>
  struct Scheduled {
    Source source;
    Schedule schedule;
  };

  GadgetSources(LoadedGadget& gadget, EventDelivery& delivery)
      : gadget_(gadget), delivery_(delivery) {}
  Result<> add(EventDelivery::Stream& stream, WorkloadTracker& tracker,
               std::chrono::nanoseconds interval);
  Result<> add_extension_rings(const EventDelivery::Stream& stream);
  void connect(UserSource& source, WorkloadTracker& tracker, std::chrono::nanoseconds interval);
  void lose(Loss::Kind kind, std::uint64_t count, const std::string& detail);
  Schedule schedule_of(const DataSource& source, std::chrono::nanoseconds interval) const;
  void read_flights(Moment moment, Clock::time_point now);

  LoadedGadget& gadget_;
  EventDelivery& delivery_;
  std::deque<EventDelivery::Stream> streams_;
  std::vector<std::unique_ptr<RingSource>> rings_;
  std::set<std::string> heard_;  // rings of extensions
  std::vector<Scheduled<MapSource>> maps_;
  std::vector<Scheduled<IteratorSource>> iterators_;
  std::vector<Scheduled<FlightRings>> flights_;
  std::vector<std::unique_ptr<RowBuilder>> user_rows_;  // one for each data source
  std::optional<Schedule> user_schedule_;
};

}  // namespace ig
