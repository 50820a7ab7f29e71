// SPDX-License-Identifier: Apache-2.0
// The tables of events that a session has, one for each data source, and how their rows lie.
#pragma once

#include <vector>

#include "base/result.h"
#include "store/database.h"
#include "store/event_schema.h"
#include "store/row_layout.h"

namespace ig {

struct EventTable {
  EventSchema schema;
  RowLayout layout;
};

// By name of their views.
Result<std::vector<EventTable>> event_tables(Database& database);

}  // namespace ig
