// SPDX-License-Identifier: Apache-2.0
#include "store/inventory_history.h"

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

namespace ig {
namespace {

using nlohmann::json;

bool has_no_address(const InventoryRow& row) { return row.addresses == "[]"; }

// Whether `earlier` is only what `later` was before it had an address.
bool is_becoming(const InventoryRow& earlier, const InventoryRow& later) {
  return earlier.key.kind == "Pod" && has_no_address(earlier) && !has_no_address(later);
}

// A pod whose containers are gone may lose its addresses; it had them nevertheless.
bool is_remains(const InventoryRow& earlier, const InventoryRow& later) {
  return earlier.key.kind == "Pod" && !has_no_address(earlier) && has_no_address(later) &&
         earlier.labels == later.labels;
}

std::string united(const std::string& one, const std::string& other) {
  if (one == other) return one;
  std::set<std::string> all;
  for (const auto& cell : {one, other}) {
    const auto list = json::parse(cell, nullptr, false);
    if (!list.is_array()) continue;
    for (const auto& item : list) {
      if (item.is_string()) all.insert(item.get<std::string>());
    }
  }
  return json(all).dump(-1, ' ', false, json::error_handler_t::replace);
}

// Makes one of two neighbours, if they tell the same; `later` is what goes.
bool absorb(InventoryRow& earlier, const InventoryRow& later) {
  if (is_becoming(earlier, later)) {
    const auto containers = united(earlier.containers, later.containers);
    earlier = later;
    earlier.containers = containers;
    return true;
  }
  if (!earlier.is_like(later) && !is_remains(earlier, later)) return false;
  if (!has_no_address(later) || has_no_address(earlier)) {
    earlier.valid.from_ns = std::min(earlier.valid.from_ns, later.valid.from_ns);
  }
  earlier.containers = united(earlier.containers, later.containers);
  return true;
}

void absorb_neighbours(std::vector<InventoryRow>& states) {
  for (std::size_t i = 1; i < states.size();) {
    if (absorb(states[i - 1], states[i])) {
      states.erase(states.begin() + static_cast<std::ptrdiff_t>(i));
    } else {
      ++i;
    }
  }
}

bool has_own_addresses(const InventoryRow& row) {
  return row.key.kind == "Pod" && !row.key.kube_namespace.empty() &&
         row.spec.find(R"("hostNetwork":true)") == std::string::npos;
}

// The lives of objects that had something one after the other: a name, or an address.
struct Life {
  std::int64_t from_ns;
  std::size_t last_row;  // index of its last state
  auto operator<=>(const Life&) const = default;
};
using Lives = std::map<std::vector<std::string>, std::vector<Life>>;

void end_before_the_next(Lives& lives, std::vector<InventoryRow>& rows) {
  for (auto& [what, of] : lives) {
    std::ranges::sort(of);
    for (std::size_t i = 1; i < of.size(); ++i) {
      auto& valid = rows[of[i - 1].last_row].valid;
      if (of[i - 1].last_row == of[i].last_row) continue;
      valid.to_ns = std::min(valid.to_ns, std::max(valid.from_ns, of[i].from_ns - 1));
    }
  }
}

// What a younger object has, the older one had no more.
void end_by_successors(std::vector<InventoryRow>& rows) {
  Lives names, addresses;
  for (std::size_t i = 0, first = 0; i < rows.size(); ++i) {
    if (i + 1 < rows.size() && rows[i + 1].key == rows[i].key) continue;
    const auto& row = rows[i];
    const Life life{rows[first].valid.from_ns, i};
    first = i + 1;
    names[{row.key.kind, row.key.kube_namespace, row.key.name}].push_back(life);
    if (!has_own_addresses(row)) continue;
    const auto list = json::parse(row.addresses, nullptr, false);
    if (!list.is_array()) continue;
    for (const auto& one : list) {
      if (one.is_string()) addresses[{one.get<std::string>()}].push_back(life);
    }
  }
  end_before_the_next(names, rows);
  end_before_the_next(addresses, rows);
}

}  // namespace

void InventoryHistory::take_stored(std::vector<InventoryRow> rows) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const bool is_last = i + 1 == rows.size() || rows[i + 1].key != rows[i].key;
    // A state that another one followed does not say when its object ended.
    if (!is_last) rows[i].valid.to_ns = Validity::kOpenEnd;
    take(std::move(rows[i]));
  }
}

void InventoryHistory::take(InventoryRow row) {
  if (states_ >= kMostRows) {
    ++left_out_;
    return;
  }
  Object& object = objects_[row.key];
  const auto before = object.states.size();
  object.end_ns = std::min(object.end_ns, row.valid.to_ns);
  row.valid.to_ns = Validity::kOpenEnd;
  const auto at = std::ranges::upper_bound(object.states, row.seen_ns, {}, &InventoryRow::seen_ns);
  object.states.insert(at, std::move(row));
  absorb_neighbours(object.states);
  states_ += object.states.size() - before;
}

void InventoryHistory::end(const InventoryKey& key, std::int64_t at_ns) {
  const auto found = objects_.find(key);
  if (found == objects_.end()) return;
  found->second.end_ns = std::min(found->second.end_ns, at_ns);
}

void InventoryHistory::append(const Object& object, std::vector<InventoryRow>& rows) {
  const auto begin = std::ranges::min(object.states, {}, [](const InventoryRow& row) {
                       return row.valid.from_ns;
                     }).valid.from_ns;
  for (std::size_t i = 0; i < object.states.size(); ++i) {
    InventoryRow row = object.states[i];
    row.valid.from_ns = i == 0 ? begin : std::max(begin, row.seen_ns);
    row.valid.to_ns = object.end_ns;
    if (i + 1 < object.states.size()) {
      row.valid.to_ns = std::min(object.end_ns, object.states[i + 1].seen_ns - 1);
    } else if (i == 0) {
      row.valid.to_ns = std::max(row.valid.to_ns, begin);  // two clocks may disagree
    }
    if (row.valid.from_ns <= row.valid.to_ns) rows.push_back(std::move(row));
  }
}

std::vector<InventoryRow> InventoryHistory::rows() const {
  std::vector<InventoryRow> rows;
  for (const auto& [key, object] : objects_) append(object, rows);
  end_by_successors(rows);
  return rows;
}

std::vector<InventoryKey> InventoryHistory::living() const {
  std::vector<InventoryKey> keys;
  for (const auto& [key, object] : objects_) {
    if (object.end_ns == Validity::kOpenEnd) keys.push_back(key);
  }
  return keys;
}

}  // namespace ig
