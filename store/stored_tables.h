// SPDX-License-Identifier: Apache-2.0
// The tables of gadgets that a session file has, for what goes over all of them without knowing
// any: checking, pruning, anonymizing.
#pragma once

#include <vector>

#include "store/database.h"
#include "store/row_layout.h"

namespace ig {

struct StoredTable {
  EventSchema schema;
  RowLayout layout;

  // Of a column that is a value or a text (RowColumn::column of all but workload_id).
  const Column& column_of(const RowColumn& row) const {
    return schema.columns[static_cast<std::size_t>(row.column)];
  }
};

Result<std::vector<StoredTable>> stored_tables(Database& database);

}  // namespace ig
