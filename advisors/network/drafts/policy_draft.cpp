// SPDX-License-Identifier: Apache-2.0
#include "advisors/network/drafts/policy_draft.h"

#include <fmt/format.h>

#include <algorithm>
#include <compare>
#include <map>
#include <optional>
#include <tuple>

#include "advisors/advice_text.h"
#include "advisors/network/well_known.h"

namespace ig {
namespace {

using Kind = TrafficEnd::Kind;

// Pods by owner, then services, nodes and other addresses.
struct GroupKey {
  bool egress = false;
  int rank = 0;
  PodOwner owner;
  std::string name;
  std::optional<IpAddress> address;
  auto operator<=>(const GroupKey&) const = default;
};

using PortKey = std::tuple<std::string, std::uint16_t, std::string>;

PortKey port_key_of(const Traffic& traffic) {
  return {traffic.protocol, traffic.port, traffic.port_name};
}

struct Group {
  TrafficEnd end;
  std::set<IpAddress> addresses;
  std::set<std::string> services, names, doubts;
  std::map<PortKey, std::vector<TrafficUse>> ports;

  void add(const TrafficUse& use) {
    const TrafficEnd& peer = use.peer();
    if (ports.empty()) end = peer;
    if (peer.address) addresses.insert(*peer.address);
    if (!peer.service.empty() && peer.kind != Kind::kService) services.insert(peer.service);
    for (const std::string& name : peer.names) {
      if (is_dns_name(name)) names.insert(name);
    }
    if (!peer.doubt.empty()) doubts.insert(peer.doubt);
    ports[port_key_of(*use.traffic)].push_back(use);
  }
  // What failed at first and worked later is evidence of its port; false where it never worked.
  bool add_failed(const TrafficUse& use) {
    const auto port = ports.find(port_key_of(*use.traffic));
    if (port == ports.end()) return false;
    port->second.push_back(use);
    return true;
  }
};

GroupKey key_of(const TrafficUse& use) {
  const TrafficEnd& peer = use.peer();
  GroupKey key;
  key.egress = use.egress;
  switch (peer.kind) {
    case Kind::kPod:
      key.owner = PodOwner::of(peer);
      return key;
    case Kind::kService:
      key.rank = 1;
      key.name = peer.service;
      break;
    case Kind::kHost:
      key.rank = 2;
      break;
    default:
      key.rank = 3;
  }
  // What the API server is called by differs from what its node is called by.
  if (peer.service == kApiService) key.name = peer.service;
  key.address = peer.address;
  return key;
}

std::string listed(const std::set<std::string>& words) {
  constexpr std::size_t kMost = 4;
  std::string text;
  std::size_t count = 0;
  for (const std::string& word : words) {
    if (++count > kMost) break;
    text += (text.empty() ? "" : ", ") + one_line(word);
  }
  if (words.size() > kMost) text += fmt::format(" and {} more", words.size() - kMost);
  return text;
}

std::string who(const Group& group) {
  switch (group.end.kind) {
    case Kind::kPod:
      return PodOwner::of(group.end).pods_text();
    case Kind::kService:
    case Kind::kHost:
      return end_text(group.end);
    case Kind::kOutside:
      return "outside of the cluster";
    default:
      return group.end.reason == kNoInventory ? "" : one_line(group.end.reason);
  }
}

std::vector<std::string> comments_of(const Group& group) {
  std::vector<std::string> comments;
  std::string text = who(group);
  const auto append = [&](const std::string& more) { text += (text.empty() ? "" : ", ") + more; };
  if (!group.services.empty()) append("reached as service " + listed(group.services));
  if (!group.names.empty()) append("DNS name " + listed(group.names));
  if (!text.empty()) comments.push_back(text);
  for (const std::string& doubt : group.doubts) {
    comments.push_back("in doubt: " + one_line(doubt));
  }
  return comments;
}

std::string failed_text(const Traffic& traffic) {
  return fmt::format("failed with {}, {}", one_line(traffic.error),
                     count_text(traffic.count, "time"));
}

PolicyRule rule_of(const Group& group, std::vector<PeerRule> peers) {
  PolicyRule rule;
  rule.peers = std::move(peers);
  rule.comments = comments_of(group);
  for (const auto& [key, uses] : group.ports) {
    PortRule port;
    const auto& [protocol, number, name] = key;
    port.protocol = protocol;
    if (number != 0) port.port = number;
    if (!name.empty()) port.port = name;
    port.comment = evidence_text(uses);
    rule.ports.push_back(std::move(port));
  }
  return rule;
}

void add_evidence(PolicyDraft& draft, const Group& group, bool name_recordings) {
  for (const auto& [key, uses] : group.ports) {
    std::string fact = evidence_text(uses);
    std::set<std::string> recordings;
    for (const TrafficUse& use : uses) {
      recordings.insert(use.traffic->recordings.begin(), use.traffic->recordings.end());
    }
    if (name_recordings) fact += "; in " + listed(recordings);
    TrafficUse one = uses.front();
    draft.evidence.push_back({use_text(one), std::move(fact)});
  }
}

std::string port_key(const PortRule& port) {
  const auto* number = std::get_if<std::uint16_t>(&port.port);
  const auto* name = std::get_if<std::string>(&port.port);
  return fmt::format("{} {} {}-{}", port.protocol, name ? *name : "", number ? *number : 0,
                     port.end_port);
}

}  // namespace

bool PolicyDraft::add(bool egress, PolicyRule rule) {
  auto& known = ports_[egress ? 1 : 0];
  std::erase_if(rule.ports, [&](const PortRule& port) {
    return std::ranges::all_of(rule.peers, [&](const PeerRule& peer) {
      const auto found = known.find(peer_key(peer));
      return found != known.end() && found->second.contains(port_key(port));
    });
  });
  if (rule.ports.empty() || rule.peers.empty()) return false;
  index(egress, rule);
  (egress ? policy.egress : policy.ingress).push_back(std::move(rule));
  return true;
}

void PolicyDraft::index_rules() {
  for (const bool egress : {false, true}) {
    ports_[egress ? 1 : 0].clear();
    for (const PolicyRule& rule : egress ? policy.egress : policy.ingress) index(egress, rule);
  }
}

void PolicyDraft::index(bool egress, const PolicyRule& rule) {
  for (const PeerRule& peer : rule.peers) {
    auto& ports = ports_[egress ? 1 : 0][peer_key(peer)];
    for (const PortRule& port : rule.ports) ports.insert(port_key(port));
  }
}

std::string obstacle(const TrafficUse& use, PolicyDialect dialect, bool include_failed) {
  const Traffic& traffic = *use.traffic;
  const TrafficEnd& peer = use.peer();
  if (!traffic.error.empty() && !include_failed) return failed_text(traffic);
  const bool by_packet = dialect == PolicyDialect::kNftables;
  if (peer.kind == Kind::kLoopback && !by_packet) return "never leaves the pod";
  const bool is_icmp = traffic.protocol == "ICMP" || traffic.protocol == "ICMPv6";
  const bool has_ports =
      traffic.protocol == "TCP" || traffic.protocol == "UDP" || traffic.protocol == "SCTP";
  if (!has_ports && !(is_icmp && dialect != PolicyDialect::kKubernetes)) {
    return "a policy has no word for its protocol";
  }
  if (has_ports && traffic.port == 0 && traffic.port_name.empty()) return "without a port";
  if (!peer.address && peer.kind != Kind::kPod) {
    return peer.reason.empty() ? "its address is not known" : one_line(peer.reason);
  }
  if (by_packet || peer.kind == Kind::kPod || peer.kind == Kind::kHost) return "";
  if (peer.address->is_multicast()) return "multicast, for which NetworkPolicy is not defined";
  if (peer.address->is_link_local() && peer.address->is_v6()) {
    return "link-local, which names no one for sure";
  }
  return "";
}

void add_recorded(PolicyDraft& draft, std::span<const TrafficUse> uses, PeerForms& forms,
                  const DraftRules& rules) {
  std::map<GroupKey, Group> groups;
  std::vector<TrafficUse> without_rule;
  bool seen[2] = {false, false};
  for (const TrafficUse& use : uses) {
    if (!obstacle(use, forms.dialect(), rules.include_failed).empty()) {
      without_rule.push_back(use);
      continue;
    }
    seen[use.egress ? 1 : 0] |= use.seen();
    groups[key_of(use)].add(use);
  }
  for (const TrafficUse& use : without_rule) {
    const auto group = groups.find(key_of(use));
    const bool known =
        group != groups.end() && !use.traffic->error.empty() && group->second.add_failed(use);
    if (known) continue;
    draft.left_out.insert(use_text(use) + ": " +
                          obstacle(use, forms.dialect(), rules.include_failed));
  }
  for (auto& [key, group] : groups) {
    if (!seen[key.egress ? 1 : 0]) {
      draft.left_out.insert(
          fmt::format("{}: seen from the other end only, so the direction is left as it is",
                      use_text(group.ports.begin()->second.front())));
      continue;
    }
    group.end.names.assign(group.names.begin(), group.names.end());
    auto peers = forms.of(group.end, group.addresses, key.egress);
    if (peers.empty()) continue;
    for (const std::string& doubt : group.doubts)
      draft.caveats.insert("in doubt: " + one_line(doubt));
    add_evidence(draft, group, rules.name_recordings);
    draft.add(key.egress, rule_of(group, std::move(peers)));
  }
  draft.policy.is_ingress = !draft.policy.ingress.empty();
  draft.policy.is_egress = !draft.policy.egress.empty();
}

std::string peer_text(const TrafficEnd& peer) {
  if (peer.kind == Kind::kPod) return PodOwner::of(peer).pods_text();
  if (peer.kind == Kind::kLoopback && peer.address) return peer.address->text();
  return end_text(peer);
}

std::string use_text(const TrafficUse& use) {
  const Traffic& traffic = *use.traffic;
  std::string port = traffic.port == 0 ? "" : fmt::format(" port {}", traffic.port);
  if (!traffic.port_name.empty()) port = " port " + one_line(traffic.port_name);
  return fmt::format("{} {} {}{}", use.egress ? "egress" : "ingress", one_line(traffic.protocol),
                     peer_text(use.peer()), port);
}

}  // namespace ig
