// SPDX-License-Identifier: Apache-2.0
// PolicyEvaluator: what a cluster with some policies does to traffic, by the words of the
// Kubernetes documentation (Network Policies) and of the dialects' own.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "advisors/network/policy.h"
#include "advisors/network/traffic.h"

namespace ig {

// Where a policy was asked, and what decided.
struct PolicyDecision {
  bool allowed = true;
  const Policy* policy = nullptr;    // that decided; null: no policy selects this end
  const PolicyRule* rule = nullptr;  // null: selected, and no rule matches
  // Whether it could be decided: not where a name (fqdn) or an end is unknown.
  std::string undecided_because;
};

struct PolicyVerdict {
  PolicyDecision egress;   // at the source
  PolicyDecision ingress;  // at the destination
  bool allowed() const { return egress.allowed && ingress.allowed; }
};

struct EvaluatorOptions {
  bool with_staged = false;  // as if what is staged were enforced
};

class PolicyEvaluator {
 public:
  // `policies` outlive it.
  explicit PolicyEvaluator(std::span<const Policy> policies, const EvaluatorOptions& options = {});
  PolicyVerdict judge(const Traffic& traffic) const;

 private:
  PolicyDecision decide(const Traffic& traffic, bool egress) const;

  std::vector<const Policy*> policies_;  // in the order in which they are asked
};

}  // namespace ig
