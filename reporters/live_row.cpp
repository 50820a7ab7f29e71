// SPDX-License-Identifier: Apache-2.0
#include "reporters/live_row.h"

#include <fmt/format.h>

#include <cstring>

#include "reporters/column_choice.h"

namespace ig {

LiveRow::LiveRow(const Event& event)
    : workload(event.workload), values(event.values.begin(), event.values.end()) {
  std::size_t size = 0;
  for (const auto& value : values) size += value.text.size();
  texts_.resize(size);
  char* end = texts_.data();
  for (auto& value : values) {
    if (value.text.empty()) continue;
    std::memcpy(end, value.text.data(), value.text.size());
    value.text = {end, value.text.size()};
    end += value.text.size();
  }
}

std::string row_key(const Event& event) {
  std::string key = fmt::format("{:016x}", event.workload);
  for (std::size_t i = 0; i < event.values.size(); ++i) {
    if (!event.schema.columns[i].key) continue;
    const auto& value = event.values[i];
    key += fmt::format(" {:016x}{}", static_cast<std::uint64_t>(value.integer), value.text);
  }
  return key;
}

bool subtract_amounts(const EventSchema& schema, const LiveRow& before, LiveRow& row) {
  bool changed = false;
  for (std::size_t i = 0; i < row.values.size(); ++i) {
    const auto& column = schema.columns[i];
    auto& value = row.values[i];
    const auto& old = before.values[i];
    if (column.key || !is_amount(column) || value.kind != old.kind) continue;
    if (value.integer >= old.integer) value.integer -= old.integer;
    if (value.real >= old.real) value.real -= old.real;
    changed = changed || value.integer != 0 || value.real != 0;
  }
  return changed;
}

}  // namespace ig
