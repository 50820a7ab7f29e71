// SPDX-License-Identifier: Apache-2.0
#include "reporters/terminal.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace ig {

std::size_t terminal_width(int fd) {
  winsize size{};
  if (isatty(fd) == 0) return 0;
  if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

Style Style::of(int fd) {
  const auto* no_color = std::getenv("NO_COLOR");
  const auto width = terminal_width(fd);
  return {width, width > 0 && (no_color == nullptr || *no_color == '\0')};
}

std::string Style::bold(std::string_view text) const {
  return emphasis ? fmt::format("\x1b[1m{}\x1b[0m", text) : std::string(text);
}

std::string Style::dim(std::string_view text) const {
  return emphasis ? fmt::format("\x1b[2m{}\x1b[0m", text) : std::string(text);
}

void put(std::FILE* out, std::string_view text) { std::fwrite(text.data(), 1, text.size(), out); }

Result<> flush_output(std::FILE* out) {
  if (std::fflush(out) == 0 && std::ferror(out) == 0) return {};
  // What failed earlier left no errno behind.
  return std::unexpected(system_error(errno == 0 ? EIO : errno, "write the output"));
}

}  // namespace ig
