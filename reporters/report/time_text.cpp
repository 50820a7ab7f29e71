// SPDX-License-Identifier: Apache-2.0
// What changes with time: rates as bars of block characters, latencies as a map of shades.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "base/clock.h"
#include "base/text.h"
#include "reporters/display_text.h"
#include "reporters/report/report_text.h"

namespace ig {
namespace {

using namespace report;

constexpr std::array kBars = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr std::array kShades = {" ", "░", "▒", "▓", "█"};

// Something is never drawn as nothing.
template <std::size_t size>
const char* step(const std::array<const char*, size>& steps, std::uint64_t count,
                 std::uint64_t most) {
  if (count == 0 || most == 0) return steps[0];
  const auto share = static_cast<double>(count) / static_cast<double>(most);
  const auto index = static_cast<std::size_t>(share * static_cast<double>(size - 1) + 0.5);
  return steps[std::clamp<std::size_t>(index, 1, size - 1)];
}

std::string slice_words(std::int64_t from_ns, std::int64_t to_ns, std::size_t slices) {
  const auto length =
      (to_ns - from_ns) / static_cast<std::int64_t>(std::max<std::size_t>(slices, 1));
  return fmt::format("a column is {}, from {}", format_duration(std::chrono::nanoseconds(length)),
                     format_time_precise(from_ns).substr(11, 12));
}

std::string slot_label(std::size_t slot) {
  const auto us = std::int64_t{1} << std::min<std::size_t>(slot, 50);
  return slot == 0 ? "0" : format_duration(std::chrono::nanoseconds(us * 1000));
}

}  // namespace

std::string timeline_text(const Timeline& timeline, const Style& style) {
  if (timeline.series.empty()) return {};
  std::size_t width = 0;
  for (const auto& one : timeline.series) width = std::max(width, display_width(one.name));
  auto out =
      fmt::format("{} ({})\n", style.bold(timeline.title),
                  slice_words(timeline.from_ns, timeline.to_ns, timeline.series[0].counts.size()));
  for (const auto& one : timeline.series) {
    const auto most = *std::ranges::max_element(one.counts);
    std::uint64_t all = 0;
    std::string bars;
    for (const auto count : one.counts) {
      all += count;
      bars += step(kBars, count, most);
    }
    out += cut_line(fmt::format("  {:<{}}  {:>12}  {}", printable(one.name), width,
                                format_count(all), bars),
                    style) +
           '\n';
  }
  return out;
}

std::string heat_map_text(const HeatMap& map, const Style& style) {
  std::size_t first = 64, slots = 0;
  std::uint64_t most = 0;
  for (const auto& slice : map.slices) {
    for (std::size_t slot = 0; slot < slice.size(); ++slot) {
      if (slice[slot] == 0) continue;
      first = std::min(first, slot);
      slots = std::max(slots, slot + 1);
      most = std::max(most, slice[slot]);
    }
  }
  if (most == 0) return {};
  auto out = fmt::format("{} ({})\n", style.bold(printable(map.title)),
                         slice_words(map.from_ns, map.to_ns, map.slices.size()));
  for (auto slot = slots; slot-- > first;) {
    std::string shades;
    for (const auto& slice : map.slices) {
      shades += step(kShades, slot < slice.size() ? slice[slot] : 0, most);
    }
    out += cut_line(fmt::format("  {:>9} |{}|", slot_label(slot), shades), style) + '\n';
  }
  return out;
}

}  // namespace ig
