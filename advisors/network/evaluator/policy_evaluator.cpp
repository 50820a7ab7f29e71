// SPDX-License-Identifier: Apache-2.0
#include "advisors/network/evaluator/policy_evaluator.h"

#include <algorithm>
#include <optional>
#include <tuple>

#include "advisors/network/evaluator/policy_match.h"

namespace ig {
namespace {

using Kind = TrafficEnd::Kind;

// As Calico orders its tiers; the others' fall in with it.
double tier_order(const Policy& policy) {
  if (policy.tier_order) return *policy.tier_order;
  switch (policy.tier) {
    case PolicyTier::kAdmin:
      return 1000;
    case PolicyTier::kNamespace:
      return 1'000'000;
    case PolicyTier::kBaseline:
      return 10'000'000;
  }
  return 0;
}

// Calico: the same order is asked by name.
bool is_asked_before(const Policy* one, const Policy* other) {
  return std::tuple(tier_order(*one), one->order, one->name, one->kube_namespace) <
         std::tuple(tier_order(*other), other->order, other->name, other->kube_namespace);
}

// What is asked one after the other in one tier. In Cilium every rule that denies wins, whatever
// policy it is in.
struct Question {
  const Policy* policy;
  const PolicyRule* rule;
};

std::vector<Question> questions(std::span<const Policy* const> tier, bool egress) {
  std::vector<Question> denials, others;
  for (const Policy* policy : tier) {
    for (const auto& rule : egress ? policy->egress : policy->ingress) {
      const bool first = policy->dialect == "cilium" && rule.action == PolicyAction::kDeny;
      (first ? denials : others).push_back({policy, &rule});
    }
  }
  denials.insert(denials.end(), others.begin(), others.end());
  return denials;
}

bool isolates(const Policy& policy, bool egress) {
  return policy.tier == PolicyTier::kNamespace && (egress ? policy.is_egress : policy.is_ingress);
}

// Asks tier after tier. What may or may not match leaves both ways open: the decision is then the
// same on both, or there is none.
class Inquiry {
 public:
  Inquiry(std::span<const Policy* const> policies, const Traffic& traffic, bool egress)
      : policies_(policies), traffic_(traffic), egress_(egress) {}

  PolicyDecision answer() {
    auto decision = ask_tier(0);
    if (open_because_.empty() || (seen_allowed_ != seen_denied_)) return decision;
    decision.allowed = true;
    decision.undecided_because = open_because_;
    return decision;
  }

 private:
  const TrafficEnd& own() const { return egress_ ? traffic_.source : traffic_.destination; }

  PolicyDecision conclude(PolicyDecision decision) {
    (decision.allowed ? seen_allowed_ : seen_denied_) = true;
    return decision;
  }

  void leave_open(const std::string& because) {
    if (open_because_.empty()) open_because_ = because;
  }

  PolicyDecision ask_tier(std::size_t begin) {
    if (begin == policies_.size()) return conclude({});
    const double order = tier_order(*policies_[begin]);
    auto end = begin;
    while (end < policies_.size() && tier_order(*policies_[end]) == order) ++end;
    const auto tier = policies_.subspan(begin, end - begin);
    for (const auto& question : questions(tier, egress_)) {
      const auto match = selects(*question.policy, own()) &&
                         matches_rule(*question.policy, *question.rule, egress_, traffic_);
      if (match.is_no()) continue;
      const auto decision = take(question, end);
      if (match.is_yes()) return decision;
      leave_open(match.because());
    }
    return ask_isolation(tier, end);
  }

  PolicyDecision take(const Question& question, std::size_t next_tier) {
    if (question.rule->action == PolicyAction::kPass) return ask_tier(next_tier);
    return conclude({.allowed = question.rule->action == PolicyAction::kAllow,
                     .policy = question.policy,
                     .rule = question.rule,
                     .undecided_because = {}});
  }

