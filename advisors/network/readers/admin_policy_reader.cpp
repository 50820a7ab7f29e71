// SPDX-License-Identifier: Apache-2.0
// policy.networking.k8s.io: AdminNetworkPolicy and BaselineAdminNetworkPolicy of v1alpha1, and
// ClusterNetworkPolicy of v1alpha2, which replaces both.
#include <fmt/format.h>

#include "advisors/network/readers/policy_dialects.h"

namespace ig {
namespace {

// Two forms of one thing.
struct Form {
  bool cluster = false;   // ClusterNetworkPolicy
  bool baseline = false;  // a tier without Pass in v1alpha1
};

SelectedPods read_namespaced_pods(const PolicyNode& node) {
  PolicyFields fields(node);
  SelectedPods selected;
  selected.namespaces = LabelSelector{};
  if (const auto namespaces = fields.find("namespaceSelector")) {
    selected.namespaces = read_label_selector(*namespaces);
  }
  selected.pods = read_label_selector(fields.need("podSelector"));
  fields.no_more();
  return selected;
}

void read_subject(Policy& policy, const PolicyNode& node) {
  PolicyFields fields(node);
  const auto namespaces = fields.find("namespaces");
  const auto pods = fields.find("pods");
  fields.no_more();
  if (namespaces.has_value() == pods.has_value()) node.refuse("needs one of namespaces and pods");
  if (namespaces) {
    policy.namespaces = read_label_selector(*namespaces);
  } else {
    auto selected = read_namespaced_pods(*pods);
    policy.namespaces = std::move(selected.namespaces);
    policy.pods = std::move(selected.pods);
  }
}

// Blocks and names are several peers.
std::vector<PeerRule> read_peers(const PolicyNode& node, bool egress) {
  PolicyFields fields(node);
  std::vector<PeerRule> peers;
  if (const auto namespaces = fields.find("namespaces")) {
    peers.emplace_back().namespaces = read_label_selector(*namespaces);
  }
  if (const auto pods = fields.find("pods")) {
    auto selected = read_namespaced_pods(*pods);
    auto& peer = peers.emplace_back();
    peer.namespaces = std::move(selected.namespaces);
    peer.pods = std::move(selected.pods);
  }
  std::size_t kinds = peers.size();
  if (const auto nodes = egress ? fields.find("nodes") : std::nullopt) {
    peers.emplace_back().nodes = read_label_selector(*nodes);
    ++kinds;
  }
  if (const auto networks = egress ? fields.find("networks") : std::nullopt) {
    for (const auto& item : networks->items()) {
      peers.emplace_back().block = IpBlock{read_cidr(item), {}};
    }
    ++kinds;
  }
  if (const auto names = egress ? fields.find("domainNames") : std::nullopt) {
    peers.emplace_back().fqdns = names->texts();
    ++kinds;
  }
  fields.no_more();
  if (kinds != 1 || peers.empty()) node.refuse("must name one kind of peer");
  return peers;
}

void read_range(PortRule& rule, const PolicyNode& node) {
  PolicyFields fields(node);
  const auto end = fields.need("end");
  rule.port = read_port_number(fields.need("start"));
  rule.end_port = read_port_number(end);
  if (rule.end_port < std::get<std::uint16_t>(rule.port)) end.refuse("is below start");
}

// v1alpha1: portNumber, portRange or namedPort.
PortRule read_admin_port(const PolicyNode& node) {
  PolicyFields fields(node);
  PortRule rule;
  const auto number = fields.find("portNumber");
  const auto range = fields.find("portRange");
  const auto name = fields.find("namedPort");
  fields.no_more();
  if (number.has_value() + range.has_value() + name.has_value() != 1) {
    node.refuse("needs one of portNumber, portRange and namedPort");
  }
  if (name) {
    rule.protocol.clear();  // that of the container's port
    rule.port = read_port_name(*name);
    return rule;
  }
  PolicyFields part(number ? *number : *range);
  if (const auto protocol = part.find("protocol")) {
    rule.protocol = protocol->text_of({"TCP", "UDP", "SCTP"});
  }
  if (number) {
    rule.port = read_port_number(part.need("port"));
  } else {
    part.pass_over({"start", "end"});
    read_range(rule, *range);
  }
  part.no_more();
  return rule;
}

// v1alpha2: tcp, udp, sctp or destinationNamedPort.
PortRule read_cluster_protocol(const PolicyNode& node) {
  const auto entries = node.entries();
  if (entries.size() != 1) node.refuse("must name one protocol");
  const auto& [protocol, value] = entries.front();
  PortRule rule;
  if (protocol == "destinationNamedPort") {
    rule.protocol.clear();
    rule.port = read_port_name(value);
    return rule;
  }
  rule.protocol = protocol == "tcp" ? "TCP" : protocol == "udp" ? "UDP" : "SCTP";
  if (rule.protocol == "SCTP" && protocol != "sctp") node.refuse(protocol + " is not known here");
  PolicyFields fields(value);
  if (const auto port = fields.find("destinationPort")) {
    PolicyFields choice(*port);
    const auto number = choice.find("number");
    const auto range = choice.find("range");
    choice.no_more();
    if (number.has_value() == range.has_value()) port->refuse("needs one of number and range");
    if (number) rule.port = read_port_number(*number);
    if (range) read_range(rule, *range);
  }
  fields.no_more();
  return rule;
}

PolicyAction read_action(const PolicyNode& node, const Form& form) {
  const auto word = form.cluster    ? node.text_of({"Accept", "Deny", "Pass"})
                    : form.baseline ? node.text_of({"Allow", "Deny"})
                                    : node.text_of({"Allow", "Deny", "Pass"});
  return word == "Deny"   ? PolicyAction::kDeny
         : word == "Pass" ? PolicyAction::kPass
                          : PolicyAction::kAllow;
}

std::vector<PolicyRule> read_rules(PolicyFields& spec, bool egress, const Form& form) {
  std::vector<PolicyRule> rules;
  for (const auto& item : spec.items(egress ? "egress" : "ingress")) {
    PolicyFields fields(item);
    PolicyRule rule;
    rule.name = fields.text("name");
    rule.action = read_action(fields.need("action"), form);
    for (const auto& peer : fields.need(egress ? "to" : "from").items()) {
      for (auto& one : read_peers(peer, egress)) rule.peers.push_back(std::move(one));
    }
    if (rule.peers.empty()) item.refuse("it names no peers");
    for (const auto& port : fields.items(form.cluster ? "protocols" : "ports")) {
      rule.ports.push_back(form.cluster ? read_cluster_protocol(port) : read_admin_port(port));
    }
    fields.no_more();
    rules.push_back(std::move(rule));
  }
  return rules;
}

}  // namespace

std::vector<Policy> read_admin_policy(const PolicyHead& head, PolicyFields& document) {
  auto policy = start_policy(head, "admin");
  const auto spec_node = document.need("spec");
  PolicyFields spec(spec_node);
  Form form{.cluster = head.kind == "ClusterNetworkPolicy",
            .baseline = head.kind == "BaselineAdminNetworkPolicy"};
  if (form.cluster) form.baseline = spec.need("tier").text_of({"Admin", "Baseline"}) == "Baseline";
  policy.tier = form.baseline ? PolicyTier::kBaseline : PolicyTier::kAdmin;
  if (form.cluster || !form.baseline) {
    policy.order = static_cast<double>(spec.need("priority").number(0, 1000));
  }
  read_subject(policy, spec.need("subject"));
  policy.ingress = read_rules(spec, false, form);
  policy.egress = read_rules(spec, true, form);
  policy.is_ingress = !policy.ingress.empty();
  policy.is_egress = !policy.egress.empty();
  spec.no_more();
  document.pass_over({"status"});
  return {std::move(policy)};
}

}  // namespace ig
