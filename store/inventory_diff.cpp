// SPDX-License-Identifier: Apache-2.0
#include "store/inventory_diff.h"

#include <tuple>

namespace ig {
namespace {

bool is_before(const InventoryRow& one, const InventoryRow& other) {
  return std::tie(one.key, one.valid.from_ns) < std::tie(other.key, other.valid.from_ns);
}

}  // namespace

InventoryDiff::Change InventoryDiff::to(std::vector<InventoryRow> rows) {
  Change change;
  auto old_row = told_.begin();
  for (const auto& row : rows) {
    for (; old_row != told_.end() && is_before(*old_row, row); ++old_row) {
      change.gone.push_back(*old_row);
    }
    const bool is_known = old_row != told_.end() && !is_before(row, *old_row);
    if (!is_known || *old_row != row) change.added.push_back(row);
    if (is_known) ++old_row;
  }
  change.gone.insert(change.gone.end(), old_row, told_.end());
  told_ = std::move(rows);
  return change;
}

}  // namespace ig
