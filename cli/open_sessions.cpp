// SPDX-License-Identifier: Apache-2.0
#include "cli/open_sessions.h"

#include <filesystem>

namespace ig {

Result<OpenSessions> OpenSessions::open(const std::vector<std::string>& paths) {
  OpenSessions opened;
  std::vector<std::string> opened_paths;
  for (const auto& path : paths) {
    for (const auto& before : opened_paths) {
      std::error_code ignored;
      if (!std::filesystem::equivalent(path, before, ignored)) continue;
      return fail(ErrorCode::kUsage, path + " is given twice", "name each recording once");
    }
    opened_paths.push_back(path);
    IG_ASSIGN(auto recordings, open_recordings(path));
    for (auto& one : recordings) {
      IG_ASSIGN(const auto info, one->info());
      const auto name = info.merged_from.empty() ? path : path + '#' + info.merged_from;
      opened.recordings_.push_back({one.get(), name});
      opened.sessions_.push_back(std::move(one));
    }
  }
  return opened;
}

}  // namespace ig
