// SPDX-License-Identifier: Apache-2.0
// Calico's selectors: `app == 'x' && has(y) || !(z in {'a','b'})`, all(), global(), contains,
// starts with, ends with. A selector becomes label selectors of which one must hold.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/inventory.h"

namespace ig {

// All requirements hold.
struct CalicoTerm {
  std::vector<LabelRequirement> requirements;
  // global() stands in it: it is about what has no namespace, so about no pod.
  bool global = false;
};

// One of the terms holds; none = never. The empty selector is all().
Result<std::vector<CalicoTerm>> parse_calico_selector(std::string_view text);

}  // namespace ig
