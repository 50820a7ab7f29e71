// SPDX-License-Identifier: Apache-2.0
// CiliumNetworkPolicy and CiliumClusterwideNetworkPolicy of cilium.io/v2. Rules that deny come
// first: in Cilium they win over every rule that allows.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "advisors/network/readers/cilium_selector.h"
#include "advisors/network/readers/policy_dialects.h"

namespace ig {
namespace {

class Reader {
 public:
  Reader(Policy& policy, const PolicyContext& context) : policy_(policy), context_(context) {}

  void read(const PolicyNode& node) {
    PolicyFields spec(node);
    read_subject(spec, node);
    for (const bool egress : {false, true}) {
      auto& rules = egress ? policy_.egress : policy_.ingress;
      const std::string direction = egress ? "egress" : "ingress";
      const bool denies = read_section(spec, direction + "Deny", egress, rules);
      const bool allows = read_section(spec, direction, egress, rules);
      (egress ? policy_.is_egress : policy_.is_ingress) = denies || allows;
    }
    read_default_deny(spec);
    spec.pass_over({"description", "labels", "log"});
    spec.no_more();
  }

 private:
  void read_subject(PolicyFields& spec, const PolicyNode& node) {
    const auto endpoints = spec.find("endpointSelector");
    const auto nodes = spec.find("nodeSelector");
    if (endpoints.has_value() == nodes.has_value()) {
      node.refuse("needs one of endpointSelector and nodeSelector");
    }
    if (nodes) {
      policy_.nodes = read_label_selector(*nodes);
      policy_.caveats.emplace_back("it is for nodes: what they send and get is not judged");
      return;
    }
    auto selector = read_cilium_selector(*endpoints);
    if (!selector.entity.empty()) {
      policy_.unknown = "the reserved label " + selector.entity;
    }
    policy_.pods = std::move(selector.pods);
    if (!selector.unknown.empty()) policy_.unknown = std::move(selector.unknown);
    if (policy_.kube_namespace.empty()) {
      policy_.namespaces = std::move(selector.namespaces);
    } else if (selector.names_namespace) {
      policy_.caveats.emplace_back(
          "its endpointSelector names a namespace, which Cilium replaces by the policy's own");
    }
  }

  void read_default_deny(PolicyFields& spec) {
    const auto node = spec.find("enableDefaultDeny");
    if (!node) return;
    PolicyFields fields(*node);
    if (const auto ingress = fields.find("ingress")) policy_.is_ingress = ingress->flag();
    if (const auto egress = fields.find("egress")) policy_.is_egress = egress->flag();
    fields.no_more();
  }

  // False where it has no rules.
  bool read_section(PolicyFields& spec, const std::string& name, bool egress,
                    std::vector<PolicyRule>& rules) {
    const auto items = spec.items(name.c_str());
    for (std::size_t i = 0; i < items.size(); ++i) {
      PolicyRule rule;
      if (name.ends_with("Deny")) rule.action = PolicyAction::kDeny;
      rule.place = fmt::format("{} rule {}", name, i + 1);
      read_rule(items[i], egress, std::move(rule), rules);
    }
    return !items.empty();
  }

  // One rule for each entry of toPorts, because each has its own L7 rules.
  void read_rule(const PolicyNode& node, bool egress, PolicyRule rule,
                 std::vector<PolicyRule>& rules) {
    PolicyFields fields(node);
    bool selects = false;  // somebody, by whatever field
    bool nobody = false;   // a field is there, and empty
    read_peers(fields, egress, rule.peers, selects, nobody);
    if (const auto auth = fields.find("authentication")) {
      PolicyFields part(*auth);
      const auto mode = part.need("mode").text_of({"disabled", "required", "test-always-fail"});
      if (mode != "disabled") rule.unknown = "mutual authentication";
      part.no_more();
    }
    const auto ports = fields.find("toPorts");
    const auto messages = fields.find("icmps");
    fields.no_more();
    const bool has_ports = ports && !ports->items().empty();
    const bool has_messages = messages && !messages->items().empty();
    if (has_ports && has_messages) node.refuse("icmps and toPorts exclude each other");
    // "{}" selects nothing; it is written to deny by default.
    if (nobody || (!selects && !has_ports && !has_messages)) return;
    if (has_ports) {
      const auto items = ports->items();
      for (std::size_t i = 0; i < items.size(); ++i) {
        auto& read = rules.emplace_back(with_ports(rule, items[i]));
        if (items.size() > 1) read.place += fmt::format(", toPorts {}", i + 1);
      }
    } else if (has_messages) {
      for (const auto& item : messages->items()) add_messages(rule, item);
      rules.push_back(std::move(rule));
    } else {
      rules.push_back(std::move(rule));
    }
  }

