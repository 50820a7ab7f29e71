// SPDX-License-Identifier: Apache-2.0
// The characters of a text that need not be UTF-8.
#pragma once

#include <cstddef>
#include <string_view>

namespace ig {

struct Utf8Character {
  char32_t code = 0;
  std::size_t length = 0;  // bytes; 0 = what begins here is not UTF-8
};

// Of a text that is not empty.
Utf8Character first_character(std::string_view text);

}  // namespace ig
