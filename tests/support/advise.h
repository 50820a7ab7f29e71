// SPDX-License-Identifier: Apache-2.0
// Asking an advisor as the command line does: with the defaults of its options filled in.
#pragma once

#include <initializer_list>
#include <string_view>
#include <vector>

#include "advisors/advisor.h"

namespace ig::test {

inline Result<std::vector<Advice>> advise(std::string_view advisor,
                                          std::initializer_list<SessionReader*> sessions,
                                          AdviceRequest request = {}) {
  const auto* info = find_advisor(advisor);
  for (const auto& option : info->options) {
    request.options.try_emplace(std::string(option.name), option.default_value);
  }
  std::vector<Recording> recordings;
  for (auto* session : sessions) {
    recordings.push_back({session, "recording-" + std::to_string(recordings.size() + 1) + ".db"});
  }
  return info->advise(recordings, request);
}

}  // namespace ig::test
