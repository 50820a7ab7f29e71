// SPDX-License-Identifier: Apache-2.0
// The words about commands: `ig help`, `ig COMMAND --help` and docs/commands.md, all made from the
// table of commands and their Syntax.
#pragma once

#include <string>
#include <string_view>

#include "cli/options.h"

namespace ig {

// "ig record [options] [-- COMMAND...]"
std::string usage_line(std::string_view command, const Syntax& syntax);
// All of `ig COMMAND --help`, wrapped to `width` columns.
std::string help_text(std::string_view command, std::string_view summary, const Syntax& syntax,
                      std::size_t width);
// `ig help`, and `ig session` for the commands that start with a word.
std::string overview();
std::string group_overview(std::string_view word);
// docs/commands.md.
std::string commands_markdown();
// The terminal's width, within what reads well.
std::size_t help_width();

}  // namespace ig
