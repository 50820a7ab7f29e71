// SPDX-License-Identifier: Apache-2.0
#include "store/stored_tables.h"

namespace ig {

Result<std::vector<StoredTable>> stored_tables(Database& database) {
  std::vector<StoredTable> tables;
  IG_ASSIGN(auto list, database.prepare("SELECT schema FROM data_source ORDER BY view"));
  while (true) {
    IG_ASSIGN(const bool row, list.step());
    if (!row) return tables;
    IG_ASSIGN(EventSchema schema, EventSchema::from_json(list.text(0)));
    IG_ASSIGN(RowLayout layout, row_layout(schema));
    tables.push_back({std::move(schema), std::move(layout)});
  }
}

}  // namespace ig
