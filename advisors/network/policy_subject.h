// SPDX-License-Identifier: Apache-2.0
// Whom a network policy is for. That is never one container: a NetworkPolicy selects the pods of
// some labels, and an nftables table belongs to a network namespace, which the containers of a pod
// share. So workloads are grouped, and a policy is made for a group.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "store/workload.h"

namespace ig {

struct PolicySubject {
  std::vector<Workload> workloads;  // at least one
  std::string name;                 // before it is made a DNS-1123 name
  std::map<std::string, std::string> labels;
};

// Pods of one namespace with the same labels are one subject: they are replicas.
std::vector<PolicySubject> group_by_pods(const std::vector<Workload>& workloads);

// Workloads that were in one network namespace at one time. A namespace's number is used again
// after its end, so the times count too.
std::vector<PolicySubject> group_by_network(const std::vector<Workload>& workloads);

// The labels that belong to what a pod is, without those that single out one replica or one
// revision, and without what is not a Kubernetes label at all.
std::map<std::string, std::string> selecting_labels(const Workload& workload);

}  // namespace ig
