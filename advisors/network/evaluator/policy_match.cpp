// SPDX-License-Identifier: Apache-2.0
#include "advisors/network/evaluator/policy_match.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "advisors/network/drafts/peer_forms.h"
#include "advisors/network/readers/policy_dialects.h"
#include "advisors/network/well_known.h"

namespace ig {
namespace {

using Kind = TrafficEnd::Kind;

std::string why_unknown(const TrafficEnd& end) {
  if (end.kind == Kind::kService) {
    return fmt::format("which pod stands behind the service {} was not recorded", end.service);
  }
  return end.reason.empty() ? "it is not known who has the address" : end.reason;
}

constexpr const char* kNoPod = "it is not known which pod it was";

// A workload or container that nothing told which pod it is, or that it is none: pods have a
// namespace.
bool is_nameless(const TrafficEnd& end) { return end.kube_namespace.empty(); }

// Every namespace has a label with its name, which older clusters and files may lack.
Labels namespace_labels(const TrafficEnd& end) {
  Labels labels = end.namespace_labels;
  labels.emplace(kNamespaceNameLabel, end.kube_namespace);
  return labels;
}

// `whole`: there are no other labels. If not, what asks for a label that is not there stays open.
PolicyMatch matches_labels(const LabelSelector& selector, const Labels& labels, bool whole,
                           const char* because) {
  if (whole) return PolicyMatch::of(selector.matches(labels));
  // No label has a key that is empty: it stands for what matches nothing.
  const auto is_open = [&](const auto& key) { return !key.empty() && !labels.contains(key); };
  LabelSelector rest = selector;
  std::erase_if(rest.labels, [&](const auto& one) { return is_open(one.first); });
  std::erase_if(rest.expressions, [&](const auto& one) { return is_open(one.key); });
  if (!rest.matches(labels)) return PolicyMatch::no();
  return rest == selector ? PolicyMatch::yes() : PolicyMatch::maybe(because);
}

PolicyMatch is_in(const Policy& policy, const std::optional<LabelSelector>& namespaces,
                  const TrafficEnd& end) {
  if (!namespaces) return PolicyMatch::of(end.kube_namespace == policy.kube_namespace);
  return matches_labels(*namespaces, namespace_labels(end), end.namespace_known,
                        "the labels of its namespace are not known");
}

PolicyMatch has_labels(const TrafficEnd& end, const LabelSelector& selector) {
  return matches_labels(selector, end.labels, end.labels_known, "its labels are not known");
}

PolicyMatch in_block(const IpBlock& block, const IpAddress& address) {
  const auto excluded = [&](const IpNetwork& one) { return one.contains(address); };
  return PolicyMatch::of(block.network.contains(address) &&
                         std::ranges::none_of(block.except, excluded));
}

// Kubernetes: blocks are about addresses, whoever has them; of a service's address it is not
// defined whether it is seen before or after its translation. Cilium: blocks are about what is
// outside the cluster.
PolicyMatch matches_block(const Policy& policy, const IpBlock& block, const TrafficEnd& end) {
  if (!end.address) return PolicyMatch::maybe(why_unknown(end));
  auto inside = in_block(block, *end.address);
  if (end.kind == Kind::kService) {
    return PolicyMatch::maybe("whether a block sees a service's address or its pod's is undefined");
  }
  if (policy.dialect != "cilium" || end.kind == Kind::kOutside) return inside;
  if (end.kind != Kind::kUnknown || inside.is_no()) return PolicyMatch::no();
  return PolicyMatch::maybe(why_unknown(end));
}

PolicyMatch matches_pods(const Policy& policy, const PeerRule& rule, const TrafficEnd& end) {
  if (is_open(end)) return PolicyMatch::maybe(why_unknown(end));
  if (end.kind != Kind::kPod) return PolicyMatch::no();
  if (is_nameless(end)) return PolicyMatch::maybe(kNoPod);
  const auto within = is_in(policy, rule.namespaces, end);
  return rule.pods ? within && has_labels(end, *rule.pods) : within;
}

PolicyMatch matches_nodes(const LabelSelector& nodes, const TrafficEnd& end) {
  if (end.kind == Kind::kUnknown) return PolicyMatch::maybe(why_unknown(end));
  if (end.kind != Kind::kHost) return PolicyMatch::no();
  return matches_labels(nodes, end.labels, end.labels_known,
                        "the labels of its node are not known");
}

PolicyMatch matches_host_entity(bool own_node, const TrafficEnd& own, const TrafficEnd& peer) {
  if (peer.kind != Kind::kHost) return PolicyMatch::no();
  if (own.node.empty() || peer.node.empty()) {
    return PolicyMatch::maybe("it is not known on which node it was");
  }
  return PolicyMatch::of((own.node == peer.node) == own_node);
}

// A node has addresses that are no endpoint's, and in Cilium is the API server at all of them.
PolicyMatch matches_api_server(const PeerRule& rule, const TrafficEnd& peer) {
  if (peer.service == kApiService) return PolicyMatch::yes();
  if (peer.kind == Kind::kPod) return PolicyMatch::no();
  if (rule.backends && peer.address && peer.kind != Kind::kService) {
    if (rule.backends->addresses.contains(*peer.address)) return PolicyMatch::yes();
    if (peer.kind != Kind::kHost) return PolicyMatch::no();
  }
  return PolicyMatch::maybe("it may be the API server");
}

PolicyMatch matches_entity(const PeerRule& rule, const TrafficEnd& own, const TrafficEnd& peer) {
  const auto& entity = rule.entity;
  if (entity == "all") return PolicyMatch::yes();
  if (entity == "none") return PolicyMatch::no();
  if (entity == "kube-apiserver") return matches_api_server(rule, peer);
  if (is_open(peer)) {
    const bool certain = peer.kind == Kind::kService && entity == "cluster";
    return certain ? PolicyMatch::yes() : PolicyMatch::maybe(why_unknown(peer));
  }
  const bool outside = peer.kind == Kind::kOutside;
  if (entity == "world") return PolicyMatch::of(outside);
  if (entity == "world-ipv4" || entity == "world-ipv6") {
    return PolicyMatch::of(outside && peer.address &&
                           peer.address->is_v6() == (entity.back() == '6'));
  }
  if (entity == "cluster") return PolicyMatch::of(!outside);
  if (entity == "host" || entity == "remote-node") {
    return matches_host_entity(entity == "host", own, peer);
  }
  return PolicyMatch::no();  // init, health, ingress, unmanaged: no pod with labels of its own
}

PolicyMatch matches_names(const Policy& policy, const std::vector<std::string>& patterns,
                          const TrafficEnd& end) {
  if (end.kind != Kind::kOutside && end.kind != Kind::kUnknown) return PolicyMatch::no();
  const bool across = policy.dialect != "cilium";
  for (const auto& name : end.names) {
    for (const auto& pattern : patterns) {
      if (matches_name(pattern, name, across)) return PolicyMatch::yes();
    }
  }
  return end.names.empty() ? PolicyMatch::maybe("no name was recorded for its address")
                           : PolicyMatch::no();
}

// By labels, of which a service may have asked for several sets in the recordings' time.
PolicyMatch is_selected(const PeerRule& rule, const TrafficEnd& end) {
  if (is_open(end)) return PolicyMatch::maybe(why_unknown(end));
  if (end.kind != Kind::kPod) return PolicyMatch::no();
  if (is_nameless(end)) return PolicyMatch::maybe(kNoPod);
  if (!rule.service.starts_with(end.kube_namespace + '/')) return PolicyMatch::no();
  auto all = PolicyMatch::yes(), any = PolicyMatch::no();
  for (const auto& selector : rule.backends->selectors) {
    all = all && has_labels(end, selector);
    any = any || has_labels(end, selector);
  }
  if (all.is_yes() || any.is_no()) return any;
  return any.is_maybe() ? any : PolicyMatch::maybe("the service's selector was changed");
}

PolicyMatch matches_service(const PeerRule& rule, const TrafficEnd& end) {
  if (end.service == rule.service) return PolicyMatch::yes();
  if (!rule.backends) {
    return PolicyMatch::maybe(
        fmt::format("what stands behind the service {} is not known", rule.service));
  }
  if (end.address && rule.backends->addresses.contains(*end.address)) return PolicyMatch::yes();
  if (!rule.backends->selectors.empty()) return is_selected(rule, end);
  return end.address && end.kind != Kind::kService ? PolicyMatch::no()
                                                   : PolicyMatch::maybe(why_unknown(end));
}

bool is_ip_protocol_of(const PortRule& rule, const std::string& protocol) {
  return rule.protocol.empty() || rule.protocol == protocol;
}

PolicyMatch matches_any(const Policy& policy, const std::vector<PeerRule>& rules,
                        const TrafficEnd& own, const TrafficEnd& peer) {
  auto any = PolicyMatch::no();
  for (const auto& rule : rules) {
    any = any || matches_peer(policy, rule, own, peer);
    if (any.is_yes()) break;
  }
  return any;
}

PolicyMatch matches_ports(const std::vector<PortRule>& rules, const Traffic& traffic) {
  auto any = PolicyMatch::no();
  for (const auto& rule : rules) any = any || matches_port(rule, traffic);
  return any;
}

}  // namespace

bool is_open(const TrafficEnd& end) {
  return end.kind == Kind::kUnknown || end.kind == Kind::kService;
}

bool matches_name(std::string_view pattern, std::string_view name, bool across) {
  const auto without_dot = [](std::string_view text) {
    return text.ends_with('.') ? text.substr(0, text.size() - 1) : text;
  };
  pattern = without_dot(pattern);
  name = without_dot(name);
  if (pattern == "*") return true;
  const bool deep = pattern.starts_with("**.");
  if (deep) pattern.remove_prefix(1);
  // Greedy with one place to come back to.
  std::size_t p = 0, n = 0, star = pattern.npos, mark = 0;
  const auto lower = [](unsigned char c) { return std::tolower(c); };
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      mark = n;
    } else if (p < pattern.size() && lower(pattern[p]) == lower(name[n])) {
      ++p;
      ++n;
    } else if (star != pattern.npos && (name[mark] != '.' || across || (deep && star == 0))) {
      p = star + 1;
      n = ++mark;
    } else {
      return false;
    }
  }
  return std::ranges::all_of(pattern.substr(p), [](char c) { return c == '*'; });
}

