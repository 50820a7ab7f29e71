// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <unistd.h>

#include <cstdio>
#include <string>

#include "base/text.h"

namespace ig::log {
namespace {

Level lowest_level = Level::kInfo;
std::string current_progress;

void wipe_progress() {
  if (!current_progress.empty()) std::fputs("\r\x1b[K", stderr);
}

void print_line(std::string_view prefix, std::string_view message) {
  wipe_progress();
  // What is printed may hold recorded strings, so control characters never reach the terminal.
  // Not fmt::print, which throws where stderr is closed or full.
  std::fputs(fmt::format("{}{}\n", prefix, escape_control(message)).c_str(), stderr);
  if (!current_progress.empty()) std::fputs(current_progress.c_str(), stderr);
  std::fflush(stderr);
}

}  // namespace

void set_level(Level lowest) { lowest_level = lowest; }

void write(Level level, std::string_view message) {
  if (level < lowest_level) return;
  switch (level) {
    case Level::kDebug:
      return print_line("debug: ", message);
    case Level::kInfo:
      return print_line("", message);
    case Level::kWarning:
      return print_line("warning: ", message);
    case Level::kError:
      return print_line("error: ", message);
  }
}

void error(const Error& error) {
  write(Level::kError, error.message);
  if (!error.hint.empty()) print_line("hint: ", error.hint);
}

bool stderr_is_terminal() { return isatty(STDERR_FILENO) != 0; }

void progress(std::string_view text) {
  if (!stderr_is_terminal()) return;
  wipe_progress();
  current_progress = text;
  std::fputs(current_progress.c_str(), stderr);
  std::fflush(stderr);
}

}  // namespace ig::log
