// SPDX-License-Identifier: Apache-2.0
// A NetworkDiff for its readers: people, pull requests, programs, code hosts.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "advisors/network/evaluator/diff_network.h"
#include "reporters/terminal.h"

namespace ig {

struct NetworkDiffReport {
  NetworkDiff diff;
  std::string before, after;                 // as they were given
  std::map<std::string, std::string> texts;  // of files, in which lines are found
};

// "2 added, 1 removed"; "no difference".
std::string summary_text(const NetworkDiff& diff);

std::string network_diff_text(const NetworkDiffReport& report, const Style& style);
std::string network_diff_markdown(const NetworkDiffReport& report);
nlohmann::ordered_json network_diff_json(const NetworkDiffReport& report);
nlohmann::ordered_json network_diff_sarif(const NetworkDiffReport& report,
                                          std::string_view version);

}  // namespace ig
