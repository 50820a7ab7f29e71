// SPDX-License-Identifier: Apache-2.0
// A SeccompDiff for its readers: people, pull requests, programs, code hosts.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "advisors/seccomp/diff_seccomp.h"
#include "reporters/terminal.h"

namespace ig {

struct SeccompDiffReport {
  SeccompDiff diff;
  std::string before, after;  // files as they were given
  bool before_recorded = false, after_recorded = false;
  std::string after_text;  // of a profile: its JSON, in which lines are found
};

// "2 added, 1 narrowed"; "no difference".
std::string summary_text(const SeccompDiff& diff);

std::string seccomp_diff_text(const SeccompDiffReport& report, const Style& style);
std::string seccomp_diff_markdown(const SeccompDiffReport& report);
nlohmann::ordered_json seccomp_diff_json(const SeccompDiffReport& report);
nlohmann::ordered_json seccomp_diff_sarif(const SeccompDiffReport& report,
                                          std::string_view version);

}  // namespace ig