  // No rule of the tier matches: who is selected is cut off.
  PolicyDecision ask_isolation(std::span<const Policy* const> tier, std::size_t next_tier) {
    for (const Policy* policy : tier) {
      if (!isolates(*policy, egress_)) continue;
      const auto selected = selects(*policy, own());
      if (selected.is_no()) continue;
      if (selected.is_maybe()) leave_open(selected.because());
      const auto decision =
          conclude({.allowed = false, .policy = policy, .rule = nullptr, .undecided_because = {}});
      if (selected.is_yes()) return decision;
    }
    return ask_tier(next_tier);
  }

  std::span<const Policy* const> policies_;
  const Traffic& traffic_;
  bool egress_;
  bool seen_allowed_ = false, seen_denied_ = false;
  std::string open_because_;
};

// "A pod cannot block access to itself." Loopback never gets as far as a policy.
bool stays_within(const Traffic& traffic) {
  const auto &from = traffic.source, &to = traffic.destination;
  if (from.kind == Kind::kLoopback || to.kind == Kind::kLoopback) return true;
  if (from.kind == Kind::kPod && to.kind == Kind::kPod && !from.pod_uid.empty()) {
    return from.pod_uid == to.pod_uid;
  }
  return from.kind == to.kind && from.address && to.address && *from.address == *to.address;
}

bool is_own_node(const TrafficEnd& pod, const TrafficEnd& peer) {
  return pod.kind == Kind::kPod && peer.kind == Kind::kHost && !pod.node.empty() &&
         pod.node == peer.node;
}

bool is_icmp(const Traffic& traffic) { return traffic.protocol.starts_with("ICMP"); }

// The documentation defines TCP, UDP and SCTP: "for other protocols, the behaviour is undefined".
bool says_nothing_of_icmp(const PolicyDecision& decision, const Traffic& traffic) {
  return is_icmp(traffic) && decision.policy != nullptr && decision.policy->dialect == "kubernetes";
}

bool is_same_policy(const Policy& one, const Policy& other) {
  return one.name == other.name && one.kube_namespace == other.kube_namespace &&
         other.kind == "Staged" + one.kind;
}

// What is staged takes the place of the policy of its name.
bool is_replaced(const Policy& policy, std::span<const Policy> all) {
  return std::ranges::any_of(all, [&](const Policy& other) {
    const bool of_kubernetes = other.kind == "StagedKubernetesNetworkPolicy" &&
                               policy.dialect == "kubernetes" && !policy.is_staged &&
                               other.name == policy.name &&
                               other.kube_namespace == policy.kube_namespace;
    return other.is_staged && (is_same_policy(policy, other) || of_kubernetes);
  });
}

}  // namespace

PolicyEvaluator::PolicyEvaluator(std::span<const Policy> policies,
                                 const EvaluatorOptions& options) {
  for (const Policy& policy : policies) {
    if (policy.is_staged ? !options.with_staged || policy.is_removal
                         : options.with_staged && is_replaced(policy, policies)) {
      continue;
    }
    policies_.push_back(&policy);
  }
  std::ranges::stable_sort(policies_, is_asked_before);
}

PolicyDecision PolicyEvaluator::decide(const Traffic& traffic, bool egress) const {
  const auto& own = egress ? traffic.source : traffic.destination;
  const auto& peer = egress ? traffic.destination : traffic.source;
  const bool own_node = is_own_node(own, peer);
  // What the kubelet asks of its pods passes whatever a policy says.
  if (own_node && !egress) return {};
  auto decision = Inquiry(policies_, traffic, egress).answer();
  const bool denied = !decision.allowed || !decision.undecided_because.empty();
  if (own_node && denied && decision.policy && decision.policy->dialect == "kubernetes") return {};
  if (says_nothing_of_icmp(decision, traffic)) {
    decision.allowed = true;
    decision.undecided_because = "what a NetworkPolicy does to ICMP is undefined";
  }
  return decision;
}

PolicyVerdict PolicyEvaluator::judge(const Traffic& traffic) const {
  if (stays_within(traffic)) return {};
  return {decide(traffic, true), decide(traffic, false)};
}

}  // namespace ig
