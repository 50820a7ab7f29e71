// SPDX-License-Identifier: Apache-2.0
// Inventory: the objects of a Kubernetes cluster that say who an address is, each with the time in
// which it was so. An address is used again minutes after its pod is gone, so nothing here may be
// asked without a time. What an object says may change while it lives: then there are several
// entries with its uid, one after the other.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "base/ip_address.h"

namespace ig {

using Labels = std::map<std::string, std::string>;

// Wall clock, from the first nanosecond to the last.
struct Validity {
  static constexpr std::int64_t kOpenEnd = std::numeric_limits<std::int64_t>::max();
  std::int64_t from_ns = 0, to_ns = kOpenEnd;

  bool overlaps(std::int64_t first_ns, std::int64_t last_ns) const {
    return from_ns <= last_ns && first_ns <= to_ns;
  }
  bool operator==(const Validity&) const = default;
};

// The controller of an object; all empty where it has none.
struct OwnerReference {
  std::string kind, name, uid;
  bool operator==(const OwnerReference&) const = default;
};

struct LabelRequirement {
  std::string key;
  // In, NotIn, Exists, DoesNotExist; Calico's StartsWith, EndsWith, Contains, and Not before them
  std::string op;
  std::vector<std::string> values;
  bool operator==(const LabelRequirement&) const = default;
};

// metav1.LabelSelector: all must hold; empty selects everything.
struct LabelSelector {
  Labels labels;
  std::vector<LabelRequirement> expressions;

  bool empty() const { return labels.empty() && expressions.empty(); }
  bool matches(const Labels& of) const;
  bool operator==(const LabelSelector&) const = default;
};

struct KubeObject {
  std::string kube_namespace;  // "" for objects of the cluster
  std::string name, uid;
  Labels labels;
  OwnerReference owner;
  Validity valid;
};

struct ContainerPort {
  std::string name;      // may be ""
  std::string protocol;  // "TCP", "UDP", "SCTP"
  std::uint16_t port = 0;
  bool operator==(const ContainerPort&) const = default;
};

// A call that the kubelet makes to a container to see whether it is well, or a scrape that the
// pod's annotations ask for (prometheus.io/scrape).
struct ProbePort {
  std::string kind;      // "liveness", "readiness", "startup", "metrics"
  std::string protocol;  // "TCP" always today
  std::uint16_t port = 0;
  bool operator==(const ProbePort&) const = default;
};

struct KubePod : KubeObject {
  std::vector<IpAddress> addresses;
  std::string node;
  bool host_network = false;
  std::vector<ContainerPort> ports;
  std::vector<ProbePort> probes;
  std::vector<std::string> container_ids;  // without "containerd://"
};

struct ServicePort {
  std::string name, protocol;
  std::uint16_t port = 0;
  std::uint16_t target_port = 0;  // 0 = by name; where Kubernetes defaults it, `port`
  std::string target_port_name;
  std::uint16_t node_port = 0;  // 0 = none
  bool operator==(const ServicePort&) const = default;
};

struct KubeService : KubeObject {
  std::string type;                  // ClusterIP, NodePort, LoadBalancer, ExternalName
  std::vector<IpAddress> addresses;  // cluster, external and load balancer's; none when headless
  Labels selector;                   // empty = none: its endpoints are not chosen by labels
  std::vector<ServicePort> ports;
};

struct KubeEndpoint {
  std::vector<IpAddress> addresses;
  bool ready = true;
  std::string pod, pod_uid;  // "" = no pod
  std::string node;
  bool operator==(const KubeEndpoint&) const = default;
};

// An EndpointSlice, or one subset of the older Endpoints.
struct KubeEndpoints : KubeObject {
  std::string service;
  std::vector<KubeEndpoint> endpoints;
  std::vector<ContainerPort> ports;
};

struct KubeNamespace : KubeObject {};

struct KubeNode : KubeObject {
  std::vector<IpAddress> addresses;
  std::vector<std::string> pod_cidrs;
};

// What makes pods: Deployment, ReplicaSet, StatefulSet, DaemonSet, Job, CronJob,
// ReplicationController. Found from a pod by following `owner`.
struct KubeOwner : KubeObject {
  std::string kind;
  LabelSelector selector;  // of its pods; empty where the kind has none
  Labels template_labels;  // that its pods are made with
};

// Where the inventory came from, and what it could not see.
struct InventorySource {
  std::string kind;    // "kubernetes api", "file", "container runtime"
  std::string source;  // URL of the API server without credentials; path of the file
  std::int64_t from_ns = 0, to_ns = 0;  // in which it was watched; the same for a snapshot
  std::vector<std::string> caveats;     // "no right to list nodes"
};

struct Inventory {
  std::vector<InventorySource> sources;
  std::vector<KubePod> pods;
  std::vector<KubeService> services;
  std::vector<KubeEndpoints> endpoints;
  std::vector<KubeNamespace> namespaces;
  std::vector<KubeNode> nodes;
  std::vector<KubeOwner> owners;

  bool empty() const { return sources.empty(); }
};

}  // namespace ig
