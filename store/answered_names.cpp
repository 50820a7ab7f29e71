// SPDX-License-Identifier: Apache-2.0
#include "store/answered_names.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "base/text.h"

namespace ig {
namespace {

struct Key {
  std::int64_t workload, name, addresses;
  bool operator==(const Key&) const = default;
};

struct KeyHash {
  std::size_t operator()(const Key& key) const {
    const auto mix = [](std::uint64_t hash, std::int64_t number) {
      return (hash ^ static_cast<std::uint64_t>(number)) * 0x9e3779b97f4a7c15U;
    };
    const auto hash = mix(mix(mix(0, key.workload), key.name), key.addresses);
    return hash ^ (hash >> 32);
  }
};

Result<std::string> text_of(Statement& text, std::int64_t id) {
  text.reset();
  text.bind(1, id);
  IG_ASSIGN(const bool found, text.step());
  return found ? text.text(0) : "";
}

}  // namespace

Result<AnsweredNames> AnsweredNames::read(Database& database, const std::string& sql) {
  IG_ASSIGN(auto rows, database.prepare(sql));
  std::unordered_map<Key, std::pair<std::int64_t, std::int64_t>, KeyHash> times;
  while (true) {
    IG_ASSIGN(const bool row, rows.step());
    if (!row) break;
    const auto time = rows.integer(3);
    const auto [found, is_new] = times.try_emplace(
        {rows.integer(0), rows.integer(1), rows.integer(2)}, std::pair(time, time));
    auto& [first, last] = found->second;
    first = std::min(first, time);
    last = std::max(last, time);
  }
  AnsweredNames names;
  for (const auto& [key, span] : times) {
    names.answers_[key.workload].push_back({key.name, key.addresses, span.first, span.second});
  }
  return names;
}

Result<std::vector<ResolvedName>> AnsweredNames::of(Database& database, WorkloadId workload) const {
  std::vector<ResolvedName> list;
  const auto found = answers_.find(workload);
  if (found == answers_.end()) return list;
  IG_ASSIGN(auto text, database.prepare("SELECT text FROM path WHERE id = ?"));
  std::map<std::pair<std::string, std::string>, ResolvedName> names;
  for (const Answer& answer : found->second) {
    IG_ASSIGN(auto asked, text_of(text, answer.name));
    IG_ASSIGN(const auto addresses, text_of(text, answer.addresses));
    if (addresses.empty()) continue;
    if (asked.ends_with('.')) asked.pop_back();
    for (const auto address : split(addresses, ',')) {
      const ResolvedName one{asked, std::string(address), answer.first_ns, answer.last_ns};
      auto& name = names.try_emplace({one.name, one.address}, one).first->second;
      name.first_ns = std::min(name.first_ns, one.first_ns);
      name.last_ns = std::max(name.last_ns, one.last_ns);
    }
  }
  for (auto& [key, name] : names) list.push_back(std::move(name));
  return list;
}

}  // namespace ig
