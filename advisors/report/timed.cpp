// SPDX-License-Identifier: Apache-2.0
#include "advisors/report/timed.h"

#include <algorithm>
#include <bit>

namespace ig::report {

HeatMapMaker::HeatMapMaker(const Source& source, std::string title)
    : source_(source),
      map_{std::move(title), "usecs", source.from_ns(), source.to_ns(),
           std::vector<std::vector<std::uint64_t>>(source.question().slices)} {}

void HeatMapMaker::add(std::int64_t time_ns, std::int64_t latency_ns) {
  const auto us = static_cast<std::uint64_t>(std::max<std::int64_t>(latency_ns, 0)) / 1000;
  const auto slot = us < 2 ? 0 : static_cast<std::size_t>(std::bit_width(us) - 1);
  auto& slots = map_.slices[source_.slice_of(time_ns)];
  if (slots.size() <= slot) slots.resize(slot + 1);
  ++slots[slot];
}

Table timed_table(std::string title, const std::string& key, const std::string& count_key,
                  const Named<Timed>& rows, std::uint64_t left_out) {
  Table table{std::move(title), {{key}, {count_key, Unit::kCount}}, {}, left_out};
  add_latency_columns(table.columns);
  for (const auto& [name, timed] : rows) {
    std::vector<Cell> row = {name, cell(timed.tally.count)};
    add_latency_cells(row, timed.latency);
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table tally_table(std::string title, const std::string& key, const std::string& count_key,
                  const Named<Tally>& rows, std::uint64_t left_out, bool with_failed) {
  Table table{std::move(title), {{key}, {count_key, Unit::kCount}}, {}, left_out};
  if (with_failed) table.columns.push_back({"failed", Unit::kCount});
  for (const auto& [name, tally] : rows) {
    table.rows.push_back({name, cell(tally.count)});
    if (with_failed) table.rows.back().push_back(cell(tally.failed));
  }
  return table;
}

}  // namespace ig::report
