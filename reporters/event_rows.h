// SPDX-License-Identifier: Apache-2.0
// Rows of a data source as its gadget delivered them: processes and long texts, which the file
// keeps once, are put back in their place, and numbers stay numbers. For what writes a session in
// other people's formats.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "store/session_reader.h"

namespace ig {

// What the gadgets of a session delivered, by view.
Result<std::vector<EventSchema>> event_schemas(SessionReader& session);

// One row: whose it is, and a value for each column of the schema. False ends it.
using OnEventRow = std::function<bool(WorkloadId workload, std::span<const Value> values)>;
Result<> each_event(SessionReader& session, const EventSchema& schema, const OnEventRow& on_row);

}  // namespace ig