PolicyMatch selects(const Policy& policy, const TrafficEnd& end) {
  if (policy.nodes) {
    if (end.kind != Kind::kHost) return PolicyMatch::no();
    return PolicyMatch::maybe("policies for nodes are not judged");
  }
  if (is_open(end)) return PolicyMatch::maybe(why_unknown(end));
  if (end.kind != Kind::kPod) return PolicyMatch::no();
  if (is_nameless(end)) return PolicyMatch::maybe(kNoPod);
  auto selected = is_in(policy, policy.namespaces, end) && has_labels(end, policy.pods);
  for (const auto& also : policy.or_pods) {
    selected = selected || (is_in(policy, also.namespaces, end) && has_labels(end, also.pods));
  }
  if (!selected.is_yes() || policy.unknown.empty()) return selected;
  return PolicyMatch::maybe(
      fmt::format("it selects by {}, which no recording has", policy.unknown));
}

PolicyMatch matches_peer(const Policy& policy, const PeerRule& rule, const TrafficEnd& own,
                         const TrafficEnd& peer) {
  auto match = PolicyMatch::yes();
  if (rule.pods || rule.namespaces) match = match && matches_pods(policy, rule, peer);
  if (rule.block) match = match && matches_block(policy, *rule.block, peer);
  if (rule.nodes) match = match && matches_nodes(*rule.nodes, peer);
  if (!rule.fqdns.empty()) match = match && matches_names(policy, rule.fqdns, peer);
  if (!rule.entity.empty()) match = match && matches_entity(rule, own, peer);
  if (!rule.service.empty()) match = match && matches_service(rule, peer);
  if (!rule.except.empty()) match = match && !matches_any(policy, rule.except, own, peer);
  if (match.is_yes() && !rule.unknown.empty()) {
    return PolicyMatch::maybe(
        fmt::format("it depends on {}, which no recording has", rule.unknown));
  }
  return match;
}

