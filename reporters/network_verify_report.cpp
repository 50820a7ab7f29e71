// SPDX-License-Identifier: Apache-2.0
#include "reporters/network_verify_report.h"

#include <fmt/format.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "advisors/advice_text.h"
#include "base/clock.h"
#include "base/text.h"
#include "reporters/cell.h"
#include "reporters/text_table.h"

namespace ig {
namespace {

using nlohmann::ordered_json;

std::string port_text(const Traffic& traffic) {
  if (traffic.protocol.starts_with("ICMP")) return traffic.protocol;
  auto text = fmt::format("{} {}", traffic.protocol, traffic.port);
  if (traffic.dialed_port != 0 && traffic.dialed_port != traffic.port) {
    text += fmt::format(" (dialed {})", traffic.dialed_port);
  }
  return text;
}

// Of a denial, what denied; else both ends.
std::string decided_text(const PolicyVerdict& verdict) {
  std::vector<std::string> parts;
  for (const bool egress : {true, false}) {
    const auto& decision = egress ? verdict.egress : verdict.ingress;
    if (!verdict.allowed() && decision.allowed) continue;
    if (auto text = decision_text(decision, egress); !text.empty())
      parts.push_back(std::move(text));
  }
  return join(parts, "; ");
}

bool is_listed(const JudgedTraffic& judged) {
  return judged.verdict == FlowVerdict::kDenied || judged.verdict == FlowVerdict::kUndecided ||
         judged.staged != judged.verdict;
}

std::string verdict_text(const JudgedTraffic& judged) {
  std::string text = to_string(judged.verdict);
  if (judged.staged != judged.verdict)
    text += fmt::format(" (staged: {})", to_string(judged.staged));
  return text;
}

std::string because_text(const JudgedTraffic& judged) {
  if (judged.staged == judged.verdict) return judged.because;
  auto staged = decided_text(judged.staged_decided);
  staged = "staged: " + (staged.empty() ? "no policy has a say" : staged);
  return judged.because.empty() ? staged : judged.because + "; " + staged;
}

// 16,777,214; 2^64 where digits say nothing.
std::string amount_text(long double amount) {
  if (amount < 1e15L) return format_count(static_cast<std::uint64_t>(amount));
  return fmt::format("2^{:.0f}", std::log2(amount));
}

std::string peers_text(const RuleExcess& excess) {
  if (excess.everybody) return "everybody";
  std::vector<std::string> parts;
  if (excess.pods > 0)
    parts.push_back(fmt::format("{} of {} pods", excess.unused_pods, excess.pods));
  if (excess.addresses > 0) {
    parts.push_back(fmt::format("{} of {} addresses", amount_text(excess.unused_addresses),
                                amount_text(excess.addresses)));
  }
  if (excess.names > 0) {
    parts.push_back(fmt::format("{} of {} names", excess.unused_names, excess.names));
  }
  return parts.empty() ? "nobody known" : join(parts, ", ");
}

// What is a little less than all is not all.
std::string share_text(double share, bool used) {
  if (used && share > 0.9995) return ">99.9%";
  return fmt::format("{:.1f}%", share * 100);
}

std::size_t unused_rules(const NetworkVerification& result) {
  return static_cast<std::size_t>(std::ranges::count(result.rules, 0U, &RuleUse::flows));
}

ordered_json end_json(const TrafficEnd& end) {
  ordered_json out = {{"text", end_text(end)}};
  if (end.address) out["address"] = end.address->text();
  if (!end.kube_namespace.empty()) out["namespace"] = end.kube_namespace;
  if (!end.pod.empty()) out["pod"] = end.pod;
  if (!end.owner.kind.empty()) out["owner"] = end.owner.kind + '/' + end.owner.name;
  if (!end.node.empty()) out["node"] = end.node;
  if (!end.service.empty()) out["service"] = end.service;
  if (!end.names.empty()) out["names"] = end.names;
  return out;
}

ordered_json decision_json(const PolicyDecision& decision, bool egress) {
  ordered_json out = {{"allowed", decision.allowed}};
  if (decision.policy) {
    out["policy"] = policy_text(*decision.policy);
    out["source"] = decision.policy->source;
    const auto rule = rule_text(decision, egress);
    out["rule"] = rule.empty() ? ordered_json() : ordered_json(rule);
  }
  if (!decision.undecided_because.empty()) out["undecided_because"] = decision.undecided_because;
  return out;
}

ordered_json flow_json(const JudgedTraffic& judged) {
  const Traffic& traffic = judged.traffic;
  ordered_json out = {{"verdict", to_string(judged.verdict)},
                      {"source", end_json(traffic.source)},
                      {"destination", end_json(traffic.destination)},
                      {"protocol", traffic.protocol},
                      {"port", traffic.port}};
  if (traffic.dialed_port != 0) out["dialed_port"] = traffic.dialed_port;
  out["egress"] = decision_json(judged.decided.egress, true);
  out["ingress"] = decision_json(judged.decided.ingress, false);
  if (!judged.because.empty()) out["because"] = judged.because;
  if (judged.staged != judged.verdict) out["staged_verdict"] = to_string(judged.staged);
  out["count"] = traffic.count;
  out["first"] = format_time(traffic.first_ns);
  out["last"] = format_time(traffic.last_ns);
  out["processes"] = traffic.processes;
  out["recordings"] = traffic.recordings;
  return out;
}

ordered_json rule_json(const RuleUse& use) {
  ordered_json out = {{"policy", policy_text(*use.policy)},
                      {"source", use.policy->source},
                      {"direction", use.egress ? "egress" : "ingress"},
                      {"rule", rule_text(use.egress, use.index, use.rule())},
                      {"flows", use.flows},
                      {"count", use.count}};
  if (use.rule().action != PolicyAction::kAllow) {
    out["action"] = use.rule().action == PolicyAction::kDeny ? "deny" : "pass";
    return out;
  }
  const RuleExcess& excess = use.excess;
  out["action"] = "allow";
  out["everybody"] = excess.everybody;
  out["pods"] = {{"admitted", excess.pods}, {"unused", excess.unused_pods}};
  out["owners"] = {{"admitted", excess.owners}, {"unused", excess.unused_owners}};
  out["addresses"] = {{"admitted", static_cast<double>(excess.addresses)},
                      {"unused", static_cast<double>(excess.unused_addresses)}};
  out["names"] = {{"admitted", excess.names}, {"unused", excess.unused_names}};
  out["ports"] = {{"admitted", excess.ports}, {"unused", excess.unused_ports}};
  out["over_permission"] = excess.share;
  return out;
}

}  // namespace

std::string network_flows_table(const NetworkVerifyReport& report, bool all, const Style& style) {
  TextTable table({{"VERDICT"},
                   {"SOURCE"},
                   {"DESTINATION"},
                   {"PORT"},
                   {"COUNT", Align::kRight},
                   {"DECIDED BY", Align::kLeft, true},
                   {"BECAUSE", Align::kLeft, true},
                   {"FIRST"},
                   {"LAST"},
                   {"PROCESS", Align::kLeft, true}});
  for (const auto verdict : {FlowVerdict::kDenied, FlowVerdict::kUndecided,
                             FlowVerdict::kAllowedHere, FlowVerdict::kAllowed}) {
    for (const auto& judged : report.result.flows) {
      if (judged.verdict != verdict || !(all || is_listed(judged))) continue;
      const Traffic& traffic = judged.traffic;
      table.add({verdict_text(judged), end_text(traffic.source), end_text(traffic.destination),
                 port_text(traffic), format_count(traffic.count), decided_text(judged.decided),
                 because_text(judged), format_time(traffic.first_ns), format_time(traffic.last_ns),
                 join(traffic.processes, ", ")});
    }
  }
  return table.empty() ? "" : table.render(style);
}

std::string network_rules_table(const NetworkVerifyReport& report, const Style& style) {
  TextTable table({{"POLICY"},
                   {"RULE"},
                   {"FLOWS", Align::kRight},
                   {"COUNT", Align::kRight},
                   {"PEERS NEVER SEEN"},
                   {"PORTS NEVER SEEN"},
                   {"OVER-PERMISSION", Align::kRight}});
  for (const auto& use : report.result.rules) {
    const bool allows = use.rule().action == PolicyAction::kAllow;
    table.add({policy_text(*use.policy), rule_text(use.egress, use.index, use.rule()),
               format_count(use.flows), format_count(use.count),
               allows ? peers_text(use.excess) : "",
               allows ? fmt::format("{} of {}", format_count(use.excess.unused_ports),
                                    format_count(use.excess.ports))
                      : "",
               allows ? share_text(use.excess.share, use.flows > 0) : ""});
  }
  return table.empty() ? "" : table.render(style);
}

std::string network_verify_json(const NetworkVerifyReport& report) {
  const NetworkVerification& result = report.result;
  ordered_json out = {{"policy_files", report.policy_files},
                      {"sessions", report.sessions},
                      {"policies", report.policies}};
  out["checked"] = result.flows.size();
  out["failed_flows_not_checked"] = result.failed;
  for (const auto& [name, verdict] :
       {std::pair("denied", FlowVerdict::kDenied), std::pair("undecided", FlowVerdict::kUndecided),
        std::pair("allowed_at_known_end", FlowVerdict::kAllowedHere),
        std::pair("allowed", FlowVerdict::kAllowed)}) {
    out["summary"][name] = result.count(verdict);
  }
  out["over_permission"] =
      result.over_permission < 0 ? ordered_json() : ordered_json(result.over_permission);
  out["flows"] = ordered_json::array();
  for (const auto& judged : result.flows) out["flows"].push_back(flow_json(judged));
  out["rules"] = ordered_json::array();
  for (const auto& use : result.rules) out["rules"].push_back(rule_json(use));
  out["idle_policies"] = ordered_json::array();
  for (const auto* policy : result.idle_policies) {
    out["idle_policies"].push_back(policy_text(*policy));
  }
  out["caveats"] = report.caveats;
  return json_document(out);
}

std::vector<std::string> network_verify_warnings(const NetworkVerifyReport& report) {
  auto lines = report.caveats;
  std::map<std::string, std::size_t> half_known;
  for (const auto& judged : report.result.flows) {
    if (judged.verdict == FlowVerdict::kAllowedHere) ++half_known[judged.because];
  }
  for (const auto& [because, count] : half_known) {
    lines.push_back(fmt::format("{}: policies of the other end were not asked: {}",
                                count_text(count, "flow"), because));
  }
  for (const auto* policy : report.result.idle_policies) {
    lines.push_back(fmt::format("{} selects no end of a recorded flow", policy_text(*policy)));
  }
  return lines;
}

std::string over_permission_text(const NetworkVerification& result) {
  if (result.over_permission < 0) return "";
  return fmt::format(
      "over-permission {}: of what a rule admits (peers times ports), so much was "
      "not used, on average; {} of {} rules were never used",
      share_text(result.over_permission, result.over_permission < 1), unused_rules(result),
      result.rules.size());
}

}  // namespace ig
