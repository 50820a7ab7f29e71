// SPDX-License-Identifier: Apache-2.0
#include "reporters/live_printer.h"

#include <utility>

#include "base/clock.h"

namespace ig {

LivePrinter::LivePrinter(LiveOptions options, RowFormat& format)
    : options_(std::move(options)), format_(format), last_interval_ns_(boot_time_ns()) {}

Result<> LivePrinter::data_source(const EventSchema& schema) {
  schemas_.push_back(schema);
  own_[&schema] = &schemas_.back();
  format_.begin(schemas_.back());
  return {};
}

Result<> LivePrinter::workload(const Workload& workload) {
  workloads_[workload.id] = workload;
  return {};
}

const Workload* LivePrinter::find_workload(WorkloadId id) const {
  const auto found = workloads_.find(id);
  return found == workloads_.end() ? nullptr : &found->second;
}

Result<> LivePrinter::event(const Event& event) {
  const auto* workload = find_workload(event.workload);
  const auto& schema = *own_.at(&event.schema);
  if (!options_.filter.matches(schema, event.values, workload)) return {};
  switch (schema.kind) {
    case EventSchema::Kind::kTracer:
      if (is_full()) break;
      ++printed_;
      format_.row(schema, {workload, event.values});
      break;
    case EventSchema::Kind::kIterator:
      snapshots_[&schema].emplace_back(event);
      break;
    case EventSchema::Kind::kMap: {
      sums_changed_ = true;
      auto& sums = sums_[&schema];
      const auto [sum, is_new] = sums.try_emplace(row_key(event), LiveRow(event));
      if (!is_new) sum->second.now = LiveRow(event);
      sum->second.changed = true;
      break;
    }
  }
  return {};
}

TableView LivePrinter::table(const EventSchema& schema, std::vector<RowView> rows) const {
  TableView table{&schema, std::move(rows), 0};
  options_.order.sort(schema, table.rows);
  if (options_.max_rows > 0 && table.rows.size() > options_.max_rows) {
    table.left_out = table.rows.size() - options_.max_rows;
    table.rows.resize(options_.max_rows);
  }
  return table;
}

void LivePrinter::print_snapshots() {
  const auto snapshots = std::exchange(snapshots_, {});
  std::vector<TableView> tables;
  for (const auto& schema : schemas_) {
    const auto found = snapshots.find(&schema);
    if (found == snapshots.end()) continue;
    std::vector<RowView> rows;
    for (const auto& row : found->second) rows.push_back(view(row));
    tables.push_back(table(schema, std::move(rows)));
  }
  if (!tables.empty()) format_.tables(tables, Occasion::kOnce);
}

std::vector<LiveRow> LivePrinter::take_changes(const EventSchema& schema, Sums& sums) {
  std::vector<LiveRow> rows;
  for (auto& [key, sum] : sums) {
    if (!std::exchange(sum.changed, false)) continue;
    const Event now{schema, sum.now.workload, sum.now.values};
    LiveRow added(now);
    const bool is_news = !sum.shown || subtract_amounts(schema, *sum.shown, added);
    sum.shown.emplace(now);
    if (is_news) rows.push_back(std::move(added));
  }
  return rows;
}

void LivePrinter::print_interval() {
  std::vector<std::vector<LiveRow>> changes;  // what the tables' rows point into
  std::vector<TableView> tables;
  for (const auto& schema : schemas_) {
    if (schema.kind != EventSchema::Kind::kMap) continue;
    changes.push_back(take_changes(schema, sums_[&schema]));
    std::vector<RowView> rows;
    for (const auto& row : changes.back()) rows.push_back(view(row));
    tables.push_back(table(schema, std::move(rows)));
  }
  if (!tables.empty()) format_.tables(tables, Occasion::kInterval);
}

void LivePrinter::print_sums(Occasion occasion) {
  std::vector<TableView> tables;
  for (const auto& schema : schemas_) {
    if (schema.kind != EventSchema::Kind::kMap) continue;
    std::vector<RowView> rows;
    for (const auto& [key, sum] : sums_[&schema]) rows.push_back(view(sum.now));
    tables.push_back(table(schema, std::move(rows)));
  }
  if (!tables.empty()) format_.tables(tables, occasion);
}

Result<> LivePrinter::flush() {
  print_snapshots();
  const auto now = boot_time_ns();
  if (sums_changed_ && now - last_interval_ns_ >= options_.interval.count()) {
    last_interval_ns_ = now;
    sums_changed_ = false;
    if (options_.by_interval) print_interval();
    if (!options_.by_interval && format_.draws_in_place()) print_sums(Occasion::kInterval);
  }
  return format_.flush();
}

Result<> LivePrinter::finish() {
  print_snapshots();
  if (options_.by_interval) {
    if (sums_changed_) print_interval();
  } else {
    print_sums(Occasion::kOnce);
  }
  return format_.flush();
}

}  // namespace ig
