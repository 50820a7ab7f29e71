// SPDX-License-Identifier: Apache-2.0
// Calico: NetworkPolicy, GlobalNetworkPolicy and their staged forms, with the tiers and network
// sets that they name.
#include <fmt/format.h>

#include <charconv>
#include <limits>

#include "advisors/network/readers/calico_peers.h"
#include "advisors/network/readers/policy_dialects.h"

namespace ig {
namespace {

// "Policies without an order are applied last."
constexpr double kLast = std::numeric_limits<double>::max();

class Reader {
 public:
  Reader(Policy& policy, const PolicyContext& context, bool global)
      : policy_(policy), context_(context), peers_(policy, context, global), global_(global) {}

  void read(PolicyFields& spec) {
    read_tier(spec);
    const auto order = spec.find("order");
    policy_.order = order ? order->real() : kLast;
    read_subject(spec);
    policy_.ingress = read_rules(spec, false);
    policy_.egress = read_rules(spec, true);
    read_types(spec);
    read_host_settings(spec);
    spec.pass_over({"performanceHints"});
    spec.no_more();
  }

 private:
  void read_tier(PolicyFields& spec) {
    const auto node = spec.find("tier");
    const auto name = node ? node->text() : "default";
    if (name == "default" || name.empty()) return;
    const auto found = context_.tiers.find(name);
    if (found != context_.tiers.end()) {
      policy_.tier_order = found->second.order;
      passes_ = found->second.passes;
    } else if (name == "adminnetworkpolicy" || name == "kube-admin") {
      policy_.tier_order = 1000;
      passes_ = true;
    } else if (name == "baselineadminnetworkpolicy" || name == "kube-baseline") {
      policy_.tier_order = 10'000'000;
      passes_ = true;
    } else {
      node->refuse(
          fmt::format("the tier {} is not among the documents, so its order is unknown", name));
    }
  }

  void read_subject(PolicyFields& spec) {
    const auto scope = global_ ? spec.find("namespaceSelector") : std::nullopt;
    const auto selector = spec.find("selector");
    const auto terms = selector ? read_calico_selector(*selector) : std::vector<CalicoTerm>{{}};
    const auto scopes = scope ? read_calico_selector(*scope) : std::vector<CalicoTerm>{};
    auto selected = peers_.select(terms, scope ? &scopes : nullptr);
    policy_.unknown = std::move(selected.unknown);
    if (spec.find("serviceAccountSelector")) policy_.unknown = "labels of service accounts";
    take_subjects(std::move(selected.pods));
  }

  void take_subjects(std::vector<SelectedPods> subjects) {
    if (subjects.empty()) {
      policy_.caveats.emplace_back("its selector can match no pod");
      // No label has a key that is empty.
      policy_.pods.expressions.push_back({"", "Exists", {}});
      return;
    }
    policy_.namespaces = std::move(subjects.front().namespaces);
    policy_.pods = std::move(subjects.front().pods);
    policy_.or_pods.assign(std::make_move_iterator(subjects.begin() + 1),
                           std::make_move_iterator(subjects.end()));
  }

  std::vector<PolicyRule> read_rules(PolicyFields& spec, bool egress) {
    std::vector<PolicyRule> rules;
    const char* section = egress ? "egress" : "ingress";
    const auto items = spec.items(section);
    for (std::size_t i = 0; i < items.size(); ++i) {
      auto rule = read_rule(items[i], egress);
      if (!rule) continue;
      rule->place = fmt::format("{} rule {}", section, i + 1);
      rules.push_back(std::move(*rule));
    }
    return rules;
  }

