// SPDX-License-Identifier: Apache-2.0
// InventoryIndex: the inventory as traffic asks it: who had an address, which pod a workload was,
// what stands behind a service, always as of a time. Answers are in an order of their own, whatever
// the inventory's.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "store/inventory.h"
#include "store/workload.h"

namespace ig {

class InventoryIndex {
 public:
  explicit InventoryIndex(Inventory inventory);
  InventoryIndex(const InventoryIndex&) = delete;
  InventoryIndex& operator=(const InventoryIndex&) = delete;

  const Inventory& inventory() const { return inventory_; }
  bool empty() const { return inventory_.empty(); }

  // By uid, else by a container's id, else by namespace and name; null where it is not known.
  const KubePod* pod_of(const Workload& workload, const Validity& when) const;
  const KubePod* pod_of_uid(const std::string& uid, const Validity& when) const;

  // Pods with an address of their own, one entry of each, by the time from which they had it.
  std::vector<const KubePod*> pods_at(const IpAddress& address, const Validity& when) const;
  // Pods that ever had it, whenever that was.
  std::vector<const KubePod*> pods_ever_at(const IpAddress& address) const;
  // Of the pods that use the node's network, those that say they listen there.
  std::vector<const KubePod*> host_pods(const std::string& node, const ContainerPort& port,
                                        const Validity& when) const;
  // What the address is by: an address of the node itself, or of a pod that uses its network.
  std::string node_at(const IpAddress& address, const Validity& when) const;
  const KubeNode* node_named(const std::string& name, const Validity& when) const;
  // The node whose range of pods' addresses it lies in; "" where none is known.
  std::string pod_range_of(const IpAddress& address) const;

  std::vector<const KubeService*> services_at(const IpAddress& address, const Validity& when) const;
  std::vector<const KubeService*> services_with_node_port(std::uint16_t port,
                                                          const std::string& protocol,
                                                          const Validity& when) const;
  // Those that its selector chooses, one entry of each, by name.
  std::vector<const KubePod*> pods_behind(const KubeService& service, const Validity& when) const;
  std::vector<const KubeEndpoints*> endpoints_of(const KubeService& service,
                                                 const Validity& when) const;

  // Whether it says which labels the namespace has.
  bool knows_namespace(const std::string& name, const Validity& when) const;
  // With its name's label, known or not.
  Labels namespace_labels(const std::string& name, const Validity& when) const;
  // Deployment, not ReplicaSet; all empty for a pod that nobody made (or its node's kubelet).
  OwnerReference topmost_owner(const KubePod& pod) const;
  OwnerReference topmost_owner(const KubeOwner& owner) const;  // itself where nobody made it
  // What is known of it; null where it is not in the inventory.
  const KubeOwner* owner(const OwnerReference& reference) const;

 private:
  using Pods = std::vector<const KubePod*>;

  void index_pods();
  OwnerReference topmost(OwnerReference of) const;
  const KubeNamespace* space_named(const std::string& name, const Validity& when) const;

  Inventory inventory_;
  std::map<IpAddress, Pods> by_address_, host_by_address_;
  std::map<std::string, Pods> host_by_node_;
  mutable std::map<const KubeService*, Pods> behind_;  // whenever it was; by name
  std::map<std::string, Pods> by_uid_, by_container_;
  std::map<std::pair<std::string, std::string>, Pods> by_name_;
  std::map<IpAddress, std::vector<const KubeNode*>> nodes_;
  std::map<std::string, std::vector<const KubeNode*>> nodes_by_name_;
  std::map<IpAddress, std::vector<const KubeService*>> services_;
  std::map<std::pair<std::string, std::string>, std::vector<const KubeEndpoints*>> endpoints_;
  std::map<std::string, const KubeOwner*> owners_;  // by uid
  std::vector<std::pair<IpNetwork, std::string>> pod_ranges_;
};

// Where the pod takes what comes to the service's port; 0 where the port goes by a name that the
// pod gives to none of its own.
std::uint16_t target_port(const ServicePort& port, const KubePod& pod);

// Of its own machine's containers a recording knows by itself; this is about more than those.
bool is_of_cluster(const InventorySource& source);
bool knows_cluster(const Inventory& inventory);

// What makes two entries the same object: its uid, or where that is not known its name.
std::string identity_of(const KubeObject& object);

}  // namespace ig
