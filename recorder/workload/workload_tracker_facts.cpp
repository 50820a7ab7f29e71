// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "recorder/workload/workload_tracker_impl.h"

namespace ig {
namespace {

void fill(std::string& mine, const std::string& other) {
  if (!other.empty()) mine = other;
}

}  // namespace

// Takes over what the event knows better, and tells if that is news.
void WorkloadTracker::Impl::learn(Entry& entry, const WorkloadEvent& event) {
  auto& workload = entry.workload;
  const auto& identity = event.identity;
  const bool news = std::ranges::find(entry.identities, identity) == entry.identities.end();
  bool renamed = false;
  if (workload.kind != WorkloadKind::kHost) {
    learn_namespaces(workload, identity);
    learn_cgroup(workload, event);
    if (!entry.named || entry.lacks_id()) {
      if (auto facts = namer.identify(event, index.own_mounts(identity))) {
        entry.facts.complete(*facts);
      }
      if (entry.facts.bundle.empty()) workload.no_new_privileges = event.no_new_privileges;
      renamed = name(entry);
    }
  }
  if (event.time_ns > workload.last_seen_ns) workload.last_seen_ns = event.time_ns;
  if (news || renamed) tell(entry, news ? &identity : nullptr);
}

void WorkloadTracker::Impl::learn_namespaces(Workload& workload, const TaskIdentity& identity) {
  const bool own = index.own_mounts(identity);
  if (own && workload.mntns_id == 0 && workload.kind != WorkloadKind::kCommand) {
    workload.mntns_id = identity.mntns_id;
    workload.mntns_gen = identity.mntns_gen;
  }
  // Runtimes enter the network namespace before or after the mounts; the host's is none of its own.
  const bool better = workload.netns_id == 0 || (own && identity.netns_id != host.netns_id);
  if (better && identity.netns_id != 0) workload.netns_id = identity.netns_id;
  if (own && workload.kind == WorkloadKind::kContainer) {
    index.add_netns(identity.netns_id, workload.id);
  }
}

void WorkloadTracker::Impl::learn_cgroup(Workload& workload, const WorkloadEvent& event) {
  const auto cgroup_id = event.identity.cgroup_id;
  const bool container = workload.kind == WorkloadKind::kContainer;
  if (container && workload.cgroup_path.empty()) workload.cgroup_path = telling_cgroup_path(event);
  const auto owner = index.find_cgroup(cgroup_id, event.cgroup_path);
  const bool of_command = command_id != 0 && owner == command_id;
  if (!WorkloadIndex::tells(cgroup_id) || of_command) return;
  if (container) index.add_cgroup(cgroup_id, event.cgroup_path, workload.id);
  if (workload.cgroup_id == 0) workload.cgroup_id = cgroup_id;
}

// Returns whether it is called otherwise than before.
bool WorkloadTracker::Impl::name(Entry& entry) {
  auto& workload = entry.workload;
  const auto before = workload.name + workload.container_id;
  if (entry.facts.id.empty()) namer.complete(entry.facts);
  const auto& facts = entry.facts;
  entry.named = !facts.name.empty() || !facts.id.empty() || !facts.bundle.empty();
  workload.container_id = facts.id;
  fill(workload.runtime, facts.runtime);
  fill(workload.image, facts.image);
  fill(workload.bundle, facts.bundle);
  fill(workload.kube_namespace, facts.kube_namespace);
  fill(workload.pod, facts.pod);
  fill(workload.pod_uid, facts.pod_uid);
  fill(workload.container, facts.container);
  workload.labels = facts.labels;
  workload.no_new_privileges = workload.no_new_privileges || facts.no_new_privileges;
  workload.has_seccomp = facts.has_seccomp;
  workload.name = fmt::format("mntns-{}", workload.mntns_id);
  fill(workload.name, facts.bundle.substr(facts.bundle.rfind('/') + 1));
  fill(workload.name, facts.id);
  fill(workload.name, facts.name);
  return workload.name + workload.container_id != before;
}

void WorkloadTracker::Impl::tell_verdict(const Entry& entry, const TaskIdentity& identity) {
  auto workload = entry.workload;
  const bool own = index.own_mounts(identity) || workload.kind == WorkloadKind::kHost;
  workload.mntns_id = own ? identity.mntns_id : 0;
  workload.mntns_gen = own ? identity.mntns_gen : 0;
  // The cgroup of another (the command's, in which it is made) is not to be kept or dropped for it.
  const bool unit = workload.kind == WorkloadKind::kUnit;
  const auto owner = index.find_cgroup(identity.cgroup_id, {});
  const bool tells = WorkloadIndex::tells(identity.cgroup_id) && (unit || owner == workload.id);
  workload.cgroup_id = tells ? identity.cgroup_id : 0;
  on_verdict(workload, entry.verdict.value_or(false));
}

// `added`: an identity of it that is new.
void WorkloadTracker::Impl::tell(Entry& entry, const TaskIdentity* added) {
  on_change(entry.workload);
  const bool admitted = selector.matches(entry.workload);
  if (added != nullptr) entry.identities.push_back(*added);
  if (!admitted && (!entry.named || kernel_decides(entry.workload))) return;
  if (entry.verdict != admitted) {
    entry.verdict = admitted;
    for (const auto& identity : entry.identities) tell_verdict(entry, identity);
  } else if (added != nullptr) {
    tell_verdict(entry, *added);
  }
}

bool WorkloadTracker::Impl::kernel_decides(const Workload& workload) const {
  // Of `-- COMMAND` alone: its containers are recorded too, and no selector knows their names.
  return workload.kind == WorkloadKind::kContainer && command_id != 0 &&
         !selector.names_workloads();
}

}  // namespace ig
