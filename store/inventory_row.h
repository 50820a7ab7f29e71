// SPDX-License-Identifier: Apache-2.0
// InventoryRow: one state of one object as the file has it (schemas/0003_inventory.sql says what
// each column means). Whoever learns of objects makes rows of them; take_row() is the way back, and
// believes nothing that a row says.
#pragma once

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "base/result.h"
#include "store/inventory.h"

namespace ig {

// Which object a row is of.
struct InventoryKey {
  std::string kind, kube_namespace, name, uid;
  auto operator<=>(const InventoryKey&) const = default;
};

struct InventoryRow {
  InventoryKey key;
  Validity valid;
  std::int64_t seen_ns = 0;
  std::int64_t source = 0;  // inventory_source.id; 0 = the one that is being added
  std::string labels = "{}";
  OwnerReference owner;
  std::string addresses = "[]", containers = "[]";
  std::string spec = "{}";

  // Whether both tell the same of an object; containers come and go while it stays what it is.
  bool is_like(const InventoryRow& other) const {
    return std::tie(labels, owner, addresses, spec) ==
           std::tie(other.labels, other.owner, other.addresses, other.spec);
  }
  bool operator==(const InventoryRow&) const = default;
};

// Adds the object to `inventory`; an error where the row is not one that we write.
Result<> take_row(const InventoryRow& row, Inventory& inventory);

}  // namespace ig
