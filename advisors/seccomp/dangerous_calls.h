// SPDX-License-Identifier: Apache-2.0
// System calls that give a container power over the host or over others on it, or that have often
// been the way out of one: what a reviewer of a profile looks at first.
#pragma once

#include <span>
#include <string_view>

namespace ig {

struct DangerousCall {
  std::string_view name;
  bool grave = false;    // else with an eye to what it is used for
  std::string_view why;  // "loads kernel modules"
};

std::span<const DangerousCall> dangerous_calls();  // by name
const DangerousCall* find_dangerous_call(std::string_view name);

}  // namespace ig
