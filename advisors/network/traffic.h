// SPDX-License-Identifier: Apache-2.0
// Traffic: recorded flows with both ends named as of their time, which is what policies are made
// of and what they are verified with. A flow that both ends recorded is one; one that may have gone
// to several (the backends of a service) is several.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "advisors/advisor.h"
#include "base/ip_address.h"
#include "base/result.h"
#include "store/inventory.h"

namespace ig {

// One end of a flow, as far as it is known.
struct TrafficEnd {
  enum class Kind {
    kPod,       // an address of its own
    kHost,      // a node, or a pod that uses its node's network
    kService,   // an address of a service of which no backend is known
    kOutside,   // an address that the inventory knows not to be of the cluster
    kUnknown,   // `reason` says why
    kLoopback,  // never leaves the pod
  };
  Kind kind = Kind::kUnknown;
  std::optional<IpAddress> address;
  std::string reason;       // of kUnknown
  bool may_be_pod = false;  // of kUnknown: a pod had it at another time, or it is of pods' range
  std::string doubt;  // who else had the address in the flow's time; "" = no other owner's pod

  std::string kube_namespace, pod, pod_uid, node;  // kPod, kHost
  Labels labels, namespace_labels;                 // kPod; `labels` of kHost: its node's
  OwnerReference owner;                            // the topmost: Deployment, not ReplicaSet
  std::vector<ContainerPort> ports;                // kPod: what its port names mean
  // That an inventory has them: then there are no more than these.
  bool labels_known = false, namespace_known = false, ports_known = false;

  std::string workload;  // the recorded one's name, where it is of no pod

  std::string service;             // "namespace/name" by whose address it was reached
  std::vector<std::string> names;  // that DNS answered with this address, to the one who asked
};

// The reason of an unknown end where no recording has an inventory.
inline constexpr std::string_view kNoInventory = "no inventory says who it is";

struct Traffic {
  TrafficEnd source, destination;
  std::string protocol;           // "TCP", "UDP", "SCTP", "ICMP", "ICMPv6"
  std::uint16_t port = 0;         // at the destination itself: behind a service, the target port
  std::string port_name;          // where no number is known: a service's named target port
  std::uint16_t dialed_port = 0;  // that the source asked for, where a service stood between
  std::string error;              // "" = established
  bool seen_at_source = false, seen_at_destination = false;
  std::uint64_t count = 0, bytes_sent = 0, bytes_received = 0;  // as the source sees it
  std::int64_t first_ns = 0, last_ns = 0;
  bool before_start = false;
  bool count_shared = false;  // the count is of all the destinations that it may have gone to
  std::vector<std::string> processes;   // at the recorded end
  std::vector<std::string> recordings;  // that have it
};

// "pod shop/web-0 (Deployment web)", "node node1", "203.0.113.7": for a reader, on one line.
std::string end_text(const TrafficEnd& end);

}  // namespace ig
