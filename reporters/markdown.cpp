// SPDX-License-Identifier: Apache-2.0
#include "reporters/markdown.h"

#include "advisors/advice_text.h"

namespace ig {

std::string markdown_code(std::string_view text) {
  if (text.empty()) return "";
  std::string safe;
  for (const char character : one_line(text)) {
    if (character == '`') {
      safe += "\\x60";
    } else {
      if (character == '|') safe += '\\';  // would end the cell
      safe += character;
    }
  }
  return '`' + safe + '`';
}

}  // namespace ig
