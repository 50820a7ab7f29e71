// SPDX-License-Identifier: Apache-2.0
// LivePrinter: the EventSink of `ig run`. Rows of a stream are printed as they come; a snapshot is
// one table when it is complete. The rows of a map are sums that change: they are one table at the
// end (on a terminal drawn anew meanwhile), or, where the gadget is a `top`, for each interval a
// table of what was added in it.
#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "reporters/live_row.h"
#include "reporters/row_filter.h"
#include "reporters/row_format.h"
#include "reporters/row_order.h"

namespace ig {

struct LiveOptions {
  RowFilter filter = {};
  RowOrder order = {};
  std::size_t max_rows = 0;  // of a table; of a stream in all; 0 = all
  bool by_interval = false;  // a `top`
  std::chrono::nanoseconds interval{std::chrono::seconds(1)};
};

class LivePrinter : public EventSink {
 public:
  LivePrinter(LiveOptions options, RowFormat& format);

  Result<> gadget_run(const GadgetRun&) override { return {}; }
  Result<> data_source(const EventSchema& schema) override;
  Result<> workload(const Workload& workload) override;
  Result<> event(const Event& event) override;
  Result<> loss(const Loss&) override { return {}; }
  Result<> flush() override;
  Result<> finish();  // the tables of the maps, whole

  // A stream has printed its --max-rows: nothing more will come.
  bool is_full() const { return options_.max_rows > 0 && printed_ >= options_.max_rows; }

 private:
  struct Sum {
    LiveRow now;
    std::optional<LiveRow> shown = {};  // as it was when the last interval was printed
    bool changed = true;
  };
  using Sums = std::map<std::string, Sum>;  // by row_key()
  static std::vector<LiveRow> take_changes(const EventSchema& schema, Sums& sums);

  const Workload* find_workload(WorkloadId id) const;
  RowView view(const LiveRow& row) const { return {find_workload(row.workload), row.values}; }
  TableView table(const EventSchema& schema, std::vector<RowView> rows) const;
  void print_snapshots();
  void print_interval();
  void print_sums(Occasion occasion);

  LiveOptions options_;
  RowFormat& format_;
  std::map<WorkloadId, Workload> workloads_;
  // Copies, in their order, and which is whose: the last tables are printed when the recording, and
  // its schemas with it, is gone.
  std::deque<EventSchema> schemas_;
  std::map<const EventSchema*, const EventSchema*> own_;
  std::map<const EventSchema*, std::vector<LiveRow>> snapshots_;  // by our copy
  std::map<const EventSchema*, Sums> sums_;
  std::size_t printed_ = 0;  // rows of streams
  bool sums_changed_ = false;
  std::int64_t last_interval_ns_;
};

}  // namespace ig
