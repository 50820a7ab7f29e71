// SPDX-License-Identifier: Apache-2.0
// Proof of network policies, ours or anybody's: every recorded flow is put to them, and every rule
// is asked what it admits that nobody used.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "advisors/network/evaluator/policy_evaluator.h"

namespace ig {

enum class FlowVerdict {
  kAllowed,
  kAllowedHere,  // by the end that is known; nothing is known of the other
  kUndecided,
  kDenied,
};
const char* to_string(FlowVerdict verdict);

struct JudgedTraffic {
  Traffic traffic;
  PolicyVerdict decided;
  FlowVerdict verdict = FlowVerdict::kAllowed;
  std::string because;                         // of kUndecided and kAllowedHere
  FlowVerdict staged = FlowVerdict::kAllowed;  // if what is staged were enforced
  PolicyVerdict staged_decided;
};

// What a rule admits, and how much of it no recorded flow used.
struct RuleExcess {
  std::size_t pods = 0, unused_pods = 0;      // of the inventory, by selectors
  std::size_t owners = 0, unused_owners = 0;  // of those pods
  long double addresses = 0, unused_addresses = 0;
  std::size_t names = 0, unused_names = 0;
  bool everybody = false;
  std::uint64_t ports = 0, unused_ports = 0;
  // 1 - used peers / peers * used ports / ports, from 0 to 1; 1 where it was never used.
  double share = 0;
};

struct RuleUse {
  const Policy* policy = nullptr;
  bool egress = false;
  std::size_t index = 0;  // among the policy's rules of that direction
  std::size_t flows = 0;
  std::uint64_t count = 0;  // connections of them
  RuleExcess excess;        // of rules that allow

  const PolicyRule& rule() const { return (egress ? policy->egress : policy->ingress)[index]; }
};

struct NetworkVerification {
  std::vector<JudgedTraffic> flows;
  std::vector<RuleUse> rules;
  std::vector<const Policy*> idle_policies;  // that select no end of a recorded flow
  std::size_t failed = 0;                    // flows that came to nothing: they need no permission
  bool has_staged = false;
  // The mean of RuleExcess::share over the rules that allow; negative where there are none.
  double over_permission = -1;

  std::size_t count(FlowVerdict verdict) const;
};

// `policies` outlive the result. `pods`: of the inventory.
NetworkVerification verify_network(std::span<const Policy> policies,
                                   std::span<const Traffic> traffic,
                                   std::span<const TrafficEnd> pods);

// "NetworkPolicy shop/web", "egress rule 2 (dns)".
std::string policy_text(const Policy& policy);
std::string rule_text(bool egress, std::size_t index, const PolicyRule& rule);
// Of the rule that decided; "" = none matches.
std::string rule_text(const PolicyDecision& decision, bool egress);
// Where it was decided: "NetworkPolicy shop/web, egress rule 2".
std::string decision_text(const PolicyDecision& decision, bool egress);

}  // namespace ig
