// SPDX-License-Identifier: Apache-2.0
#include "advisors/advisor.h"

namespace ig {

std::string AdviceRequest::option(const std::string& name) const {
  const auto found = options.find(name);
  return found == options.end() ? std::string() : found->second;
}

const AdvisorInfo* find_advisor(std::string_view name) {
  for (const AdvisorInfo* advisor : advisors()) {
    if (advisor->name == name) return advisor;
  }
  return nullptr;
}

}  // namespace ig
