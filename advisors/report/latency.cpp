// SPDX-License-Identifier: Apache-2.0
#include "advisors/report/latency.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <chrono>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/text.h"

namespace ig::report {
namespace {

constexpr int kPrecision = 7;  // bits that a slot keeps of a value
constexpr std::size_t kMostSlots = 64;

// The greatest value of the slot that `ns` falls into.
std::int64_t slot_end(std::int64_t ns) {
  const auto value = static_cast<std::uint64_t>(ns);
  const auto bits = static_cast<int>(std::bit_width(value));
  if (bits <= kPrecision) return ns;
  const auto below = (std::uint64_t{1} << (bits - kPrecision)) - 1;
  return static_cast<std::int64_t>(value | below);
}

std::int64_t power_end(std::size_t slot, std::int64_t unit_ns) {
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  const auto end = std::uint64_t{2} << std::min<std::size_t>(slot, 61);
  const auto limit = static_cast<std::uint64_t>(kMost) / static_cast<std::uint64_t>(unit_ns);
  return end > limit ? kMost : static_cast<std::int64_t>(end) * unit_ns - 1;
}

std::string duration(std::int64_t ns) { return format_duration(std::chrono::nanoseconds(ns)); }

}  // namespace

void Latency::add(std::int64_t ns) {
  ns = std::max<std::int64_t>(ns, 0);
  add(slot_end(ns), 1);
  max_ = std::max(max_, ns);
}

void Latency::add(std::int64_t end, std::uint64_t count) {
  const auto slot = std::ranges::lower_bound(counts_, end, {}, &Slot::end);
  if (slot != counts_.end() && slot->end == end) {
    slot->count += count;
  } else {
    counts_.insert(slot, {end, count});
  }
  count_ += count;
}

void Latency::add_slots(std::string_view json, std::int64_t unit_ns) {
  const auto array = nlohmann::json::parse(json, nullptr, false);
  if (!array.is_array() || array.size() > kMostSlots) return;
  for (std::size_t slot = 0; slot < array.size(); ++slot) {
    if (!array[slot].is_number_unsigned()) continue;
    const auto slot_count = array[slot].get<std::uint64_t>();
    if (slot_count == 0) continue;
    const auto end = power_end(slot, unit_ns);
    add(end, slot_count);
    exact_ = false;
    if (!longest_known_) max_ = std::max(max_, end);
  }
}

void Latency::set_longest(std::int64_t ns) {
  if (!std::exchange(longest_known_, true)) max_ = 0;
  max_ = std::max(max_, ns);
}

void Latency::merge(const Latency& other) {
  for (const auto& [end, slot_count] : other.counts_) add(end, slot_count);
  max_ = std::max(max_, other.max_);
  exact_ = exact_ && other.exact_;
  longest_known_ = longest_known_ || other.longest_known_;
}

std::int64_t Latency::quantile(double share) const {
  const auto wanted = static_cast<double>(count_) * share;
  double seen = 0;
  for (const auto& [end, slot_count] : counts_) {
    seen += static_cast<double>(slot_count);
    if (seen >= wanted) return std::min(end, max_);
  }
  return max_;
}

Percentiles Latency::percentiles() const {
  return {.count = count_,
          .p50 = quantile(0.50),
          .p90 = quantile(0.90),
          .p99 = quantile(0.99),
          .max = max_,
          .at_most = !exact_,
          .max_exact = exact_ || longest_known_};
}

std::vector<std::uint64_t> Latency::slots() const {
  std::vector<std::uint64_t> slots;
  for (const auto& [end, slot_count] : counts_) {
    const auto us = static_cast<std::uint64_t>(end) / 1000;
    const auto slot = us < 2 ? 0 : static_cast<std::size_t>(std::bit_width(us) - 1);
    if (slots.size() <= slot) slots.resize(slot + 1);
    slots[slot] += slot_count;
  }
  return slots;
}

Histogram histogram(std::string title, const Latency& latency) {
  return {std::move(title), "usecs", latency.slots(), latency.percentiles()};
}

void add_latency_columns(std::vector<TableColumn>& columns, bool at_most, bool max_exact) {
  for (const char* key : {"p50", "p90", "p99"}) columns.push_back({key, Unit::kDuration, at_most});
  columns.push_back({"max", Unit::kDuration, at_most && !max_exact});
}

void add_latency_cells(std::vector<Cell>& row, const Latency& latency) {
  const auto p = latency.percentiles();
  for (const auto ns : {p.p50, p.p90, p.p99, p.max}) {
    row.emplace_back();
    if (p.count > 0) row.back() = ns;
  }
}

std::string percentiles_text(const Percentiles& p) {
  const char* bound = p.at_most ? "≤" : "";
  return fmt::format("p50 {0}{1}, p99 {0}{2}, max {3}{4}", bound, duration(p.p50), duration(p.p99),
                     p.max_exact ? "" : bound, duration(p.max));
}

}  // namespace ig::report
