// SPDX-License-Identifier: Apache-2.0
// Policy: what a network policy says, whatever its dialect. The advisor makes it of recorded
// traffic and writers print it; readers make it of files and policy_evaluator asks it.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "base/ip_address.h"
#include "store/inventory.h"

namespace ig {

enum class PolicyAction { kAllow, kDeny, kPass };

// Which rules are asked first: those of an administrator, then those of namespaces, then the
// baseline for what no policy of a namespace selects (sigs.k8s.io/network-policy-api).
enum class PolicyTier { kAdmin, kNamespace, kBaseline };

struct IpBlock {
  IpNetwork network;
  std::vector<IpNetwork> except;
};

// What stands behind a service: pods of its namespace, and addresses of endpoints.
struct ServiceBackends {
  std::vector<LabelSelector> selectors;  // several where it was changed
  std::set<IpAddress> addresses;
};

// Whom a rule is about. What is set must hold together.
struct PeerRule {
  // Pods, never such that use their node's network. `namespaces` unset: the policy's own.
  std::optional<LabelSelector> namespaces, pods;
  std::optional<IpBlock> block;
  std::optional<LabelSelector> nodes;  // nodes and what uses their network
  std::vector<std::string> fqdns;      // names, "*" for any labels: Cilium's toFQDNs
  // Cilium's: "all", "world", "cluster", "host", "remote-node", "kube-apiserver", "health"…
  std::string entity;
  std::string service;  // "namespace/name": what stands behind it
  // Of the service, or of the API server; unset: no inventory was asked, or it has no such service.
  std::optional<ServiceBackends> backends;
  std::vector<PeerRule> except;  // and none of these
  std::string unknown;           // what else decides and no recording has: "service accounts"
  std::string comment;           // who it is, for a reader
};

struct PortRule {
  std::string protocol = "TCP";  // "UDP", "SCTP", "ICMP", "ICMPv6"; "" = any
  // The port, or the name that a container of the destination gives it; nothing = all.
  std::variant<std::monostate, std::uint16_t, std::string> port;
  std::uint16_t end_port = 0;  // inclusive; 0 = only `port`
  std::string comment;         // the evidence, on one line
  // Cilium's: its DNS proxy reads which names are asked for, without which fqdns match nothing.
  bool reads_names = false;
};

// Traffic from (or to) one of the peers at one of the ports.
struct PolicyRule {
  PolicyAction action = PolicyAction::kAllow;
  std::vector<PeerRule> peers;         // none = everybody
  std::vector<PortRule> ports;         // none = every port
  std::vector<PortRule> except_ports;  // and none of these
  std::vector<PeerRule> own;           // Calico's: the selected end is one of these; none = any
  std::string unknown;                 // what else decides and no recording has: "HTTP requests"
  std::string name;                    // that its document gives it; or ""
  std::string place;  // "egressDeny rule 1", where its number among ours is not its document's
  std::string block;  // "" = recorded; else which block of unseen needs: "dns", "probes"
  std::vector<std::string> comments;
};

// Both must hold. `namespaces` unset: the policy's own.
struct SelectedPods {
  std::optional<LabelSelector> namespaces;
  LabelSelector pods;
};

struct Policy {
  std::string dialect;  // "kubernetes", "cilium", "calico", "admin"
  std::string kind;     // as its document says: "NetworkPolicy", "CiliumNetworkPolicy"
  PolicyTier tier = PolicyTier::kNamespace;
  double order = 0;  // the lower, the earlier, where the dialect has an order
  // Calico's: of its tier; unset = that of `tier`, as Calico counts: 1,000, 1,000,000, 10,000,000.
  std::optional<double> tier_order;
  std::string name, kube_namespace;
  // Which pods it is for. `namespaces` unset: those of kube_namespace.
  std::optional<LabelSelector> namespaces;
  LabelSelector pods;
  std::vector<SelectedPods> or_pods;   // of a selector with "or": these as well
  std::optional<LabelSelector> nodes;  // Cilium's: it is for nodes and for no pods
  std::string unknown;                 // what else selects and no recording has: "service accounts"
  // A pod that is selected by a policy with a direction may do in it what rules say, and no more.
  // In the administrator's tiers, and without the direction, rules count and nothing else is
  // denied.
  bool is_ingress = false, is_egress = false;
  std::vector<PolicyRule> ingress, egress;
  bool is_staged = false;             // Calico's: reported, not enforced
  bool is_removal = false;            // staged: the policy of this name shall go
  std::vector<std::string> comments;  // at its head
  std::vector<std::string> caveats;   // what a reader of it did not or could not take as it stands
  std::string source;                 // "web.yaml, document 2"
};

}  // namespace ig
