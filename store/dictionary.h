// SPDX-License-Identifier: Apache-2.0
// Dictionaries: the names of numbers that no gadget has to explain. They are this machine's: a
// session file takes a copy along (table enum_name), so that it reads the same on another one.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace ig {

using Dictionary = std::map<std::int64_t, std::string>;

// By the names that enum_name knows: "errno", "signal", "open_flags", "protocol".
const std::map<std::string_view, Dictionary>& dictionaries();

// The names of the bits of `value` joined by '|', the rest as 0x…; the name of 0 (or "") for 0.
std::string flag_text(const Dictionary& names, std::int64_t value);

}  // namespace ig
