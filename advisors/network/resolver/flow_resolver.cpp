// SPDX-License-Identifier: Apache-2.0
#include "advisors/network/resolver/flow_resolver.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>
#include <tuple>

#include "advisors/network/address_ranges.h"

namespace ig {
namespace {

using Peer = FlowResolver::Peer;

// A connection is translated when it is asked for, and a flow when it is there or was given up;
// and both are heard of on ways of their own.
constexpr std::int64_t kOpening = 130'000'000'000;

Validity time_of(const Flow& flow) { return {flow.first_ns, flow.last_ns}; }

bool at_one_time(const Validity& translation, const Flow& flow) {
  constexpr std::int64_t kFirst = std::numeric_limits<std::int64_t>::min() + kOpening;
  const std::int64_t from = std::max(translation.from_ns, kFirst) - kOpening;
  const std::int64_t to = std::min(translation.to_ns, Validity::kOpenEnd - kOpening) + kOpening;
  return time_of(flow).overlaps(from, to);
}

// The moment of the flow that is nearest.
std::int64_t within(const Flow& flow, std::int64_t time) {
  return std::min(std::max(time, flow.first_ns), flow.last_ns);
}

Validity common(const Validity& a, const Validity& b) {
  return {std::max(a.from_ns, b.from_ns), std::min(a.to_ns, b.to_ns)};
}

// An address of the same family as `like`; none where the pod has none.
std::optional<IpAddress> address_like(const std::vector<IpAddress>& addresses,
                                      const IpAddress* like) {
  for (const IpAddress& address : addresses) {
    if (like != nullptr && address.is_v6() == like->is_v6()) return address;
  }
  return std::nullopt;
}

TrafficEnd unknown(std::optional<IpAddress> address, std::string reason) {
  TrafficEnd end;
  end.kind = TrafficEnd::Kind::kUnknown;
  end.address = address;
  end.reason = std::move(reason);
  return end;
}

std::string full_name(const KubeObject& object) {
  return object.kube_namespace + '/' + object.name;
}

void take_labels(TrafficEnd& end, const KubeNode* node) {
  if (node == nullptr) return;
  end.labels = node->labels;
  end.labels_known = true;
}

const ServicePort* port_of(const KubeService& service, const Flow& flow) {
  const auto found = std::ranges::find_if(service.ports, [&](const ServicePort& port) {
    return port.port == flow.port && port.protocol == flow.protocol;
  });
  return found == service.ports.end() ? nullptr : &*found;
}

bool same_pod(const TrafficEnd& a, const TrafficEnd& b) {
  return a.kind == TrafficEnd::Kind::kPod && a.kind == b.kind && !a.pod.empty() &&
         a.kube_namespace == b.kube_namespace && a.pod == b.pod && a.pod_uid == b.pod_uid;
}

// What an inventory could not see may be a pod's address that it does not know.
std::string gap_of(const Inventory& inventory, const Validity& when) {
  for (const InventorySource& source : inventory.sources) {
    if (!source.caveats.empty()) return "the inventory is not whole: " + source.caveats.front();
  }
  const auto covers = [&](const InventorySource& source) {
    return is_of_cluster(source) && source.from_ns <= when.from_ns && when.to_ns <= source.to_ns;
  };
  if (std::ranges::any_of(inventory.sources, covers)) return "";
  if (!knows_cluster(inventory)) {
    return "only the containers of the recorded machine are known";
  }
  return "the inventory was not taken in the flow's time: a pod that is gone may have had it";
}

}  // namespace

TrafficEnd FlowResolver::end_of_pod(const KubePod& pod, const IpAddress* like,
                                    const Validity& when) const {
  TrafficEnd end;
  end.kind = pod.host_network ? TrafficEnd::Kind::kHost : TrafficEnd::Kind::kPod;
  end.address = address_like(pod.addresses, like);
  end.kube_namespace = pod.kube_namespace;
  end.pod = pod.name;
  end.pod_uid = pod.uid;
  end.node = pod.node;
  end.owner = index_.topmost_owner(pod);
  if (pod.host_network) {
    take_labels(end, index_.node_named(end.node, when));
    return end;
  }
  end.labels = pod.labels;
  end.namespace_labels = index_.namespace_labels(pod.kube_namespace, when);
  end.namespace_known = index_.knows_namespace(pod.kube_namespace, when);
  end.ports = pod.ports;
  end.labels_known = end.ports_known = true;
  return end;
}

TrafficEnd FlowResolver::own_host(const Workload& workload, const Flow& flow) const {
  TrafficEnd end;
  end.kind = TrafficEnd::Kind::kHost;
  end.node = machine_.host_name;
  end.kube_namespace = workload.kube_namespace;
  end.pod = workload.pod;
  end.pod_uid = workload.pod_uid;
  if (workload.pod.empty()) end.workload = workload.name;
  const auto peer = IpAddress::parse(flow.peer);
  if (const KubeNode* node = index_.node_named(end.node, time_of(flow))) {
    end.address = address_like(node->addresses, peer ? &*peer : nullptr);
    take_labels(end, node);
  }
  return end;
}

TrafficEnd FlowResolver::own_end(const Workload& workload, const Flow& flow) const {
  const auto peer = IpAddress::parse(flow.peer);
  if (const KubePod* pod = index_.pod_of(workload, time_of(flow))) {
    return end_of_pod(*pod, peer ? &*peer : nullptr, time_of(flow));
  }
  // Where it is not known: containers have a network namespace of their own, others do not.
  const bool on_host = workload.netns_id == 0 || machine_.host_netns_id == 0
                           ? workload.kind != WorkloadKind::kContainer
                           : workload.netns_id == machine_.host_netns_id;
  if (on_host) return own_host(workload, flow);
  TrafficEnd end;
  end.kind = TrafficEnd::Kind::kPod;
  end.node = machine_.host_name;
  end.kube_namespace = workload.kube_namespace;
  end.pod = workload.pod;
  end.pod_uid = workload.pod_uid;
  end.labels = workload.labels;
  if (workload.pod.empty()) {
    end.workload = workload.name;
    end.reason = "it did not run in Kubernetes";
    return end;
  }
  end.namespace_labels = index_.namespace_labels(workload.kube_namespace, time_of(flow));
  end.namespace_known = index_.knows_namespace(workload.kube_namespace, time_of(flow));
  end.reason = index_.empty() ? "no inventory" : "the inventory does not know this pod";
  return end;
}

std::vector<Peer> FlowResolver::peers(const TrafficEnd& own, const Flow& flow) const {
  const auto address = IpAddress::parse(flow.peer);
  if (!address) {
    return {{unknown({}, "not an IP address"), time_of(flow), flow.port, 0}};
  }
  std::vector<Peer> found;
  if (flow.egress) {
    found = translated(own, *address, flow);
    if (found.empty()) found = behind_service(*address, flow);
    if (found.empty()) found = behind_node_port(*address, flow);
  }
  if (!found.empty()) return found;
  found = holders(*address, flow, flow.port);
  // To its own address a pod talks over its loopback interface.
  for (Peer& peer : found) {
    if (same_pod(peer.end, own)) peer.end.kind = TrafficEnd::Kind::kLoopback;
  }
  return found;
}

std::vector<Peer> FlowResolver::holders(const IpAddress& address, const Flow& flow,
                                        std::uint16_t port) const {
  const Validity when = time_of(flow);
  std::vector<Peer> found;
  if (address.is_loopback() || address.is_multicast()) {
    return {{end_without_pod(address, flow), when, port, 0}};
  }
  std::set<std::tuple<std::string, std::string, std::string>> owners;
  std::string names;
  for (const KubePod* pod : index_.pods_at(address, when)) {
    TrafficEnd end = end_of_pod(*pod, &address, when);
    end.address = address;
    owners.emplace(end.kube_namespace, end.owner.kind,
                   end.owner.kind.empty() ? end.pod : end.owner.name);
    names += (names.empty() ? "" : ", then ") + full_name(*pod) + "'s";
    const Validity both = common(when, pod->valid);
    found.push_back({std::move(end), both.from_ns <= both.to_ns ? both : when, port, 0});
  }
  if (owners.size() > 1) {
    for (Peer& peer : found) {
      peer.end.doubt = fmt::format("{} was {} in this time", address.text(), names);
    }
  }
  if (found.empty()) found.push_back({end_without_pod(address, flow), when, port, 0});
  return found;
}

TrafficEnd FlowResolver::end_without_pod(const IpAddress& address, const Flow& flow) const {
  const Validity when = time_of(flow);
  TrafficEnd end;
  end.address = address;
  end.kind = TrafficEnd::Kind::kLoopback;
  if (address.is_loopback()) return end;
  if (address.is_multicast()) return unknown(address, "a multicast address");
  if (index_.empty()) return unknown(address, std::string(kNoInventory));
  end.kind = TrafficEnd::Kind::kHost;
  end.node = index_.node_at(address, when);
  if (!end.node.empty()) {
    take_labels(end, index_.node_named(end.node, when));
    const auto pods = flow.egress ? index_.host_pods(end.node, {"", flow.protocol, flow.port}, when)
                                  : std::vector<const KubePod*>{};
    if (pods.size() != 1) return end;
    end = end_of_pod(*pods.front(), &address, when);
    end.address = address;
    return end;
  }
  end.kind = TrafficEnd::Kind::kService;
  const auto services = index_.services_at(address, when);
  if (!services.empty()) {
    end.service = full_name(*services.back());
    return end;
  }
  if (const auto pods = index_.pods_ever_at(address); !pods.empty()) {
    end = unknown(address, "nobody's in the flow's time; at another it was " +
                               full_name(*pods.front()) + "'s");
    end.may_be_pod = true;
    return end;
  }
  if (const auto node = index_.pod_range_of(address); !node.empty()) {
    end = unknown(address,
                  "of the pods' addresses of node " + node + ", but no pod is known that had it");
    end.may_be_pod = true;
    return end;
  }
  if (address.is_link_local()) return unknown(address, "a link-local address");
  const std::string gap = is_private(address) ? gap_of(index_.inventory(), when) : "";
  if (!gap.empty()) return unknown(address, gap);
  end.kind = TrafficEnd::Kind::kOutside;
  return end;
}

std::vector<Peer> FlowResolver::translated(const TrafficEnd& own, const IpAddress& dialed,
                                           const Flow& flow) const {
  std::vector<Peer> found;
  const auto services = index_.services_at(dialed, time_of(flow));
  const auto entries = translations_.of(dialed, flow.port, flow.protocol);
  const bool may_be_anothers =
      !own.address && std::ranges::any_of(entries, [&](const TranslationIndex::Entry& entry) {
        return entry.source != entries.front().source;
      });
  for (const auto& entry : entries) {
    const bool is_ours = !own.address || entry.source == own.address;
    if (!is_ours || !at_one_time(entry.seen, flow)) continue;
    Flow there = flow;  // as the backend would be met
    there.port = entry.port;
    there.first_ns = within(flow, entry.seen.from_ns);
    there.last_ns = within(flow, entry.seen.to_ns);
    for (Peer& peer : holders(entry.backend, there, entry.port)) {
      if (!services.empty()) peer.end.service = full_name(*services.back());
      if (may_be_anothers && peer.end.doubt.empty()) {
        peer.end.doubt = fmt::format(
            "{} was sent on to it, for this workload or for another: its own address is not known",
            dialed.text());
      }
      peer.dialed_port = flow.port;
      found.push_back(std::move(peer));
    }
  }
  return found;
}

std::vector<Peer> FlowResolver::behind_service(const IpAddress& dialed, const Flow& flow) const {
  std::vector<Peer> found;
  for (const KubeService* service : index_.services_at(dialed, time_of(flow))) {
    const ServicePort* port = port_of(*service, flow);
    if (port == nullptr) continue;
    for (Peer& peer : backends(*service, *port, dialed, flow)) found.push_back(std::move(peer));
  }
  return found;
}

// The node's own proxy sends it on before a policy sees it, another node's after.
std::vector<Peer> FlowResolver::behind_node_port(const IpAddress& dialed, const Flow& flow) const {
  std::vector<Peer> found;
  if (index_.node_at(dialed, time_of(flow)).empty()) return found;
  for (const KubeService* service :
       index_.services_with_node_port(flow.port, flow.protocol, time_of(flow))) {
    for (const ServicePort& port : service->ports) {
      if (port.node_port != flow.port || port.protocol != flow.protocol) continue;
      for (Peer& peer : backends(*service, port, dialed, flow)) found.push_back(std::move(peer));
    }
  }
  if (found.empty()) return found;
  for (Peer& peer : holders(dialed, flow, flow.port)) found.push_back(std::move(peer));
  return found;
}

std::vector<Peer> FlowResolver::backends(const KubeService& service, const ServicePort& port,
                                         const IpAddress& dialed, const Flow& flow) const {
  const Validity when = time_of(flow);
  std::vector<Peer> found;
  for (const KubePod* pod : index_.pods_behind(service, when)) {
    const std::uint16_t target = target_port(port, *pod);
    if (target == 0) continue;
    found.push_back({end_of_pod(*pod, &dialed, when), common(when, pod->valid), target, flow.port});
  }
  if (found.empty()) found = endpoints(service, port, dialed, flow);
  if (found.empty()) {
    TrafficEnd end;
    end.kind = TrafficEnd::Kind::kService;
    end.address = dialed;
    const bool is_named = !port.target_port_name.empty();
    const std::uint16_t number = port.target_port != 0 ? port.target_port : port.port;
    found.push_back({std::move(end), when, is_named ? std::uint16_t{0} : number, flow.port,
                     port.target_port_name});
  }
  for (Peer& peer : found) peer.end.service = full_name(service);
  return found;
}

std::vector<Peer> FlowResolver::endpoints(const KubeService& service, const ServicePort& port,
                                          const IpAddress& dialed, const Flow& flow) const {
  std::vector<Peer> found;
  for (const KubeEndpoints* slice : index_.endpoints_of(service, time_of(flow))) {
    const auto target = std::ranges::find_if(slice->ports, [&](const ContainerPort& own) {
      return own.name == port.name && own.protocol == port.protocol;
    });
    if (target == slice->ports.end()) continue;
    for (const KubeEndpoint& endpoint : slice->endpoints) {
      const auto address = address_like(endpoint.addresses, &dialed);
      if (!endpoint.ready || !address) continue;
      Flow there = flow;
      there.port = target->port;
      const KubePod* pod = index_.pod_of_uid(endpoint.pod_uid, time_of(flow));
      auto ends = pod == nullptr ? holders(*address, there, target->port)
                                 : std::vector<Peer>{{end_of_pod(*pod, &*address, time_of(flow)),
                                                      time_of(flow), target->port, 0}};
      for (Peer& peer : ends) {
        peer.end.address = address;
        peer.dialed_port = flow.port;
        found.push_back(std::move(peer));
      }
    }
  }
  return found;
}

}  // namespace ig
