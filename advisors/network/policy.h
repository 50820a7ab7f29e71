// SPDX-License-Identifier: Apache-2.0
// Policy: what a network policy says, whatever its dialect. The advisor makes it of recorded
// traffic and writers print it; readers make it of files and policy_evaluator asks it.
#pragma once

#include <cstdint>
#include <optional>
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

// Whom a rule is about. What is set must hold together.
struct PeerRule {
  // Pods, never such that use their node's network. `namespaces` unset: the policy's own.
  std::optional<LabelSelector> namespaces, pods;
  std::optional<IpBlock> block;
  std::optional<LabelSelector> nodes;  // nodes and what uses their network
  std::vector<std::string> fqdns;      // names, "*" for any labels: Cilium's toFQDNs
  // Cilium's: "all", "world", "cluster", "host", "remote-node", "kube-apiserver", "health"…
  std::string entity;
  std::string comment;  // who it is, for a reader
};

struct PortRule {
  std::string protocol = "TCP";  // "UDP", "SCTP", "ICMP", "ICMPv6"; "" = any
  // The port, or the name that a container of the destination gives it; nothing = all.
  std::variant<std::monostate, std::uint16_t, std::string> port;
  std::uint16_t end_port = 0;  // inclusive; 0 = only `port`
  std::string comment;         // the evidence, on one line
};

// Traffic from (or to) one of the peers at one of the ports.
struct PolicyRule {
  PolicyAction action = PolicyAction::kAllow;
  std::vector<PeerRule> peers;  // none = everybody
  std::vector<PortRule> ports;  // none = every port
  std::string block;            // "" = recorded; else which block of unseen needs: "dns", "probes"
  std::vector<std::string> comments;
};

struct Policy {
  std::string dialect;  // "kubernetes", "cilium", "calico", "admin"
  std::string kind;     // as its document says: "NetworkPolicy", "CiliumNetworkPolicy"
  PolicyTier tier = PolicyTier::kNamespace;
  double order = 0;  // the lower, the earlier, where the dialect has an order
  std::string name, kube_namespace;
  // Which pods it is for. `namespaces` unset: those of kube_namespace.
  std::optional<LabelSelector> namespaces;
  LabelSelector pods;
  // A pod that is selected by a policy with a direction may do in it what rules say, and no more.
  bool is_ingress = false, is_egress = false;
  std::vector<PolicyRule> ingress, egress;
  bool is_staged = false;             // Calico's: reported, not enforced
  std::vector<std::string> comments;  // at its head
  std::string source;                 // "web.yaml, document 2"
};

}  // namespace ig
