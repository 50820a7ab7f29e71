// SPDX-License-Identifier: Apache-2.0
// The SQL of a data source: its table `<view>_rows`, the view `<view>` that shows it as a tool
// would print it (names instead of ids and numbers, ISO times), and the INSERT of a row. Made from
// the EventSchema alone, so that a gadget needs no SQL of its own and a reader can make it again to
// see that a file holds nothing else. Hence the text is part of the file format: it changes only
// together with a migration that makes old views anew.
//
// Every name is quoted, as gadgets and files come from elsewhere.
#pragma once

#include <string>
#include <string_view>

#include "store/event_schema.h"
#include "store/row_layout.h"

namespace ig {

std::string quote_identifier(std::string_view name);  // "a""b"
std::string quote_text(std::string_view text);        // 'it''s'

std::string create_rows_table(const EventSchema& schema, const RowLayout& layout);
std::string create_view(const EventSchema& schema, const RowLayout& layout);
// Parameters in the order of layout.columns, row after row; a keyed row replaces the values of its
// key.
std::string insert_rows(const RowLayout& layout, int rows);

}  // namespace ig
