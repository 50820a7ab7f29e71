// SPDX-License-Identifier: Apache-2.0
// Latency of disks. The gadget counts in slots of powers of two, so percentiles are their ends;
// the longest request is exact.
#include <fmt/format.h>

#include <set>
#include <tuple>

#include "advisors/advice_text.h"
#include "advisors/report/kinds.h"
#include "advisors/report/latency.h"
#include "advisors/report/measures.h"
#include "advisors/report/top_tables.h"
#include "base/text.h"

namespace ig::report {
namespace {

struct Requests {
  std::uint64_t count = 0, errors = 0, bytes = 0;
  Latency latency;

  void add(const Row& row, std::size_t column) {
    count += row.count(column);
    errors += row.count(column + 1);
    bytes += row.count(column + 2);
    latency.set_longest(row.integer(column + 3));
    latency.add_slots(row.text(column + 4), 1000);
  }
  void merge(const Requests& other) {
    count += other.count;
    errors += other.errors;
    bytes += other.bytes;
    latency.merge(other.latency);
  }
  std::uint64_t weight() const { return count; }

  std::vector<Cell> cells(std::vector<Cell> row) const {
    row.push_back(cell(count));
    row.push_back(errors == 0 ? Cell{} : cell(errors));
    row.push_back(cell(bytes));
    add_latency_cells(row, latency);
    return row;
  }
};

Table request_table(std::string title, std::vector<TableColumn> columns) {
  columns.insert(columns.end(),
                 {{"count", Unit::kCount}, {"errors", Unit::kCount}, {"bytes", Unit::kBytes}});
  add_latency_columns(columns, true);
  return {std::move(title), std::move(columns), {}};
}

struct Seen {
  std::map<std::tuple<std::string, std::string, std::string>, Requests> by_device;
  std::map<std::pair<std::string, std::string>, Requests> by_operation;
  Sums<Requests> by_group;
  Requests all;
};

Result<Seen> read_requests(Source& source, const EventSchema& schema) {
  Seen seen;
  const auto sql = fmt::format(
      "SELECT {}, device, operation_raw, cmd_flags_raw, count, errors, bytes_raw, "
      "longest_raw, latency FROM profile_blockio_rows r WHERE {}",
      source.group_column(schema), source.where(schema));
  IG_TRY(source.each(sql, [&](const Row& row) {
    const std::string device(row.text(1));
    const auto operation = number_name(schema, "operation_raw", row.integer(2));
    const auto flags = number_name(schema, "cmd_flags_raw", row.integer(3));
    Requests requests;
    requests.add(row, 4);
    seen.by_device[{device, operation, flags}].merge(requests);
    seen.by_operation[{device, operation}].merge(requests);
    seen.by_group.of(source.group_id(row.integer(0))).merge(requests);
    seen.all.merge(requests);
  }));
  return seen;
}

Result<> add_latencies(Source& source, Section& section, const EventSchema& schema) {
  IG_ASSIGN(const auto seen, read_requests(source, schema));
  if (seen.all.count == 0) return {};
  std::set<std::string> devices;
  auto table = request_table("Requests", {{"device"}, {"op"}, {"kind"}});
  for (const auto& [key, requests] : seen.by_device) {
    const auto& [device, operation, flags] = key;
    devices.insert(device);
    table.rows.push_back(requests.cells({device, operation, flags}));
  }
  section.blocks.emplace_back(std::move(table));
  if (source.can_group(schema)) {
    auto by = request_table("By " + source.group_key(), {{source.group_key()}});
    IG_ASSIGN(const auto rows, groups(source, seen.by_group, by.left_out));
    for (const auto& [name, requests] : rows) by.rows.push_back(requests.cells({name}));
    section.blocks.emplace_back(std::move(by));
  }
  for (const auto& [key, requests] : seen.by_operation) {
    section.blocks.emplace_back(
        histogram(fmt::format("{} {}", key.first, key.second), requests.latency));
  }
  section.headline = fmt::format("{} on {}, {}; {}", count_text(seen.all.count, "request"),
                                 count_text(devices.size(), "device"), format_size(seen.all.bytes),
                                 percentiles_text(seen.all.latency.percentiles()));
  return {};
}

}  // namespace

Result<> fill_block_io(Source& source, Section& section) {
  IG_ASSIGN(const auto* schema,
            source.view("profile_blockio", {"device", "operation_raw", "cmd_flags_raw", "count",
                                            "errors", "bytes_raw", "longest_raw", "latency"}));
  if (schema != nullptr) IG_TRY(add_latencies(source, section, *schema));
  IG_ASSIGN(auto users, top_disk_users(source));
  if (!users) return {};
  if (section.headline.empty() && !users->rows.empty()) section.headline = "no latency recorded";
  section.blocks.emplace_back(std::move(*users));
  return {};
}

}  // namespace ig::report
