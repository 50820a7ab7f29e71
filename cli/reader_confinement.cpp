// SPDX-License-Identifier: Apache-2.0
#include "cli/reader_confinement.h"

#include <cstdlib>
#include <filesystem>

#include "base/capabilities.h"
#include "base/landlock.h"
#include "base/log.h"

namespace ig {
namespace {

namespace fs = std::filesystem;

fs::path folder_of(const std::string& file) { return fs::absolute(file).parent_path(); }

bool is_path(const Arguments& arguments, std::string_view option, std::string_view value_name) {
  const auto* found = arguments.syntax().find(option);
  return found != nullptr && found->value_name == value_name && arguments.has(option);
}

// Those that are missing are made, so the nearest that is there counts.
fs::path existing(fs::path folder) {
  std::error_code ignored;
  while (!fs::exists(folder, ignored) && folder.has_relative_path()) folder = folder.parent_path();
  return folder;
}

// Where SQLite puts what it sorts (sqlite.org/tempfiles.html), and copies of sessions go.
std::vector<std::string> temporary_folders() {
  std::error_code ignored;
  std::vector<std::string> folders{fs::temp_directory_path(ignored), "/var/tmp", "/usr/tmp"};
  if (const char* named = std::getenv("SQLITE_TMPDIR")) folders.emplace_back(named);
  return folders;
}

std::vector<std::string> folders_to_change(const Arguments& arguments) {
  std::error_code ignored;
  auto folders = temporary_folders();
  if (is_path(arguments, "output", "FILE")) folders.push_back(folder_of(arguments.text("output")));
  if (is_path(arguments, "output-dir", "DIR")) {
    folders.push_back(existing(fs::absolute(arguments.text("output-dir"))));
  }
  // SQLite reads a file and its log by way of a third that it makes beside them.
  for (const auto& file : arguments.operands_from(0)) {
    if (fs::is_directory(file, ignored)) folders.push_back(file);
    if (fs::exists(file + "-wal", ignored)) folders.push_back(folder_of(file));
  }
  return folders;
}

}  // namespace

void confine_reader(const Arguments& arguments) {
  const auto tell = [](const Error& error) { log::debug("{}", error.message); };
  if (auto done = change_only_beneath(folders_to_change(arguments)); !done) tell(done.error());
  if (auto done = keep_capabilities({CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH}); !done) {
    tell(done.error());
  }
}

}  // namespace ig
