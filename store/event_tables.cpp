// SPDX-License-Identifier: Apache-2.0
#include "store/event_tables.h"

#include "store/session_queries.h"

namespace ig {

Result<std::vector<EventTable>> event_tables(Database& database) {
  IG_ASSIGN(auto list, database.prepare(queries::kDataSources));
  std::vector<EventTable> tables;
  while (true) {
    IG_ASSIGN(const bool row, list.step());
    if (!row) return tables;
    IG_ASSIGN(EventSchema schema, EventSchema::from_json(list.text(0)));
    IG_ASSIGN(RowLayout layout, row_layout(schema));
    tables.push_back({std::move(schema), std::move(layout)});
  }
}

}  // namespace ig
