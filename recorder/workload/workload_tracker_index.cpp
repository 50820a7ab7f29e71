// SPDX-License-Identifier: Apache-2.0
#include "recorder/workload/workload_tracker_index.h"

#include <algorithm>
#include <string_view>

namespace ig {
namespace {

void add_once(std::vector<WorkloadId>& ids, WorkloadId id) {
  if (std::ranges::find(ids, id) == ids.end()) ids.push_back(id);
}

}  // namespace

std::size_t WorkloadIndex::Hash::operator()(const Key& key) const noexcept {
  constexpr std::uint64_t kFactor = 0x9E3779B97F4A7C15ULL;  // 2^64 / golden ratio: spreads well
  auto hash = key.mntns_id * kFactor;
  hash = (hash ^ key.mntns_gen) * kFactor;
  hash = (hash ^ key.cgroup_id) * kFactor;
  return hash ^ (hash >> 32);
}

// The host's mount namespace lives as long as the host, so its number needs no generation.
WorkloadIndex::Key WorkloadIndex::key_of(const TaskIdentity& identity) const {
  if (is_hosts(identity.mntns_id)) return {host_mntns_, 0, identity.cgroup_id};
  return {identity.mntns_id, identity.mntns_gen, identity.cgroup_id};
}

const WorkloadIndex::Ids& WorkloadIndex::ids_of(const std::unordered_map<std::uint64_t, Ids>& table,
                                                std::uint64_t key) {
  static const Ids kNone;
  const auto found = table.find(key);
  return found == table.end() ? kNone : found->second;
}

WorkloadId WorkloadIndex::find(const TaskIdentity& identity) const {
  auto key = key_of(identity);
  auto found = by_identity_.find(key);
  if (found != by_identity_.end()) return found->second;
  if (!own_mounts(identity) || identity.mntns_gen == 0) return 0;
  key.cgroup_id = 0;  // its processes may have entered another cgroup
  found = by_identity_.find(key);
  return found == by_identity_.end() ? 0 : found->second;
}

WorkloadId WorkloadIndex::find_cgroup(std::uint64_t cgroup_id, const std::string& path) const {
  if (!tells(cgroup_id)) return 0;
  const auto found = by_cgroup_.find(cgroup_id);
  if (found != by_cgroup_.end()) return found->second;
  for (auto above = path; above.size() > 1; above.resize(above.rfind('/'))) {
    const auto known = by_cgroup_path_.find(above);
    if (known != by_cgroup_path_.end()) return known->second;
    if (above.find('/') == std::string::npos) break;
  }
  return 0;
}

const std::vector<WorkloadId>& WorkloadIndex::with_mntns(std::uint64_t mntns_id) const {
  return ids_of(by_mntns_, mntns_id);
}

const std::vector<WorkloadId>& WorkloadIndex::with_netns(std::uint64_t netns_id) const {
  return ids_of(by_netns_, netns_id);
}

void WorkloadIndex::add(const TaskIdentity& identity, WorkloadId id) {
  auto key = key_of(identity);
  by_identity_[key] = id;
  if (!own_mounts(identity)) return;
  key.cgroup_id = 0;
  if (key.mntns_gen != 0) by_identity_[key] = id;
  add_once(by_mntns_[identity.mntns_id], id);
}

void WorkloadIndex::add_netns(std::uint64_t netns_id, WorkloadId id) {
  if (netns_id != 0) add_once(by_netns_[netns_id], id);
}

void WorkloadIndex::add_cgroup(std::uint64_t cgroup_id, const std::string& path, WorkloadId id) {
  if (!tells(cgroup_id)) return;
  by_cgroup_[cgroup_id] = id;
  by_identity_[{host_mntns_, 0, cgroup_id}] = id;
  if (path.size() > 1) by_cgroup_path_[path] = id;
}

}  // namespace ig
