// SPDX-License-Identifier: Apache-2.0
// Words for the person who runs ig: always to stderr, one line each, so that stdout holds facts
// only. A progress line, where one stands, is wiped before a word is printed.
#pragma once

#include <fmt/format.h>

#include <string_view>

#include "base/result.h"

namespace ig::log {

enum class Level { kDebug, kInfo, kWarning, kError };

void set_level(Level lowest);  // what is below stays unsaid; kInfo at the start
void write(Level level, std::string_view message);
void error(const Error& error);  // `error: …` and, if there is one, `hint: …`

// The one line at the bottom of a terminal that is overwritten; empty text removes it.
// Does nothing where stderr is not a terminal.
void progress(std::string_view text);
bool stderr_is_terminal();

template <typename... Args>
void debug(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::kDebug, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::kInfo, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void warning(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::kWarning, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace ig::log
