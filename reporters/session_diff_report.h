// SPDX-License-Identifier: Apache-2.0
// What is new between two sessions, for people, programs and pull requests.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "advisors/session_diff.h"
#include "reporters/terminal.h"

namespace ig {

struct SessionDiffReport {
  SessionDiff diff;
  std::string before, after;  // names of the files
};

std::string summary_text(const SessionDiff& diff);  // "3 new, 1 gone"
std::string session_diff_text(const SessionDiffReport& report, const Style& style);
std::string session_diff_markdown(const SessionDiffReport& report);
nlohmann::ordered_json session_diff_json(const SessionDiffReport& report);

}  // namespace ig
