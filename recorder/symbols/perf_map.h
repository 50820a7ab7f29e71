// SPDX-License-Identifier: Apache-2.0
// The file /tmp/perf-PID.map, by which a process tells the names of code that it made itself: one
// "ADDRESS SIZE NAME" a line, numbers in hexadecimal. Lines that are not so are passed over.
#pragma once

#include <string_view>

#include "recorder/symbols/symbol_table.h"

namespace ig {

SymbolTable parse_perf_map(std::string_view text);

}  // namespace ig
