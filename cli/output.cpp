// SPDX-License-Identifier: Apache-2.0
#include "cli/output.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "base/handle.h"

namespace ig {

Option output_option() {
  return {"output", "FORMAT", "how to print", 'o', "columns", {"columns", "json"}};
}

bool wants_json(const Arguments& arguments) { return arguments.text("output") == "json"; }

Style stdout_style() { return Style::of(STDOUT_FILENO); }
Style stderr_style() { return Style::of(STDERR_FILENO); }

Result<> write_file(const std::string& path, std::string_view content) {
  const auto draft = fmt::format("{}.{}.tmp", path, getpid());
  const auto deed = fmt::format("write {}", path);
  Handle<std::FILE, std::fclose> file(std::fopen(draft.c_str(), "wxe"));
  if (!file) return std::unexpected(system_error(errno, deed));
  bool written = std::fwrite(content.data(), 1, content.size(), file.get()) == content.size();
  written = std::fclose(file.release()) == 0 && written;
  if (written && std::rename(draft.c_str(), path.c_str()) == 0) return {};
  const auto error = system_error(errno, deed);
  std::remove(draft.c_str());
  return std::unexpected(error);
}

}  // namespace ig
