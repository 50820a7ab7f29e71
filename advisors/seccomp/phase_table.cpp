// SPDX-License-Identifier: Apache-2.0
#include "advisors/seccomp/phase_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "advisors/advice_text.h"
#include "base/text.h"

namespace ig {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kPhases = {
    {{"setup", "the runtime's set-up under the filter"},
     {"startup", "start-up"},
     {"steady", "steady state"},
     {"running", "running since before the recording"},
     {"exec_setup", "the runtime's set-up of exec sessions"},
     {"exec", "exec sessions and probes"}}};

bool has(const ObservedCall& call, std::string_view phase) {
  return std::ranges::find(call.phases, phase) != call.phases.end();
}

std::string names_text(const std::vector<std::string>& names) {
  return names.empty() ? "none" : join(names, " ");
}

}  // namespace

std::string phase_table(const ObservedCalls& observed) {
  std::string text;
  for (const auto& [phase, words] : kPhases) {
    std::size_t used = 0;
    std::vector<std::string> only;
    for (const auto& call : observed.calls) {
      if (!has(call, phase)) continue;
      ++used;
      if (call.phases.size() == 1) only.push_back(call.display_name());
    }
    if (used == 0) continue;
    text += fmt::format("{} ({}): {}\n  nowhere else: {}\n", phase, words, count_text(used, "call"),
                        names_text(only));
  }
  std::vector<std::string> dropped;
  for (const auto& call : observed.calls) {
    if (call.only_in({"setup", "startup"})) dropped.push_back(call.display_name());
  }
  const bool has_steady = std::ranges::any_of(
      observed.calls, [](const ObservedCall& call) { return has(call, "steady"); });
  if (has_steady) {
    text += fmt::format("could be dropped after start-up: {}\n", names_text(dropped));
  }
  return text;
}

}  // namespace ig
