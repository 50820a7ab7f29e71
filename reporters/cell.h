// SPDX-License-Identifier: Apache-2.0
// One cell of an event as a person or a machine reads it: numbers with a meaning become names.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>

#include "store/event_schema.h"
#include "store/value.h"

namespace ig {

// For a person: not yet escaped (TextTable and the printers do that).
std::string cell_text(const EventSchema& schema, std::size_t column, std::span<const Value> row);
// For a machine: numbers stay numbers where they are amounts, names where they are codes.
nlohmann::ordered_json cell_json(const EventSchema& schema, std::size_t column,
                                 std::span<const Value> row);

// Text that is not UTF-8 cannot be in JSON; it becomes U+FFFD. Nothing but ASCII is written, so
// that a recorded string cannot steer a terminal.
std::string json_line(const nlohmann::ordered_json& json);
std::string json_document(const nlohmann::ordered_json& json);  // indented

}  // namespace ig
