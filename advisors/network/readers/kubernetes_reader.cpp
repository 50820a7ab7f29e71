// SPDX-License-Identifier: Apache-2.0
// NetworkPolicy of networking.k8s.io/v1, with the API server's defaults: policyTypes, TCP where no
// protocol is written, everybody where `from` or `to` is missing or empty.
#include <fmt/format.h>

#include <algorithm>

#include "advisors/network/readers/policy_dialects.h"

namespace ig {
namespace {

IpBlock read_block(const PolicyNode& node) {
  PolicyFields fields(node);
  IpBlock block{read_cidr(fields.need("cidr")), {}};
  for (const auto& item : fields.items("except")) {
    const auto except = read_cidr(item);
    if (!block.network.contains(except) || except.length() == block.network.length()) {
      item.refuse(fmt::format("{} is not a part of {}", except.text(), block.network.text()));
    }
    block.except.push_back(except);
  }
  fields.no_more();
  return block;
}

PeerRule read_peer(const PolicyNode& node) {
  PolicyFields fields(node);
  PeerRule peer;
  if (const auto pods = fields.find("podSelector")) peer.pods = read_label_selector(*pods);
  if (const auto namespaces = fields.find("namespaceSelector")) {
    peer.namespaces = read_label_selector(*namespaces);
  }
  if (const auto block = fields.find("ipBlock")) {
    if (peer.pods || peer.namespaces) node.refuse("an ipBlock stands alone");
    peer.block = read_block(*block);
  }
  fields.no_more();
  if (!peer.pods && !peer.namespaces && !peer.block) node.refuse("it names no peer");
  return peer;
}

PortRule read_port(const PolicyNode& node) {
  PolicyFields fields(node);
  PortRule rule;
  if (const auto protocol = fields.find("protocol")) {
    rule.protocol = protocol->text_of({"TCP", "UDP", "SCTP"});
  }
  const auto port = fields.find("port");
  if (port && port->is_number()) rule.port = read_port_number(*port);
  if (port && !port->is_number()) rule.port = read_port_name(*port);
  if (const auto end = fields.find("endPort")) {
    if (!port || !port->is_number()) end->refuse("needs a port that is a number");
    rule.end_port = read_port_number(*end);
    if (rule.end_port < std::get<std::uint16_t>(rule.port)) end->refuse("is below port");
  }
  fields.no_more();
  return rule;
}

std::vector<PolicyRule> read_rules(PolicyFields& spec, const char* direction, const char* peers) {
  std::vector<PolicyRule> rules;
  for (const auto& item : spec.items(direction)) {
    PolicyFields fields(item);
    PolicyRule rule;
    for (const auto& peer : fields.items(peers)) rule.peers.push_back(read_peer(peer));
    for (const auto& port : fields.items("ports")) rule.ports.push_back(read_port(port));
    fields.no_more();
    rules.push_back(std::move(rule));
  }
  return rules;
}

// "If no policyTypes are specified on a NetworkPolicy then by default Ingress will always be set
// and Egress will be set if the NetworkPolicy has any egress rules."
void read_types(Policy& policy, PolicyFields& spec) {
  const auto types = spec.find("policyTypes");
  if (!types || types->is_empty()) {
    policy.is_ingress = true;
    policy.is_egress = !policy.egress.empty();
    return;
  }
  for (const auto& item : types->items()) {
    (item.text_of({"Ingress", "Egress"}) == "Ingress" ? policy.is_ingress : policy.is_egress) =
        true;
  }
}

void drop_rules_without_type(Policy& policy) {
  const auto drop = [&](bool counts, std::vector<PolicyRule>& rules, const char* type) {
    if (counts || rules.empty()) return;
    policy.caveats.push_back(fmt::format("its {} rules do nothing: policyTypes does not have {}",
                                         type[0] == 'I' ? "ingress" : "egress", type));
    rules.clear();
  };
  drop(policy.is_ingress, policy.ingress, "Ingress");
  drop(policy.is_egress, policy.egress, "Egress");
}

}  // namespace

void read_kubernetes_spec(Policy& policy, PolicyFields& spec) {
  if (const auto pods = spec.find("podSelector")) policy.pods = read_label_selector(*pods);
  policy.ingress = read_rules(spec, "ingress", "from");
  policy.egress = read_rules(spec, "egress", "to");
  read_types(policy, spec);
  drop_rules_without_type(policy);
  policy.order = 1000;  // as Calico counts, where it enforces them among its own
}

std::vector<Policy> read_kubernetes_policy(const PolicyHead& head, PolicyFields& document) {
  auto policy = start_policy(head, "kubernetes");
  take_namespace(policy, head);
  PolicyFields spec(document.need("spec"));
  read_kubernetes_spec(policy, spec);
  spec.no_more();
  document.pass_over({"status"});
  return {std::move(policy)};
}

}  // namespace ig
