// SPDX-License-Identifier: Apache-2.0
// The tables inventory and inventory_source: written while a recording runs (by what changed) and
// by ig session enrich (as a whole), and read.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "store/database.h"
#include "store/inventory_row.h"
#include "store/session_edit.h"
#include "store/session_reader.h"

namespace ig {

// What is known of a source besides what its readers are told.
struct InventorySourceRow {
  InventorySource source;
  std::string sha256;
  std::string tool_version;
  std::int64_t added_ns = 0;
};

// What one source changed since it was asked last. Rows of source 0 become its own.
struct InventoryUpdate {
  InventorySourceRow source;
  std::vector<InventoryRow> gone, added;
};

// A source is known by its kind and name: told again it is brought up to date.
Result<> store_update(Database& database, const InventoryUpdate& update);

// Adds rows of further sources to those of a session, as if all had been there from the beginning.
// False: the session has them all, and was left as it is.
struct InventoryAddition {
  InventorySourceRow source;
  std::vector<InventoryRow> rows;
};
Result<bool> add_inventory(SessionEdit& edit, const std::vector<InventoryAddition>& additions);

// Sorted by key and time. Cells of another type than ours become texts of it.
Result<std::vector<InventoryRow>> inventory_rows(Database& database);
// Rows that cannot be read are left out, which their source's caveats say.
Result<Inventory> read_inventory(Database& database);

}  // namespace ig
