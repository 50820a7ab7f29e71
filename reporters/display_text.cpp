// SPDX-License-Identifier: Apache-2.0
#include "reporters/display_text.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/text.h"
#include "base/utf8.h"

namespace ig {
namespace {

struct Range {
  char32_t first, last;
};

// Unicode 15: what takes two columns (East Asian Width W and F, in blocks), and what takes none.
constexpr std::array kWide = {
    Range{0x1100, 0x115F},   Range{0x231A, 0x231B},   Range{0x23E9, 0x23EC},
    Range{0x2614, 0x2615},   Range{0x26A1, 0x26A1},   Range{0x2705, 0x2705},
    Range{0x274C, 0x274C},   Range{0x2E80, 0x303E},   Range{0x3041, 0xA4CF},
    Range{0xA960, 0xA97F},   Range{0xAC00, 0xD7A3},   Range{0xF900, 0xFAFF},
    Range{0xFE30, 0xFE6F},   Range{0xFF00, 0xFF60},   Range{0xFFE0, 0xFFE6},
    Range{0x1B000, 0x1B2FF}, Range{0x1F300, 0x1F64F}, Range{0x1F680, 0x1F6FF},
    Range{0x1F900, 0x1F9FF}, Range{0x20000, 0x3FFFD}};
constexpr std::array kInvisible = {
    Range{0x0300, 0x036F}, Range{0x0483, 0x0489}, Range{0x0591, 0x05BD}, Range{0x064B, 0x065F},
    Range{0x1AB0, 0x1AFF}, Range{0x1DC0, 0x1DFF}, Range{0x200B, 0x200D}, Range{0x20D0, 0x20FF},
    Range{0xFE00, 0xFE0F}, Range{0xFE20, 0xFE2F}, Range{0xFEFF, 0xFEFF}, Range{0xE0100, 0xE01EF}};

bool in(std::span<const Range> ranges, char32_t c) {
  return std::ranges::any_of(ranges, [c](Range r) { return c >= r.first && c <= r.last; });
}

std::size_t columns_of(char32_t code) {
  if (code < 0x300) return 1;
  if (in(kInvisible, code)) return 0;
  return in(kWide, code) ? 2 : 1;
}

}  // namespace

std::string printable(std::string_view text) { return escape_control(text); }

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const auto [code, length] = first_character(text);
    width += columns_of(code);
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return width;
}

std::string fit(std::string_view text, std::size_t width, Align align) {
  const auto whole = display_width(text);
  if (whole <= width) {
    const std::string blanks(width - whole, ' ');
    return align == Align::kRight ? blanks + std::string(text) : std::string(text) + blanks;
  }
  if (width == 0) return {};
  std::string out;
  std::size_t used = 1;  // the ellipsis
  while (!text.empty()) {
    const auto [code, length] = first_character(text);
    const auto columns = columns_of(code);
    if (used + columns > width) break;
    const auto bytes = std::max<std::size_t>(length, 1);
    out += text.substr(0, bytes);
    text.remove_prefix(bytes);
    used += columns;
  }
  return out + "…" + std::string(width - used, ' ');
}

}  // namespace ig
