// SPDX-License-Identifier: Apache-2.0
#include "advisors/network/evaluator/rule_excess.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "advisors/network/evaluator/policy_match.h"
#include "advisors/network/resolver/cluster_ends.h"

namespace ig {
namespace {

constexpr std::uint64_t kPorts = 65535;

long double size_of(const IpNetwork& network) {
  return std::exp2(static_cast<long double>((network.is_v6() ? 128 : 32) - network.length()));
}

long double size_of(const IpBlock& block) {
  long double size = size_of(block.network);
  for (const auto& except : block.except) size -= size_of(except);
  return std::max(size, 0.0L);
}

const long double kAllAddresses = std::exp2(32.0L) + std::exp2(128.0L);

struct Peers {
  std::set<std::string> pods, owners;
};

const TrafficEnd& peer_of(const Traffic& traffic, bool egress) {
  return egress ? traffic.destination : traffic.source;
}

std::string pod_key(const TrafficEnd& end) {
  return end.pod_uid.empty() ? end.kube_namespace + '/' + end.pod : end.pod_uid;
}

class Count {
 public:
  Count(const Policy& policy, std::span<const Traffic* const> matched, bool egress)
      : policy_(policy), matched_(matched), egress_(egress) {}

  void add_block(const IpBlock& block, const PeerRule& rule, RuleExcess& excess) const {
    std::set<IpAddress> used;
    for (const Traffic* flow : matched_) {
      const auto& peer = peer_of(*flow, egress_);
      if (peer.address && is_meant(rule, *flow)) used.insert(*peer.address);
    }
    const long double size = size_of(block);
    excess.addresses += size;
    excess.unused_addresses += std::max(size - static_cast<long double>(used.size()), 0.0L);
  }

  void add_names(const PeerRule& rule, RuleExcess& excess) const {
    for (const auto& pattern : rule.fqdns) {
      const bool used = std::ranges::any_of(matched_, [&](const Traffic* flow) {
        return std::ranges::any_of(peer_of(*flow, egress_).names, [&](const std::string& name) {
          return matches_name(pattern, name, policy_.dialect != "cilium");
        });
      });
      ++excess.names;
      excess.unused_names += used ? 0 : 1;
    }
  }

  void add_pods(const PeerRule& rule, std::span<const TrafficEnd> pods, Peers& all,
                Peers& used) const {
    const TrafficEnd own;
    for (const auto& pod : pods) {
      if (matches_peer(policy_, rule, own, pod).is_no()) continue;
      all.pods.insert(pod_key(pod));
      all.owners.insert(unit_of(pod));
    }
    for (const Traffic* flow : matched_) {
      const auto& peer = peer_of(*flow, egress_);
      if (!is_meant(rule, *flow)) continue;
      used.pods.insert(pod_key(peer));
      used.owners.insert(unit_of(peer));
    }
  }

 private:
  bool is_meant(const PeerRule& rule, const Traffic& flow) const {
    const auto& own = egress_ ? flow.source : flow.destination;
    return !matches_peer(policy_, rule, own, peer_of(flow, egress_)).is_no();
  }

  const Policy& policy_;
  std::span<const Traffic* const> matched_;
  bool egress_;
};

void count_ports(const PolicyRule& rule, std::span<const Traffic* const> matched,
                 RuleExcess& excess) {
  std::set<std::pair<std::string, std::uint16_t>> used;
  for (const Traffic* flow : matched) used.emplace(flow->protocol, flow->port);
  if (rule.ports.empty()) excess.ports = 3 * kPorts;
  for (const auto& port : rule.ports) {
    const std::uint64_t protocols = port.protocol.empty() ? 3 : 1;
    const auto* first = std::get_if<std::uint16_t>(&port.port);
    if (std::holds_alternative<std::monostate>(port.port)) {
      excess.ports += port.protocol.starts_with("ICMP") ? 1 : protocols * kPorts;
    } else {
      excess.ports +=
          first && port.end_port > *first ? protocols * (port.end_port - *first + 1U) : 1;
    }
  }
  excess.ports = std::max<std::uint64_t>(excess.ports, used.size());
  excess.unused_ports = excess.ports - used.size();
}

double share_of(const RuleExcess& excess) {
  const long double peers =
      static_cast<long double>(excess.owners + excess.names) + excess.addresses;
  const long double unused = static_cast<long double>(excess.unused_owners + excess.unused_names) +
                             excess.unused_addresses;
  if (peers <= 0 || excess.ports == 0) return 1;
  const long double used_ports = static_cast<long double>(excess.ports - excess.unused_ports);
  const long double used =
      (peers - unused) / peers * used_ports / static_cast<long double>(excess.ports);
  return static_cast<double>(std::clamp(1 - used, 0.0L, 1.0L));
}

bool is_world(const std::string& entity) { return entity == "all" || entity.starts_with("world"); }

}  // namespace

RuleExcess excess_of(const Policy& policy, const PolicyRule& rule, bool egress,
                     std::span<const Traffic* const> matched, std::span<const TrafficEnd> pods) {
  RuleExcess excess;
  count_ports(rule, matched, excess);
  const Count count(policy, matched, egress);
  Peers all, used;
  for (const auto& peer : rule.peers) {
    if (peer.block) {
      count.add_block(*peer.block, peer, excess);
    } else if (!peer.fqdns.empty()) {
      count.add_names(peer, excess);
    } else if (is_world(peer.entity)) {
      excess.everybody = true;
    } else {
      count.add_pods(peer, pods, all, used);
    }
  }
  excess.everybody |= rule.peers.empty();
  if (excess.everybody) {
    std::set<IpAddress> addresses;
    for (const Traffic* flow : matched) {
      const auto& address = peer_of(*flow, egress).address;
      if (address) addresses.insert(*address);
    }
    excess.addresses += kAllAddresses;
    excess.unused_addresses += kAllAddresses - static_cast<long double>(addresses.size());
  }
  // Who was a peer counts, if the inventory has it or not.
  all.pods.insert(used.pods.begin(), used.pods.end());
  all.owners.insert(used.owners.begin(), used.owners.end());
  excess.pods = all.pods.size();
  excess.owners = all.owners.size();
  excess.unused_pods = all.pods.size() - used.pods.size();
  excess.unused_owners = all.owners.size() - used.owners.size();
  excess.share = matched.empty() ? 1 : share_of(excess);
  return excess;
}

}  // namespace ig
