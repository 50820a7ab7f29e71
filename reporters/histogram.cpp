// SPDX-License-Identifier: Apache-2.0
#include "reporters/histogram.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace ig {
namespace {

constexpr std::size_t kBar = 40, kLeastBar = 8;

}  // namespace

std::vector<std::uint64_t> histogram_slots(std::string_view json) {
  const auto array = nlohmann::json::parse(json, nullptr, false);
  if (!array.is_array() || array.size() > 64) return {};
  std::vector<std::uint64_t> slots;
  for (const auto& slot : array) {
    if (!slot.is_number_integer()) return {};
    slots.push_back(slot.get<std::uint64_t>());
  }
  return slots;
}

std::string histogram_text(std::string_view json, std::string_view unit, std::size_t width) {
  return histogram_text(std::span<const std::uint64_t>(histogram_slots(json)), unit, width);
}

std::string histogram_text(std::span<const std::uint64_t> slots, std::string_view unit,
                           std::size_t width) {
  const auto counted = [](std::uint64_t count) { return count > 0; };
  const auto first = std::ranges::find_if(slots, counted);
  if (first == slots.end()) return "";
  auto last = slots.end();
  while (*std::prev(last) == 0) --last;
  const auto most = std::max<std::uint64_t>(*std::max_element(first, last), 1);
  const auto label = unit.empty() ? std::string_view("value") : unit;
  auto text = fmt::format("{:>23} : {:<8} {}\n", label, "count", "distribution");
  const std::size_t taken = 23 + 3 + 9 + 2;
  const auto bar =
      width == 0 ? kBar : std::clamp(width > taken ? width - taken : 0, kLeastBar, kBar);
  for (auto slot = first; slot != last; ++slot) {
    const auto power = slot - slots.begin();
    const std::uint64_t from = power == 0 ? 0 : std::uint64_t{1} << power;
    const std::uint64_t to = (std::uint64_t{2} << power) - 1;
    const auto length = static_cast<std::size_t>(
        static_cast<double>(*slot) / static_cast<double>(most) * static_cast<double>(bar));
    text += fmt::format("{:>10} -> {:<10}: {:<8} |{:<{}}|\n", from, to, *slot,
                        std::string(length, '*'), bar);
  }
  return text;
}

}  // namespace ig