  // Nothing where the rule only logs, or can match nothing.
  std::optional<PolicyRule> read_rule(const PolicyNode& node, bool egress) {
    PolicyFields fields(node);
    PolicyRule rule;
    const auto action = fields.need("action").text_of({"Allow", "Deny", "Pass", "Log"});
    if (action == "Deny") rule.action = PolicyAction::kDeny;
    if (action == "Pass") rule.action = PolicyAction::kPass;
    const auto protocol = read_protocol(fields.find("protocol"));
    const auto not_protocol = read_protocol(fields.find("notProtocol"));
    if (!not_protocol.empty()) rule.except_ports.push_back({not_protocol, {}, 0, {}});
    read_what_flows_lack(fields, rule);
    bool matches = true;
    rule.own = read_end(fields, rule, egress ? "source" : "destination", !egress, matches);
    rule.peers = read_end(fields, rule, egress ? "destination" : "source", egress, matches);
    if (rule.ports.empty() && !protocol.empty()) rule.ports.push_back({protocol, {}, 0, {}});
    for (auto& port : rule.ports) port.protocol = protocol;
    if (const auto version = fields.find("ipVersion")) {
      matches &= keep_family(rule.peers, version->number(4, 6) == 6);
    }
    fields.no_more();
    if (!matches) policy_.caveats.push_back(node.path() + ": it can match nothing");
    if (!matches || action == "Log") return std::nullopt;
    return rule;
  }

  static std::string read_protocol(const std::optional<PolicyNode>& node) {
    if (!node) return "";
    constexpr std::pair<int, const char*> kNumbers[] = {
        {1, "ICMP"}, {6, "TCP"}, {17, "UDP"}, {58, "ICMPv6"}, {132, "SCTP"}, {136, "UDPLite"}};
    if (!node->is_number()) {
      return node->text_of({"TCP", "UDP", "ICMP", "ICMPv6", "SCTP", "UDPLite"});
    }
    const auto number = node->number(1, 255);
    for (const auto& [value, name] : kNumbers) {
      if (value == number) return name;
    }
    return fmt::format("protocol {}", number);
  }

  static void read_what_flows_lack(PolicyFields& fields, PolicyRule& rule) {
    for (const char* name : {"icmp", "notICMP"}) {
      const auto node = fields.find(name);
      if (!node) continue;
      PolicyFields part(*node);
      part.pass_over({"type", "code"});
      part.no_more();
      if (!node->is_empty()) rule.unknown = "the type of ICMP messages";
    }
    if (fields.find("http")) rule.unknown = "HTTP requests";
    fields.pass_over({"metadata"});
  }

  // An end of the rule; its ports count where it is the destination.
  std::vector<PeerRule> read_end(PolicyFields& rule_fields, PolicyRule& rule, const char* name,
                                 bool is_destination, bool& matches) {
    const auto node = rule_fields.find(name);
    if (!node) return {};
    PolicyFields fields(*node);
    const auto ports = fields.items("ports"), not_ports = fields.items("notPorts");
    if (!is_destination && !(ports.empty() && not_ports.empty())) rule.unknown = "source ports";
    for (const auto& port : ports) {
      const auto read = read_port(port);
      if (is_destination) rule.ports.push_back(read);
    }
    for (const auto& port : not_ports) {
      auto read = read_port(port);
      read.protocol.clear();
      if (is_destination) rule.except_ports.push_back(std::move(read));
    }
    auto peers = peers_.read(fields);
    fields.no_more();
    if (!peers) matches = false;
    return peers ? std::move(*peers) : std::vector<PeerRule>{};
  }

  // 80, "80:90" or a name.
  static PortRule read_port(const PolicyNode& node) {
    PortRule rule;
    if (node.is_number()) {
      rule.port = static_cast<std::uint16_t>(node.number(0, 65535));
      return rule;
    }
    const auto text = node.text();
    if (text.find_first_not_of("0123456789:") != text.npos) {
      rule.port = read_port_name(node);
      return rule;
    }
    const auto number = [&](std::string_view digits) {
      std::uint16_t value = 0;
      const auto [end, error] =
          std::from_chars(digits.data(), digits.data() + digits.size(), value);
      if (error != std::errc() || end != digits.data() + digits.size()) {
        node.refuse(fmt::format("'{}' is no port", text));
      }
      return value;
    };
    const auto colon = text.find(':');
    rule.port = number(std::string_view(text).substr(0, colon));
    if (colon == text.npos) return rule;
    rule.end_port = number(std::string_view(text).substr(colon + 1));
    if (rule.end_port < std::get<std::uint16_t>(rule.port)) node.refuse("ends before it begins");
    return rule;
  }

