// SPDX-License-Identifier: Apache-2.0
// Sums by key: what --by divides a report into, and the tables of the most of something.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "advisors/report/blocks.h"
#include "advisors/report/source.h"
#include "base/result.h"

namespace ig::report {

// How many different keys are told apart; beyond, new ones are counted together.
inline constexpr std::size_t kMostKeys = 1'000'000;

// Measure has merge(const Measure&) and weight().
template <typename Measure>
class Sums {
 public:
  Measure& of(std::int64_t key) {
    if (sums_.size() >= kMostKeys && !sums_.contains(key)) return others_;
    return sums_[key];
  }
  bool empty() const { return sums_.empty(); }
  std::size_t size() const { return sums_.size(); }

  // The heaviest keys, at most `most`; equal ones in the order of the keys.
  std::vector<std::pair<std::int64_t, Measure>> heaviest(std::size_t most) const {
    std::vector<std::pair<std::int64_t, const Measure*>> all;
    all.reserve(sums_.size());
    for (const auto& [key, sum] : sums_) all.emplace_back(key, &sum);
    const auto end = all.begin() + static_cast<std::ptrdiff_t>(std::min(most, all.size()));
    std::partial_sort(all.begin(), end, all.end(), [](const auto& a, const auto& b) {
      return std::pair(b.second->weight(), a.first) < std::pair(a.second->weight(), b.first);
    });
    std::vector<std::pair<std::int64_t, Measure>> top;
    for (auto one = all.begin(); one != end; ++one) top.emplace_back(one->first, *one->second);
    return top;
  }

 private:
  std::unordered_map<std::int64_t, Measure> sums_;
  Measure others_;
};

// What a text stands for, without a copy of it where it is known.
template <typename Value>
Value& entry(std::map<std::string, Value, std::less<>>& map, std::string_view key) {
  const auto found = map.find(key);
  return found == map.end() ? map[std::string(key)] : found->second;
}

template <typename Measure>
using Named = std::vector<std::pair<std::string, Measure>>;

// The heaviest first, cut to `most`; `left_out` becomes the number of the others.
template <typename Measure>
Named<Measure> heaviest_names(const std::map<std::string, Measure>& sums, std::size_t most,
                              std::uint64_t& left_out) {
  Named<Measure> all(sums.begin(), sums.end());
  std::ranges::stable_sort(
      all, [](const auto& a, const auto& b) { return a.second.weight() > b.second.weight(); });
  left_out = all.size() > most ? all.size() - most : 0;
  all.resize(std::min(all.size(), most));
  return all;
}

// The sums of what --by asked for, by its name: by time in its order, else the heaviest first.
template <typename Measure>
Result<Named<Measure>> groups(Source& source, const Sums<Measure>& sums, std::uint64_t& left_out) {
  const bool by_time = source.question().by == By::kTime;
  std::map<std::string, Measure> named;
  for (auto& [id, sum] : sums.heaviest(kMostKeys)) {
    IG_ASSIGN(const auto name, source.group_text(id));
    named[name].merge(sum);
  }
  if (by_time) return Named<Measure>(named.begin(), named.end());
  return heaviest_names(named, source.question().most_rows, left_out);
}

// The long texts of the heaviest ids, equal ones together.
template <typename Measure>
Result<Named<Measure>> heaviest_texts(Source& source, const Sums<Measure>& sums,
                                      std::uint64_t& left_out) {
  constexpr std::size_t kSpare = 8;  // a rare text may have several ids
  const auto most = source.question().most_rows;
  const auto top = sums.heaviest(most * kSpare);
  std::vector<std::int64_t> ids;
  for (const auto& [id, sum] : top) ids.push_back(id);
  IG_ASSIGN(const auto texts, source.paths(ids));
  std::map<std::string, Measure> named;
  for (const auto& [id, sum] : top) {
    const auto text = texts.find(id);
    named[text == texts.end() ? "?" : text->second].merge(sum);
  }
  auto list = heaviest_names(named, most, left_out);
  left_out += sums.size() - top.size();
  return list;
}

// How often, and how often in vain.
struct Tally {
  std::uint64_t count = 0, failed = 0;
  void add(bool in_vain) {
    ++count;
    failed += in_vain ? 1 : 0;
  }
  void merge(const Tally& other) {
    count += other.count;
    failed += other.failed;
  }
  std::uint64_t weight() const { return count; }
};

inline Cell cell(std::uint64_t number) { return static_cast<std::int64_t>(number); }

}  // namespace ig::report
