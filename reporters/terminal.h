// SPDX-License-Identifier: Apache-2.0
// What is known of the place where output goes: how wide it is and whether it may be emphasised.
// A pipe or a file is neither cut nor coloured.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ig {

std::size_t terminal_width(int fd);  // 0 = not a terminal

// How text is shown in one place.
struct Style {
  std::size_t width = 0;  // 0 = as wide as the text is
  bool emphasis = false;  // bold headings; never in a pipe, nor where NO_COLOR is set

  static Style of(int fd);
  std::string bold(std::string_view text) const;
  std::string dim(std::string_view text) const;
};

}  // namespace ig