  // "If no types are given: Ingress where there are no egress rules, Egress where there are only
  // egress rules, both where there are both."
  void read_types(PolicyFields& spec) {
    const auto types = spec.find("types");
    bool ingress = false, egress = false;
    if (types && !types->is_empty()) {
      for (const auto& item : types->items()) {
        (item.text_of({"Ingress", "Egress"}) == "Ingress" ? ingress : egress) = true;
      }
    } else {
      const bool has_egress = !spec.items("egress").empty();
      egress = has_egress;
      ingress = !has_egress || !spec.items("ingress").empty();
    }
    if (!ingress) policy_.ingress.clear();
    if (!egress) policy_.egress.clear();
    policy_.is_ingress = ingress && !passes_;
    policy_.is_egress = egress && !passes_;
  }

  void read_host_settings(PolicyFields& spec) {
    spec.pass_over({"applyOnForward"});
    for (const char* name : {"doNotTrack", "preDNAT"}) {
      const auto node = spec.find(name);
      if (!node || !node->flag()) continue;
      policy_.caveats.push_back(fmt::format("{}: it is for host endpoints, not for pods", name));
      policy_.nodes = LabelSelector{};
    }
  }

  Policy& policy_;
  const PolicyContext& context_;
  CalicoPeers peers_;
  bool global_;
  bool passes_ = false;
};

std::vector<IpNetwork> read_networks(PolicyFields& spec) {
  std::vector<IpNetwork> networks;
  for (const auto& item : spec.items("nets")) networks.push_back(read_network(item));
  return networks;
}

}  // namespace

bool add_calico_context(const PolicyHead& head, PolicyFields& document, PolicyContext& context) {
  const bool set = head.kind == "NetworkSet" || head.kind == "GlobalNetworkSet";
  if (!set && head.kind != "Tier") return false;
  PolicyFields spec(document.need("spec"));
  if (set) {
    const auto within = head.kind == "NetworkSet" && head.kube_namespace.empty()
                            ? std::string("default")
                            : head.kube_namespace;
    context.network_sets.push_back({within, head.name, head.labels, read_networks(spec)});
    spec.pass_over({"allowedEgressDomains"});
  } else {
    const auto order = spec.find("order");
    const auto action = spec.find("defaultAction");
    context.tiers[head.name] = {order ? order->real() : kLast,
                                action && action->text_of({"Deny", "Pass"}) == "Pass"};
  }
  spec.no_more();
  document.pass_over({"status"});
  return true;
}

std::vector<Policy> read_calico_policy(const PolicyHead& head, PolicyFields& document,
                                       const PolicyContext& context) {
  auto policy = start_policy(head, "calico");
  const bool global = head.kind.ends_with("GlobalNetworkPolicy");
  policy.is_staged = head.kind.starts_with("Staged");
  if (!global) take_namespace(policy, head);
  PolicyFields spec(document.need("spec"));
  if (const auto action = policy.is_staged ? spec.find("stagedAction") : std::nullopt) {
    policy.is_removal = action->text_of({"Set", "Delete", "Learn", "Ignore"}) == "Delete";
  }
  if (head.kind == "StagedKubernetesNetworkPolicy") {
    policy.dialect = "kubernetes";
    read_kubernetes_spec(policy, spec);
    spec.no_more();
  } else {
    Reader(policy, context, global).read(spec);
  }
  document.pass_over({"status"});
  return {std::move(policy)};
}

}  // namespace ig
