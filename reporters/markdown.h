// SPDX-License-Identifier: Apache-2.0
// Text from elsewhere in Markdown.
#pragma once

#include <string>
#include <string_view>

namespace ig {

// In a code span nothing else of Markdown works: no markup, no link, no mention of a person. Fit
// for a cell of a table. "" stays empty.
std::string markdown_code(std::string_view text);

}  // namespace ig
