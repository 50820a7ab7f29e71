// SPDX-License-Identifier: Apache-2.0
// Whom a network policy is for. That is never one container: a NetworkPolicy selects the pods of an
// owner, and an nftables table belongs to a network namespace, which the containers of a pod share.
// So workloads are grouped, over all recordings, and a policy is made for a group.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "advisors/network/drafts/owner_selector.h"
#include "advisors/network/resolver/traffic_resolver.h"
#include "advisors/network/traffic.h"

namespace ig {

struct NetworkSubject {
  std::vector<RecordedWorkload> workloads;  // at least one
  std::string key;                          // SubjectKeys::of() its ends
  std::string name;                         // before it is made one that Kubernetes takes
  std::string kube_namespace;
  std::optional<PodOwner> owner;  // where the inventory knows it
  Labels labels;                  // where it does not: of the workloads, as far as they select
  bool in_kubernetes = false;
  bool on_node_network = false;
};

// Which policy an end is a subject of.
class SubjectKeys {
 public:
  explicit SubjectKeys(OwnerSelectors& selectors);

  // The same for all ends that one policy is for; "" where none is.
  std::string of(const TrafficEnd& end) const;
  // Also of a pod that the inventory came too late for, when one owner's proven labels are its own.
  std::optional<PodOwner> owner_of(const TrafficEnd& end) const;

 private:
  std::map<std::string, std::vector<std::pair<PodOwner, LabelSelector>>> proven_;  // by namespace
};

// Pods of one owner; without an inventory pods of one namespace with the same labels, which are
// taken for replicas. Workloads of no pod by their names.
std::vector<NetworkSubject> subjects_by_owner(std::span<const RecordedWorkload> workloads,
                                              const TrafficResolver& resolver,
                                              const SubjectKeys& keys);

// Workloads that were in one network namespace at one time of one recording. A namespace's number
// is used again after its end, so the times count too.
std::vector<NetworkSubject> subjects_by_network(std::span<const RecordedWorkload> workloads);

}  // namespace ig
