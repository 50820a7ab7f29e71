// SPDX-License-Identifier: Apache-2.0
// Which columns of a data source are shown, and under which names: those that are not hidden, or
// what `--fields` says: a list of names, or +name and -name to change the usual ones. The names
// are those of the session file's views, so that what one sees live can be asked for in SQL.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/event_schema.h"

namespace ig {

// "comm", "pcomm", "endpoint_addr": the column of the view.
std::string column_title(const Column& column);
// Of a process only what one knows it by, and not the time of a line that has just come; the rest
// has to be asked for.
bool usually_shown(const EventSchema& schema, const Column& column);

// The column of any of its names: of the view, of the JSON, of the event struct.
std::optional<std::size_t> find_column(const EventSchema& schema, std::string_view name);
// A number that says how much, not which: it sorts by size and can be added up.
bool is_amount(const Column& column);

// What is shown where --fields names none: a person wants to see little, a program misses nothing.
enum class Usual { kShown, kAll };

// Indexes into schema.columns. Names that the schema does not have are passed over, because a
// gadget may have several data sources; check_fields() finds those that none has.
std::vector<std::size_t> choose_columns(const EventSchema& schema,
                                        const std::vector<std::string>& fields,
                                        Usual usual = Usual::kShown);
Result<> check_fields(const std::vector<EventSchema>& schemas,
                      const std::vector<std::string>& fields);

}  // namespace ig
