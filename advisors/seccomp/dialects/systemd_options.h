// SPDX-License-Identifier: Apache-2.0
// The options of a systemd unit, other than SystemCallFilter=, that say something of what a
// profile's conditions on arguments say. One is written only where it denies nothing that the
// profile allows and does deny something that SystemCallFilter= lets pass.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "advisors/seccomp/dialects/call_rules.h"

namespace ig {

struct SystemdOptions {
  std::vector<std::string> lines;  // "LockPersonality=yes"
  std::set<std::string> exact;     // calls whose conditions the lines say in full
};

SystemdOptions systemd_options(const CallRules& rules);

}  // namespace ig