PolicyMatch matches_port(const PortRule& rule, const Traffic& traffic) {
  if (!is_ip_protocol_of(rule, traffic.protocol)) return PolicyMatch::no();
  if (std::holds_alternative<std::monostate>(rule.port)) return PolicyMatch::yes();
  const bool has_ports = !traffic.protocol.starts_with("ICMP");
  if (!has_ports) return PolicyMatch::no();
  if (!traffic.port_name.empty()) {
    const auto* named = std::get_if<std::string>(&rule.port);
    if (named != nullptr && *named == traffic.port_name) return PolicyMatch::yes();
    return PolicyMatch::maybe("the number of the service's target port is not known");
  }
  if (const auto* first = std::get_if<std::uint16_t>(&rule.port)) {
    const auto last = std::max(*first, rule.end_port);
    return PolicyMatch::of(*first <= traffic.port && traffic.port <= last);
  }
  const auto& name = std::get<std::string>(rule.port);
  const auto& end = traffic.destination;
  if (is_open(end)) return PolicyMatch::maybe(why_unknown(end));
  if (end.kind != Kind::kPod) return PolicyMatch::no();
  if (!end.ports_known) return PolicyMatch::maybe("the names of the pod's ports are not known");
  return PolicyMatch::of(std::ranges::any_of(end.ports, [&](const ContainerPort& port) {
    return port.name == name && port.port == traffic.port && port.protocol == traffic.protocol;
  }));
}

PolicyMatch matches_rule(const Policy& policy, const PolicyRule& rule, bool egress,
                         const Traffic& traffic) {
  const auto& own = egress ? traffic.source : traffic.destination;
  const auto& peer = egress ? traffic.destination : traffic.source;
  auto match = PolicyMatch::yes();
  if (!rule.ports.empty()) match = match && matches_ports(rule.ports, traffic);
  if (!rule.except_ports.empty()) match = match && !matches_ports(rule.except_ports, traffic);
  if (match.is_no()) return match;
  if (!rule.peers.empty()) match = match && matches_any(policy, rule.peers, own, peer);
  if (!rule.own.empty()) match = match && matches_any(policy, rule.own, peer, own);
  if (match.is_yes() && !rule.unknown.empty()) {
    return PolicyMatch::maybe(
        fmt::format("it depends on {}, which no recording has", rule.unknown));
  }
  return match;
}

}  // namespace ig
