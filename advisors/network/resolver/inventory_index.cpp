// SPDX-License-Identifier: Apache-2.0
#include "advisors/network/resolver/inventory_index.h"

#include <algorithm>
#include <limits>
#include <ranges>
#include <set>
#include <tuple>

#include "advisors/network/well_known.h"

namespace ig {
namespace {

// Kubernetes keeps whole seconds, and tells a pod's address only when the pod has long used it.
constexpr std::int64_t kLate = 30'000'000'000;
// Owners of owners of owners: a file may name a circle.
constexpr int kMaxOwners = 8;

Validity widened(const Validity& when) {
  constexpr std::int64_t kFirst = std::numeric_limits<std::int64_t>::min() + kLate;
  return {std::max(when.from_ns, kFirst) - kLate,
          when.to_ns > Validity::kOpenEnd - kLate ? Validity::kOpenEnd : when.to_ns + kLate};
}

bool overlap(const KubeObject& object, const Validity& when) {
  return object.valid.overlaps(when.from_ns, when.to_ns);
}

auto order_of(const KubeObject& object) {
  return std::tuple(object.valid.from_ns, object.kube_namespace, object.name, object.uid,
                    object.valid.to_ns);
}

template <typename Object>
void sort_by_time(std::vector<const Object*>& objects) {
  std::ranges::sort(objects,
                    [](const Object* a, const Object* b) { return order_of(*a) < order_of(*b); });
}

// Of each object that overlaps `when`, its last entry: what it said in the end.
template <typename Object>
std::vector<const Object*> last_entries(const std::vector<const Object*>& sorted,
                                        const Validity& when) {
  std::vector<const Object*> found;
  std::set<std::string> seen;
  for (const Object* object : std::views::reverse(sorted)) {
    if (overlap(*object, when) && seen.insert(identity_of(*object)).second) found.push_back(object);
  }
  std::ranges::reverse(found);
  return found;
}

template <typename Map, typename Key>
auto entries(const Map& map, const Key& key) {
  const auto found = map.find(key);
  return found == map.end() ? typename Map::mapped_type{} : found->second;
}

// The one of several entries of a pod that says most of a time: the last within, else the nearest.
const KubePod* entry_in(const std::vector<const KubePod*>& sorted, const Validity& when) {
  const auto within = last_entries(sorted, when);
  if (!within.empty()) return within.back();
  const auto near = last_entries(sorted, widened(when));
  return near.empty() ? nullptr : near.back();
}

bool starts_earlier(const KubeOwner* a, const KubeOwner* b) { return order_of(*a) < order_of(*b); }

}  // namespace

std::uint16_t target_port(const ServicePort& port, const KubePod& pod) {
  if (port.target_port_name.empty()) {
    return port.target_port != 0 ? port.target_port : port.port;
  }
  for (const ContainerPort& own : pod.ports) {
    if (own.name == port.target_port_name && own.protocol == port.protocol) return own.port;
  }
  return 0;
}

bool is_of_cluster(const InventorySource& source) { return source.kind != "container runtime"; }

bool knows_cluster(const Inventory& inventory) {
  return std::ranges::any_of(inventory.sources, is_of_cluster);
}

std::string identity_of(const KubeObject& object) {
  return object.uid.empty() ? object.kube_namespace + '/' + object.name : object.uid;
}

InventoryIndex::InventoryIndex(Inventory inventory) : inventory_(std::move(inventory)) {
  index_pods();
  for (const KubeNode& node : inventory_.nodes) {
    nodes_by_name_[node.name].push_back(&node);
    for (const IpAddress& address : node.addresses) nodes_[address].push_back(&node);
    for (const std::string& range : node.pod_cidrs) {
      if (const auto network = IpNetwork::parse(range)) {
        pod_ranges_.emplace_back(*network, node.name);
      }
    }
  }
  std::ranges::sort(pod_ranges_);
  for (const KubeService& service : inventory_.services) {
    for (const IpAddress& address : service.addresses) services_[address].push_back(&service);
  }
  for (const KubeEndpoints& endpoints : inventory_.endpoints) {
    endpoints_[{endpoints.kube_namespace, endpoints.service}].push_back(&endpoints);
  }
  for (auto& [address, nodes] : nodes_) sort_by_time(nodes);
  for (auto& [name, nodes] : nodes_by_name_) sort_by_time(nodes);
  for (auto& [address, services] : services_) sort_by_time(services);
  for (auto& [service, slices] : endpoints_) sort_by_time(slices);
  for (const KubeOwner& owner : inventory_.owners) {
    const KubeOwner*& known = owners_[owner.uid];
    if (known == nullptr || starts_earlier(known, &owner)) known = &owner;
  }
}

void InventoryIndex::index_pods() {
  for (const KubePod& pod : inventory_.pods) {
    for (const IpAddress& address : pod.addresses) {
      (pod.host_network ? host_by_address_ : by_address_)[address].push_back(&pod);
    }
    if (pod.host_network) host_by_node_[pod.node].push_back(&pod);
    if (!pod.uid.empty()) by_uid_[pod.uid].push_back(&pod);
    for (const std::string& container : pod.container_ids) by_container_[container].push_back(&pod);
    by_name_[{pod.kube_namespace, pod.name}].push_back(&pod);
  }
  for (auto* map : {&by_address_, &host_by_address_}) {
    for (auto& [address, pods] : *map) sort_by_time(pods);
  }
  for (auto* map : {&by_uid_, &by_container_, &host_by_node_}) {
    for (auto& [key, pods] : *map) sort_by_time(pods);
  }
  for (auto& [name, pods] : by_name_) sort_by_time(pods);
}

const KubePod* InventoryIndex::pod_of(const Workload& workload, const Validity& when) const {
  if (const KubePod* pod = pod_of_uid(workload.pod_uid, when)) return pod;
  if (!workload.container_id.empty()) {
    const KubePod* pod = entry_in(entries(by_container_, workload.container_id), when);
    if (pod != nullptr) return pod;
  }
  // A uid that the inventory does not know is another pod's of that name.
  if (workload.pod.empty() || by_uid_.contains(workload.pod_uid)) return nullptr;
  const auto named =
      entry_in(entries(by_name_, std::pair(workload.kube_namespace, workload.pod)), when);
  const bool another = named != nullptr && !workload.pod_uid.empty() && !named->uid.empty();
  return another ? nullptr : named;
}

const KubePod* InventoryIndex::pod_of_uid(const std::string& uid, const Validity& when) const {
  return uid.empty() ? nullptr : entry_in(entries(by_uid_, uid), when);
}

std::vector<const KubePod*> InventoryIndex::pods_at(const IpAddress& address,
                                                    const Validity& when) const {
  const Pods all = entries(by_address_, address);
  const Pods within = last_entries(all, when);
  if (!within.empty()) return within;
  const Pods near = last_entries(all, widened(when));
  return near.empty() ? near : Pods{near.back()};
}

std::vector<const KubePod*> InventoryIndex::pods_ever_at(const IpAddress& address) const {
  return entries(by_address_, address);
}

std::vector<const KubePod*> InventoryIndex::host_pods(const std::string& node,
                                                      const ContainerPort& port,
                                                      const Validity& when) const {
  Pods found;
  for (const KubePod* pod : last_entries(entries(host_by_node_, node), when)) {
    if (std::ranges::any_of(pod->ports, [&](const ContainerPort& own) {
          return own.protocol == port.protocol && own.port == port.port;
        })) {
      found.push_back(pod);
    }
  }
  return found;
}

std::string InventoryIndex::node_at(const IpAddress& address, const Validity& when) const {
  const auto nodes = last_entries(entries(nodes_, address), when);
  if (!nodes.empty()) return nodes.back()->name;
  const auto pods = last_entries(entries(host_by_address_, address), widened(when));
  if (!pods.empty()) return pods.back()->node.empty() ? pods.back()->name : pods.back()->node;
  // The bridge and the tunnel that the node's own packets to its pods come from.
  for (const auto& [range, node] : pod_ranges_) {
    const IpNetwork first_two(range.address(), range.is_v6() ? 127 : 31);
    if (range.length() < first_two.length() && first_two.contains(address)) return node;
  }
  return "";
}

const KubeNode* InventoryIndex::node_named(const std::string& name, const Validity& when) const {
  const auto nodes = last_entries(entries(nodes_by_name_, name), when);
  return nodes.empty() ? nullptr : nodes.back();
}

std::string InventoryIndex::pod_range_of(const IpAddress& address) const {
  for (const auto& [range, node] : pod_ranges_) {
    if (range.contains(address)) return node;
  }
  return "";
}

std::vector<const KubeService*> InventoryIndex::services_at(const IpAddress& address,
                                                            const Validity& when) const {
  return last_entries(entries(services_, address), when);
}

std::vector<const KubeService*> InventoryIndex::services_with_node_port(
    std::uint16_t port, const std::string& protocol, const Validity& when) const {
  std::vector<const KubeService*> found;
  for (const KubeService& service : inventory_.services) {
    if (overlap(service, when) && std::ranges::any_of(service.ports, [&](const ServicePort& one) {
          return one.node_port != 0 && one.node_port == port && one.protocol == protocol;
        })) {
      found.push_back(&service);
    }
  }
  sort_by_time(found);
  return last_entries(found, when);
}

std::vector<const KubePod*> InventoryIndex::pods_behind(const KubeService& service,
                                                        const Validity& when) const {
  if (service.selector.empty()) return {};
  const auto [place, is_new] = behind_.try_emplace(&service);
  if (is_new) {
    const LabelSelector selector{service.selector, {}};
    for (const KubePod& pod : inventory_.pods) {
      if (pod.kube_namespace == service.kube_namespace && selector.matches(pod.labels)) {
        place->second.push_back(&pod);
      }
    }
    sort_by_time(place->second);
  }
  Pods found = last_entries(place->second, when);
  std::ranges::stable_sort(found, {}, &KubePod::name);
  return found;
}

std::vector<const KubeEndpoints*> InventoryIndex::endpoints_of(const KubeService& service,
                                                               const Validity& when) const {
  return last_entries(entries(endpoints_, std::pair(service.kube_namespace, service.name)), when);
}

const KubeNamespace* InventoryIndex::space_named(const std::string& name,
                                                 const Validity& when) const {
  const KubeNamespace* last = nullptr;
  for (const KubeNamespace& space : inventory_.namespaces) {
    if (space.name == name && overlap(space, when) &&
        (last == nullptr || order_of(*last) < order_of(space))) {
      last = &space;
    }
  }
  return last;
}

bool InventoryIndex::knows_namespace(const std::string& name, const Validity& when) const {
  return space_named(name, when) != nullptr;
}

Labels InventoryIndex::namespace_labels(const std::string& name, const Validity& when) const {
  const KubeNamespace* space = space_named(name, when);
  Labels labels = space == nullptr ? Labels{} : space->labels;
  // The API server sets it on every namespace, and nobody can change it.
  labels[kNamespaceNameLabel] = name;
  return labels;
}

OwnerReference InventoryIndex::topmost(OwnerReference of) const {
  for (int i = 0; i < kMaxOwners; ++i) {
    const KubeOwner* known = owner(of);
    if (known == nullptr || known->owner.kind.empty()) break;
    of = known->owner;
  }
  return of;
}

OwnerReference InventoryIndex::topmost_owner(const KubeOwner& owner) const {
  return topmost({owner.kind, owner.name, owner.uid});
}

OwnerReference InventoryIndex::topmost_owner(const KubePod& pod) const {
  if (pod.owner.kind == "Node") return {};  // a static pod: its kubelet's
  const OwnerReference top = topmost(pod.owner);
  // Where ReplicaSets could not be listed: a Deployment names them so.
  const auto hash = pod.labels.find("pod-template-hash");
  if (top.kind == "ReplicaSet" && owner(top) == nullptr && hash != pod.labels.end() &&
      !hash->second.empty() && top.name.ends_with('-' + hash->second)) {
    return {"Deployment", top.name.substr(0, top.name.size() - hash->second.size() - 1), ""};
  }
  return top;
}

const KubeOwner* InventoryIndex::owner(const OwnerReference& reference) const {
  const auto found = owners_.find(reference.uid);
  return reference.uid.empty() || found == owners_.end() ? nullptr : found->second;
}

}  // namespace ig
