// SPDX-License-Identifier: Apache-2.0
#include "advisors/network/resolver/cluster_ends.h"

#include <fmt/format.h>

#include "advisors/advice_text.h"

namespace ig {

std::vector<TrafficEnd> pod_ends(const InventoryIndex& cluster, const Validity& when) {
  std::map<std::string, const KubePod*> pods;  // the last entry of each
  for (const KubePod& pod : cluster.inventory().pods) {
    if (pod.host_network || !pod.valid.overlaps(when.from_ns, when.to_ns)) continue;
    auto& known = pods[fmt::format("{}/{}/{}", pod.kube_namespace, pod.name, pod.uid)];
    if (!known || known->valid.from_ns < pod.valid.from_ns) known = &pod;
  }
  std::vector<TrafficEnd> ends;
  for (const auto& [key, pod] : pods) {
    auto& end = ends.emplace_back();
    end.kind = TrafficEnd::Kind::kPod;
    if (!pod->addresses.empty()) end.address = pod->addresses.front();
    end.kube_namespace = pod->kube_namespace;
    end.pod = pod->name;
    end.pod_uid = pod->uid;
    end.node = pod->node;
    end.labels = pod->labels;
    end.namespace_labels = cluster.namespace_labels(pod->kube_namespace, when);
    end.owner = cluster.topmost_owner(*pod);
    end.namespace_known = cluster.knows_namespace(pod->kube_namespace, when);
    end.ports = pod->ports;
    end.labels_known = end.ports_known = true;
  }
  return ends;
}

std::string unit_of(const TrafficEnd& end) {
  const std::string address = end.address ? end.address->text() : "without address";
  switch (end.kind) {
    case TrafficEnd::Kind::kPod:
      if (!end.owner.kind.empty()) {
        return one_line(
            fmt::format("{}/{}/{}", end.kube_namespace, end.owner.kind, end.owner.name));
      }
      return one_line(end.pod.empty() ? end_text(end)
                                      : fmt::format("{}/Pod/{}", end.kube_namespace, end.pod));
    case TrafficEnd::Kind::kHost:
      return one_line("node " + (end.node.empty() ? address : end.node));
    case TrafficEnd::Kind::kService:
      return one_line("service " + end.service);
    case TrafficEnd::Kind::kOutside:
      return address;
    case TrafficEnd::Kind::kUnknown:
      return "unknown " + address;
    case TrafficEnd::Kind::kLoopback:
      return "itself";
  }
  return address;
}

}  // namespace ig
