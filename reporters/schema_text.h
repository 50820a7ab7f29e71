// SPDX-License-Identifier: Apache-2.0
// What a data source delivers, for `ig gadget info`: its table and its fields.
#pragma once

#include <string>
#include <string_view>

#include "reporters/terminal.h"
#include "store/event_schema.h"

namespace ig {

std::string schema_text(const EventSchema& schema, const Style& style);
std::string_view meaning_text(const Column& column);  // "duration", "errno", "text", "number"

}  // namespace ig
