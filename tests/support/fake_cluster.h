// SPDX-License-Identifier: Apache-2.0
// FakeCluster: the inventory of a FakeSession, written down object by object. Everything lives from
// before the recording on, unless said otherwise; times are seconds after kStart.
#pragma once

#include <string>

#include "tests/support/fake_session.h"

namespace ig::test {

inline IpAddress ip(const std::string& text) { return *IpAddress::parse(text); }

class FakeCluster {
 public:
  explicit FakeCluster(FakeSession& session) : inventory_(session.cluster()) {
    inventory_.sources.push_back({"kubernetes api", "https://10.0.0.1:6443", at(-1), at(601), {}});
    inventory_.pods.reserve(2000);  // references stay good
    inventory_.services.reserve(200);
    inventory_.endpoints.reserve(200);
    inventory_.owners.reserve(500);
  }

  KubeNamespace& space(const std::string& name, Labels labels = {}) {
    KubeNamespace space;
    space.name = name;
    space.labels = std::move(labels);
    space.labels.emplace("kubernetes.io/metadata.name", name);
    space.valid.from_ns = at(-1000);
    inventory_.namespaces.push_back(space);
    return inventory_.namespaces.back();
  }
  KubeNode& node(const std::string& name, const std::string& address,
                 const std::string& pod_cidr = "") {
    KubeNode node;
    node.name = node.uid = name;
    node.addresses = {ip(address)};
    if (!pod_cidr.empty()) node.pod_cidrs = {pod_cidr};
    node.valid.from_ns = at(-1000);
    inventory_.nodes.push_back(node);
    return inventory_.nodes.back();
  }
  // `kind` with the template labels; Deployments get a ReplicaSet "NAME-h1" too.
  KubeOwner& owner(const std::string& space, const std::string& kind, const std::string& name,
                   const Labels& labels) {
    KubeOwner owner;
    owner.kube_namespace = space;
    owner.kind = kind;
    owner.name = name;
    owner.uid = space + '/' + kind + '/' + name;
    owner.selector.labels = owner.template_labels = owner.labels = labels;
    owner.valid.from_ns = at(-1000);
    inventory_.owners.push_back(owner);
    const std::size_t place = inventory_.owners.size() - 1;
    if (kind == "Deployment") {
      KubeOwner set = owner;
      set.kind = "ReplicaSet";
      set.name = name + "-h1";
      set.uid = space + "/ReplicaSet/" + set.name;
      set.owner = {kind, name, owner.uid};
      set.template_labels["pod-template-hash"] = set.selector.labels["pod-template-hash"] = "h1";
      inventory_.owners.push_back(set);
    }
    return inventory_.owners[place];
  }
  KubePod& pod(const std::string& space, const std::string& name, const std::string& address,
               const Labels& labels = {}) {
    KubePod pod;
    pod.kube_namespace = space;
    pod.name = name;
    pod.uid = "uid-" + space + '-' + name;
    pod.labels = labels;
    pod.addresses = {ip(address)};
    pod.node = "node1";
    pod.valid.from_ns = at(-500);
    inventory_.pods.push_back(pod);
    return inventory_.pods.back();
  }
  // A pod of an owner, with the labels of its template.
  KubePod& pod_of(const KubeOwner& owner, const std::string& name, const std::string& address) {
    KubePod& made = pod(owner.kube_namespace, name, address, owner.template_labels);
    made.owner = {owner.kind, owner.name, owner.uid};
    if (owner.kind == "Deployment") {
      const std::string set = owner.name + "-h1";
      made.owner = {"ReplicaSet", set, owner.kube_namespace + "/ReplicaSet/" + set};
      made.labels["pod-template-hash"] = "h1";
    }
    return made;
  }
  // `port` is sent on to `target`; by labels, or to endpoints where there are none.
  KubeService& service(const std::string& space, const std::string& name,
                       const std::string& address, Labels selector, std::uint16_t port,
                       std::uint16_t target, const std::string& protocol = "TCP") {
    KubeService service;
    service.kube_namespace = space;
    service.name = name;
    service.uid = "uid-" + space + "-" + name;
    service.type = "ClusterIP";
    service.addresses = {ip(address)};
    service.selector = std::move(selector);
    service.ports.push_back({"", protocol, port, target, "", 0});
    service.valid.from_ns = at(-1000);
    inventory_.services.push_back(service);
    return inventory_.services.back();
  }
  KubeEndpoints& endpoints(const KubeService& service, const std::vector<std::string>& addresses,
                           std::uint16_t port) {
    KubeEndpoints slice;
    slice.kube_namespace = service.kube_namespace;
    slice.name = slice.service = service.name;
    slice.uid = service.uid + "-slice";
    for (const std::string& address : addresses) {
      KubeEndpoint endpoint;
      endpoint.addresses = {ip(address)};
      slice.endpoints.push_back(endpoint);
    }
    slice.ports.push_back({service.ports[0].name, service.ports[0].protocol, port});
    slice.valid.from_ns = at(-1000);
    inventory_.endpoints.push_back(slice);
    return inventory_.endpoints.back();
  }
  Inventory& inventory() { return inventory_; }

 private:
  Inventory& inventory_;
};

// A recorded container of the pod.
inline Workload& recorded(FakeSession& session, const KubePod& pod,
                          const std::string& container = "app") {
  Workload& workload = session.workload(container);
  workload.container = container;
  workload.kube_namespace = pod.kube_namespace;
  workload.pod = pod.name;
  workload.pod_uid = pod.uid;
  workload.labels = pod.labels;
  return workload;
}

}  // namespace ig::test
