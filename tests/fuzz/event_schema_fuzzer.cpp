// SPDX-License-Identifier: Apache-2.0
// What a session file says of its own tables: refused, or written and read again as the same, and
// fit to make tables of.
#include <cstdint>

#include "store/data_source_ddl.h"
#include "store/event_schema.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto schema = ig::EventSchema::from_json({reinterpret_cast<const char*>(data), size});
  if (!schema) return 0;
  const auto json = schema->to_json();
  const auto again = ig::EventSchema::from_json(json);
  if (!again || again->to_json() != json) __builtin_trap();
  for (const auto& column : schema->columns) {
    static_cast<void>(ig::enum_text(*schema, column, INT64_MIN));
  }
  return 0;
}
