// SPDX-License-Identifier: Apache-2.0
// NetworkPolicy of networking.k8s.io/v1.
#include <fmt/format.h>

#include "advisors/network/writers/policy_writer.h"
#include "base/yaml.h"

namespace ig {
namespace {

std::string peer_lines(const PeerRule& peer) {
  if (peer.block) {
    std::string out = fmt::format("        - ipBlock:\n            cidr: {}\n",
                                  yaml_scalar(peer.block->network.text()));
    if (peer.block->except.empty()) return out;
    out += "            except:\n";
    for (const IpNetwork& except : peer.block->except) {
      out += fmt::format("              - {}\n", yaml_scalar(except.text()));
    }
    return out;
  }
  std::string out;
  const auto part = [&](const char* name, const std::optional<LabelSelector>& selector) {
    if (!selector) return;
    const char* lead = out.empty() ? "        - " : "          ";
    out += selector->empty()
               ? fmt::format("{}{}: {{}}\n", lead, name)
               : fmt::format("{}{}:\n{}", lead, name, selector_lines(*selector, "            "));
  };
  part("podSelector", peer.pods);
  part("namespaceSelector", peer.namespaces);
  return out;
}

std::string port_lines(const PortRule& port) {
  std::string out = fmt::format("        - protocol: {}\n", yaml_scalar(port.protocol));
  if (const auto* number = std::get_if<std::uint16_t>(&port.port)) {
    out += fmt::format("          port: {}{}\n", *number, end_comment(port.comment));
  } else if (const auto* name = std::get_if<std::string>(&port.port)) {
    out += fmt::format("          port: {}{}\n", yaml_scalar(*name), end_comment(port.comment));
  }
  if (port.end_port != 0) out += fmt::format("          endPort: {}\n", port.end_port);
  return out;
}

std::string rule_lines(const std::vector<PolicyRule>& rules, const char* direction,
                       const char* peer_key) {
  if (rules.empty()) return "";
  std::string out = fmt::format("  {}:\n", direction);
  for (const PolicyRule& rule : rules) {
    out += rule_comments(rule, "    ");
    out += fmt::format("    - {}:\n", peer_key);
    for (const PeerRule& peer : rule.peers) out += peer_lines(peer);
    out += "      ports:\n";
    for (const PortRule& port : rule.ports) out += port_lines(port);
  }
  return out;
}

}  // namespace

std::string write_kubernetes_policy(const Policy& policy) {
  if (policy.ingress.empty() && policy.egress.empty()) return "";
  std::string out = document_head(policy, "networking.k8s.io/v1");
  out += "spec:\n  podSelector:\n" + selector_lines(policy.pods, "    ");
  // A direction without evidence is left alone: an empty one would cut it off.
  out += "  policyTypes:\n";
  if (!policy.ingress.empty()) out += "    - Ingress\n";
  if (!policy.egress.empty()) out += "    - Egress\n";
  return out + rule_lines(policy.ingress, "ingress", "from") +
         rule_lines(policy.egress, "egress", "to");
}

}  // namespace ig
