// SPDX-License-Identifier: Apache-2.0
// NetworkPolicy: what one subject (a pod, or a network namespace) may do on the network, made from
// recorded flows, before it is written in any format. Only what was established becomes a
// permission; TCP and UDP stay apart; each permission keeps its evidence.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/ip_address.h"
#include "store/session_reader.h"

namespace ig {

struct PolicyPort {
  std::string protocol;    // "TCP", "UDP", "SCTP"
  std::uint16_t port = 0;  // the peer's for egress, our own for ingress
  std::uint64_t count = 0, bytes_sent = 0, bytes_received = 0;
  std::int64_t first_ns = 0, last_ns = 0;
  bool before_start = false;
  std::string added_because;  // not recorded: why it is here all the same

  // "12 connections, 2026-…Z to 2026-…Z, 1.2 MiB sent, 3 B received"
  std::string evidence() const;
};

// All that is allowed with one peer in one direction, ports by protocol and number.
struct PolicyPeer {
  IpAddress address;
  std::vector<PolicyPort> ports;
};

struct NetworkPolicy {
  std::string name;                           // DNS-1123
  std::string kube_namespace;                 // or ""
  std::map<std::string, std::string> labels;  // that select its pods; empty = not known
  std::string title;                          // "web (container of crun)"
  std::string window;                         // "recorded … to … on node1"
  bool lossy = false;
  std::vector<std::string> caveats;
  std::vector<PolicyPeer> egress, ingress;  // by address
  std::vector<std::string> left_out;        // flows that made no rule, and why

  bool empty() const { return egress.empty() && ingress.empty(); }
};

struct FlowRules {
  bool dns_over_tcp = true;  // where DNS was asked by UDP: long answers come over TCP
};

// Sorts flows into the policy's peers and left_out.
void add_flows(NetworkPolicy& policy, const std::vector<Flow>& flows, const FlowRules& rules);

// A Kubernetes NetworkPolicy; "" where there is nothing to allow. What never leaves the pod, and
// what such a policy cannot say, is to be left out first.
void leave_out_what_kubernetes_cannot_say(NetworkPolicy& policy);
std::string to_kubernetes_yaml(const NetworkPolicy& policy);

// An nftables table, to be loaded inside the subject's network namespace, or for a cgroup.
struct NftOptions {
  std::string cgroup = {};  // below the cgroup2 mount; empty = the whole network namespace
  bool log_only = false;
};
std::string to_nftables(const NetworkPolicy& policy, const NftOptions& options);

}  // namespace ig
