// SPDX-License-Identifier: Apache-2.0
// Text as a terminal shows it: how many columns it takes, and cutting it to fit. Recorded text is
// anything that a process chose, so what is not UTF-8 and what would steer the terminal is
// escaped before it is measured.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ig {

// Control characters and bytes that are not UTF-8 as \xNN.
std::string printable(std::string_view text);

// Columns on a terminal; `text` is printable.
std::size_t display_width(std::string_view text);

enum class Align { kLeft, kRight };
// Cut (with "…") or filled with blanks to exactly `width` columns.
std::string fit(std::string_view text, std::size_t width, Align align = Align::kLeft);

}  // namespace ig