  void read_peers(PolicyFields& fields, bool egress, std::vector<PeerRule>& peers, bool& selects,
                  bool& nobody) {
    const auto each = [&](const char* name, auto add) {
      const auto list = fields.find(name);
      if (!list) return;
      const auto items = list->items();
      if (items.empty()) {
        nobody = true;
        return;
      }
      if (selects) list->refuse("one rule cannot have two kinds of peers");
      selects = true;
      for (const auto& item : items) add(item);
    };
    each(egress ? "toEndpoints" : "fromEndpoints",
         [&](const PolicyNode& item) { peers.push_back(endpoint(item)); });
    each(egress ? "toCIDR" : "fromCIDR", [&](const PolicyNode& item) {
      peers.emplace_back().block = IpBlock{read_network(item), {}};
    });
    each(egress ? "toCIDRSet" : "fromCIDRSet",
         [&](const PolicyNode& item) { add_block(peers, item); });
    each(egress ? "toEntities" : "fromEntities", [&](const PolicyNode& item) {
      auto word = item.text();
      if (!is_cilium_entity(word)) {
        item.refuse(fmt::format("the entity {} is not known", word));
      }
      peers.emplace_back().entity = std::move(word);
    });
    each(egress ? "toNodes" : "fromNodes",
         [&](const PolicyNode& item) { peers.emplace_back().nodes = read_label_selector(item); });
    each(egress ? "toGroups" : "fromGroups", [&](const PolicyNode&) {
      auto& peer = peers.emplace_back();
      peer.entity = "world";
      peer.unknown = "groups of a cloud";
    });
    for (const char* name : {"fromRequires", "toRequires"}) {
      if (const auto node = fields.find(name))
        node->refuse("was removed from Cilium, and is not read");
    }
    if (!egress) return;
    each("toServices", [&](const PolicyNode& item) { peers.push_back(service(item)); });
    each("toFQDNs", [&](const PolicyNode& item) { peers.push_back(names(item)); });
  }

  PeerRule endpoint(const PolicyNode& node) const {
    auto selector = read_cilium_selector(node);
    PeerRule peer;
    if (!selector.entity.empty()) {
      peer.entity = std::move(selector.entity);
      return peer;
    }
    peer.pods = std::move(selector.pods);
    peer.unknown = std::move(selector.unknown);
    if (selector.names_namespace || policy_.kube_namespace.empty()) {
      peer.namespaces = std::move(selector.namespaces);
    }
    return peer;
  }

  void add_block(std::vector<PeerRule>& peers, const PolicyNode& node) const {
    PolicyFields fields(node);
    const auto cidr = fields.find("cidr");
    const auto group = fields.find("cidrGroupRef");
    const auto selector = fields.find("cidrGroupSelector");
    std::vector<IpNetwork> except;
    for (const auto& item : fields.items("except")) except.push_back(read_network(item));
    fields.no_more();
    if (cidr.has_value() + group.has_value() + selector.has_value() != 1) {
      node.refuse("needs one of cidr, cidrGroupRef and cidrGroupSelector");
    }
    if (cidr) {
      peers.emplace_back().block = IpBlock{read_network(*cidr), std::move(except)};
      return;
    }
    const auto chosen = selector ? std::optional(read_label_selector(*selector)) : std::nullopt;
    bool found = false;
    for (const auto& one : context_.cidr_groups) {
      if (group ? one.name != group->text() : !chosen->matches(one.labels)) continue;
      found = true;
      for (const auto& network : one.networks) {
        auto& peer = peers.emplace_back();
        peer.block = IpBlock{network, except};
        peer.comment = "CIDR group " + one.name;
      }
    }
    if (!found) node.refuse("no such CiliumCIDRGroup is among the documents");
    // A group without blocks selects nobody; none at all would mean everybody.
    if (peers.empty()) peers.emplace_back().entity = "none";
  }

  PeerRule service(const PolicyNode& node) const {
    PolicyFields fields(node);
    const auto by_name = fields.find("k8sService");
    const auto by_labels = fields.find("k8sServiceSelector");
    fields.no_more();
    if (by_name.has_value() == by_labels.has_value()) {
      node.refuse("needs one of k8sService and k8sServiceSelector");
    }
    PeerRule peer;
    if (by_labels) {
      PolicyFields part(*by_labels);
      part.pass_over({"selector", "namespace"});
      part.no_more();
      peer.unknown = "labels of services";
      return peer;
    }
    PolicyFields part(*by_name);
    const auto within = part.text("namespace", policy_.kube_namespace);
    peer.service = within + '/' + part.need("serviceName").text();
    part.no_more();
    return peer;
  }

  static PeerRule names(const PolicyNode& node) {
    PolicyFields fields(node);
    PeerRule peer;
    for (const char* name : {"matchName", "matchPattern"}) {
      if (const auto word = fields.find(name)) peer.fqdns.push_back(word->text());
    }
    fields.no_more();
    if (peer.fqdns.empty()) node.refuse("names nothing");
    return peer;
  }

