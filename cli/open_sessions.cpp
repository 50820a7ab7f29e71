// SPDX-License-Identifier: Apache-2.0
#include "cli/open_sessions.h"

#include <filesystem>

namespace ig {

Result<OpenSessions> OpenSessions::open(const std::vector<std::string>& paths) {
  OpenSessions opened;
  for (const auto& path : paths) {
    for (const auto& before : opened.recordings_) {
      std::error_code ignored;
      if (!std::filesystem::equivalent(path, before.name, ignored)) continue;
      return fail(ErrorCode::kUsage, path + " is given twice", "name each recording once");
    }
    IG_ASSIGN(auto session, open_session(path));
    opened.recordings_.push_back({session.get(), path});
    opened.sessions_.push_back(std::move(session));
  }
  return opened;
}

}  // namespace ig
