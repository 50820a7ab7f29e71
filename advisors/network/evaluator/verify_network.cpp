// SPDX-License-Identifier: Apache-2.0
#include "advisors/network/evaluator/verify_network.h"

#include <fmt/format.h>

#include <algorithm>

#include "advisors/advice_text.h"
#include "advisors/network/evaluator/policy_match.h"
#include "advisors/network/evaluator/rule_excess.h"

namespace ig {
namespace {

bool is_decided(const PolicyDecision& decision) { return decision.undecided_because.empty(); }

// Nothing that the recording shows is undecided: only what lies at an end that it knows nothing of.
bool is_open_elsewhere(const Traffic& traffic, const PolicyVerdict& verdict) {
  const bool source = !is_decided(verdict.egress), destination = !is_decided(verdict.ingress);
  return !(source && (traffic.seen_at_source || !is_open(traffic.source))) &&
         !(destination && (traffic.seen_at_destination || !is_open(traffic.destination)));
}

// Who had the address, or where the flow went, was one of several.
std::string doubt_of(const Traffic& traffic) {
  if (traffic.count_shared) return "it may have gone to another pod of the same service";
  for (const auto* end : {&traffic.source, &traffic.destination}) {
    if (!end->doubt.empty()) return fmt::format("its address was also that of {}", end->doubt);
  }
  return "";
}

FlowVerdict classify(const Traffic& traffic, const PolicyVerdict& verdict, std::string& because) {
  if (!verdict.allowed()) {
    because = doubt_of(traffic);
    return because.empty() ? FlowVerdict::kDenied : FlowVerdict::kUndecided;
  }
  if (is_decided(verdict.egress) && is_decided(verdict.ingress)) return FlowVerdict::kAllowed;
  because = is_decided(verdict.egress) ? verdict.ingress.undecided_because
                                       : verdict.egress.undecided_because;
  return is_open_elsewhere(traffic, verdict) ? FlowVerdict::kAllowedHere : FlowVerdict::kUndecided;
}

JudgedTraffic judge(const PolicyEvaluator& evaluator, const PolicyEvaluator* staged,
                    const Traffic& traffic) {
  JudgedTraffic judged;
  judged.traffic = traffic;
  judged.decided = evaluator.judge(traffic);
  judged.verdict = judged.staged = classify(traffic, judged.decided, judged.because);
  if (!staged) return judged;
  std::string ignored;
  judged.staged_decided = staged->judge(traffic);
  judged.staged = classify(traffic, judged.staged_decided, ignored);
  return judged;
}

// Every rule, with the flows that it matches: not only those that it decides, since another rule
// may allow the same.
RuleUse use_of(const Policy& policy, bool egress, std::size_t index,
               std::span<const Traffic> traffic, std::span<const TrafficEnd> pods) {
  RuleUse use{.policy = &policy, .egress = egress, .index = index, .excess = {}};
  std::vector<const Traffic*> matched;
  for (const auto& flow : traffic) {
    if (!flow.error.empty()) continue;
    const auto& own = egress ? flow.source : flow.destination;
    if ((selects(policy, own) && matches_rule(policy, use.rule(), egress, flow)).is_no()) continue;
    matched.push_back(&flow);
    use.count += flow.count;
  }
  use.flows = matched.size();
  if (use.rule().action == PolicyAction::kAllow) {
    use.excess = excess_of(policy, use.rule(), egress, matched, pods);
  }
  return use;
}

bool selects_nobody(const Policy& policy, std::span<const Traffic> traffic) {
  return std::ranges::none_of(traffic, [&](const Traffic& flow) {
    return selects(policy, flow.source).is_yes() || selects(policy, flow.destination).is_yes();
  });
}

double mean_share(const std::vector<RuleUse>& rules) {
  double sum = 0;
  std::size_t count = 0;
  for (const auto& use : rules) {
    if (use.rule().action != PolicyAction::kAllow || use.policy->is_staged) continue;
    sum += use.excess.share;
    ++count;
  }
  return count == 0 ? -1 : sum / static_cast<double>(count);
}

}  // namespace

const char* to_string(FlowVerdict verdict) {
  switch (verdict) {
    case FlowVerdict::kAllowed:
      return "allowed";
    case FlowVerdict::kAllowedHere:
      return "allowed at the known end";
    case FlowVerdict::kUndecided:
      return "undecided";
    case FlowVerdict::kDenied:
      return "denied";
  }
  return "";
}

std::size_t NetworkVerification::count(FlowVerdict verdict) const {
  return static_cast<std::size_t>(std::ranges::count(flows, verdict, &JudgedTraffic::verdict));
}

NetworkVerification verify_network(std::span<const Policy> policies,
                                   std::span<const Traffic> traffic,
                                   std::span<const TrafficEnd> pods) {
  NetworkVerification result;
  result.has_staged = std::ranges::any_of(policies, &Policy::is_staged);
  const PolicyEvaluator evaluator(policies);
  const PolicyEvaluator staged(policies, {.with_staged = true});
  for (const auto& flow : traffic) {
    if (!flow.error.empty()) {
      ++result.failed;
      continue;
    }
    result.flows.push_back(judge(evaluator, result.has_staged ? &staged : nullptr, flow));
  }
  for (const auto& policy : policies) {
    if (selects_nobody(policy, traffic)) result.idle_policies.push_back(&policy);
    for (const bool egress : {false, true}) {
      const auto& rules = egress ? policy.egress : policy.ingress;
      for (std::size_t i = 0; i < rules.size(); ++i) {
        result.rules.push_back(use_of(policy, egress, i, traffic, pods));
      }
    }
  }
  result.over_permission = mean_share(result.rules);
  return result;
}

std::string policy_text(const Policy& policy) {
  return one_line(fmt::format("{} {}{}{}", policy.kind, policy.kube_namespace,
                              policy.kube_namespace.empty() ? "" : "/", policy.name));
}

std::string rule_text(bool egress, std::size_t index, const PolicyRule& rule) {
  const auto& name = rule.name.empty() ? rule.block : rule.name;
  const auto place = rule.place.empty()
                         ? fmt::format("{} rule {}", egress ? "egress" : "ingress", index + 1)
                         : rule.place;
  return one_line(place + (name.empty() ? "" : " (" + name + ")"));
}

std::string rule_text(const PolicyDecision& decision, bool egress) {
  if (!decision.rule) return "";
  const auto& rules = egress ? decision.policy->egress : decision.policy->ingress;
  return rule_text(egress, static_cast<std::size_t>(decision.rule - rules.data()), *decision.rule);
}

std::string decision_text(const PolicyDecision& decision, bool egress) {
  if (!decision.policy) return "";
  auto rule = rule_text(decision, egress);
  if (rule.empty()) rule = fmt::format("no {} rule", egress ? "egress" : "ingress");
  return fmt::format("{}, {}", policy_text(*decision.policy), rule);
}

}  // namespace ig