  PolicyRule with_ports(PolicyRule rule, const PolicyNode& node) const {
    PolicyFields fields(node);
    for (const auto& item : fields.items("ports")) add_port(rule, item);
    if (const auto l7 = fields.find("rules")) {
      const auto unknown = read_l7(*l7);
      if (!unknown.empty()) rule.unknown = unknown;
    }
    if (const auto list = fields.find("serverNames"); list && !list->items().empty()) {
      rule.unknown = "server names of TLS";
    }
    if (fields.find("listener")) rule.unknown = "what a listener of Envoy lets through";
    fields.pass_over({"terminatingTLS", "originatingTLS"});
    fields.no_more();
    return rule;
  }

  // "" where everything is let through.
  static std::string read_l7(const PolicyNode& node) {
    PolicyFields fields(node);
    const auto http = fields.items("http"), kafka = fields.items("kafka"),
               dns = fields.items("dns");
    const auto other = fields.find("l7proto");
    fields.pass_over({"l7"});
    fields.no_more();
    const auto is_every_name = [](const PolicyNode& item) {
      PolicyFields part(item);
      part.pass_over({"matchName"});
      return part.text("matchPattern") == "*";
    };
    if (!http.empty()) return "HTTP requests";
    if (!kafka.empty()) return "Kafka requests";
    if (other) return fmt::format("requests of {}", other->text());
    if (dns.empty() || std::ranges::any_of(dns, is_every_name)) return "";
    return "which names DNS is asked for";
  }

  static void add_port(PolicyRule& rule, const PolicyNode& node) {
    PolicyFields fields(node);
    PortRule port;
    const auto number = fields.need("port");
    const auto text = number.is_number() ? std::to_string(number.number(0, 65535)) : number.text();
    if (!text.empty() && text.find_first_not_of("0123456789") == text.npos) {
      std::uint16_t value = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
      if (error != std::errc() || end != text.data() + text.size()) number.refuse("is no port");
      if (value != 0) port.port = value;  // 0: every port
    } else {
      port.port = read_port_name(number);
    }
    if (const auto end = fields.find("endPort")) {
      const auto last = static_cast<std::uint16_t>(end->number(0, 65535));
      const auto* first = std::get_if<std::uint16_t>(&port.port);
      if (last != 0 && (!first || last < *first)) end->refuse("does not go with port");
      port.end_port = last;
    }
    auto protocol = fields.text("protocol", "ANY");
    fields.no_more();
    std::ranges::transform(protocol, protocol.begin(),
                           [](unsigned char c) { return std::toupper(c); });
    if (protocol == "ICMPV6") protocol = "ICMPv6";
    if (protocol == "ANY") {
      for (const char* one : {"TCP", "UDP", "SCTP"}) {
        rule.ports.push_back(port);
        rule.ports.back().protocol = one;
      }
      return;
    }
    constexpr std::string_view kKnown[] = {"TCP", "UDP", "SCTP", "ICMP", "ICMPv6", "VRRP", "IGMP"};
    if (std::ranges::find(kKnown, protocol) == std::end(kKnown)) {
      node.refuse(fmt::format("the protocol {} is not known", protocol));
    }
    port.protocol = protocol;
    rule.ports.push_back(std::move(port));
  }

  static void add_messages(PolicyRule& rule, const PolicyNode& node) {
    PolicyFields fields(node);
    for (const auto& item : fields.items("fields")) {
      PolicyFields part(item);
      const auto family = part.text("family", "IPv4");
      if (family != "IPv4" && family != "IPv6") item.refuse("family must be IPv4 or IPv6");
      part.need("type");
      part.no_more();
      rule.ports.push_back({family == "IPv6" ? "ICMPv6" : "ICMP", {}, 0, {}});
      rule.unknown = "the type of ICMP messages";
    }
    fields.no_more();
  }

  Policy& policy_;
  const PolicyContext& context_;
};

}  // namespace

bool add_cilium_context(const PolicyHead& head, PolicyFields& document, PolicyContext& context) {
  if (head.kind != "CiliumCIDRGroup") return false;
  PolicyFields spec(document.need("spec"));
  PolicyContext::NetworkSet group{"", head.name, head.labels, {}};
  for (const auto& item : spec.items("externalCIDRs")) group.networks.push_back(read_network(item));
  spec.no_more();
  context.cidr_groups.push_back(std::move(group));
  return true;
}

// `spec` is one rule, `specs` several; each selects endpoints of its own.
std::vector<Policy> read_cilium_policy(const PolicyHead& head, PolicyFields& document,
                                       const PolicyContext& context) {
  std::vector<PolicyNode> nodes;
  if (const auto spec = document.find("spec")) nodes.push_back(*spec);
  for (const auto& item : document.items("specs")) nodes.push_back(item);
  document.pass_over({"status"});
  if (nodes.empty()) document.node().refuse("it has neither spec nor specs");
  std::vector<Policy> policies;
  for (const auto& node : nodes) {
    auto& policy = policies.emplace_back(start_policy(head, "cilium"));
    if (head.kind == "CiliumNetworkPolicy") take_namespace(policy, head);
    policy.order = 1000;
    if (nodes.size() > 1) policy.source += ", " + node.path();
    Reader(policy, context).read(node);
  }
  return policies;
}

}  // namespace ig
