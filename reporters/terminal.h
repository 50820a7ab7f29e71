// SPDX-License-Identifier: Apache-2.0
// What is known of the place where output goes: how wide it is and whether it may be emphasised.
// A pipe or a file is neither cut nor coloured.
#pragma once

#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>

#include "base/result.h"

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

// Writes; a failure stays in the stream until flush_output() tells of it. (fmt::print throws.)
void put(std::FILE* out, std::string_view text);
Result<> flush_output(std::FILE* out);

}  // namespace ig
