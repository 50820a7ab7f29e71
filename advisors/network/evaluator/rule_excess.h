// SPDX-License-Identifier: Apache-2.0
// How much of what a rule admits was used.
#pragma once

#include <span>

#include "advisors/network/evaluator/verify_network.h"

namespace ig {

// `matched`: the established flows that it matches. `pods`: of the inventory.
RuleExcess excess_of(const Policy& policy, const PolicyRule& rule, bool egress,
                     std::span<const Traffic* const> matched, std::span<const TrafficEnd> pods);

}  // namespace ig
