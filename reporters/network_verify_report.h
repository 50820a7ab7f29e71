// SPDX-License-Identifier: Apache-2.0
// What `ig verify network-policy` found, as tables and as JSON; and who may talk to whom.
#pragma once

#include <string>
#include <vector>

#include "advisors/network/evaluator/connectivity.h"
#include "advisors/network/evaluator/verify_network.h"
#include "reporters/terminal.h"

namespace ig {

struct NetworkVerifyReport {
  std::vector<std::string> policy_files, sessions;
  std::size_t policies = 0;
  NetworkVerification result;
  std::vector<std::string> caveats;  // of policies, sessions and inventories
};

// Flows that would be denied or are undecided; with `all`, all.
std::string network_flows_table(const NetworkVerifyReport& report, bool all, const Style& style);
std::string network_rules_table(const NetworkVerifyReport& report, const Style& style);
std::string network_verify_json(const NetworkVerifyReport& report);
// What a person must know beside the denials; none of it changes the exit status.
std::vector<std::string> network_verify_warnings(const NetworkVerifyReport& report);
// "over-permission 37%: …"; "" where no rule allows anything.
std::string over_permission_text(const NetworkVerification& result);

std::string connectivity_table(const Connectivity& connectivity, const Style& style);
std::string connectivity_json(const Connectivity& connectivity);
std::string connectivity_dot(const Connectivity& connectivity);

}  // namespace ig
