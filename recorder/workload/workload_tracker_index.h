// SPDX-License-Identifier: Apache-2.0
// WorkloadIndex: which workload an identity of the kernel is, asked for in all the ways that
// gadgets know it. A mount namespace that is not the host's decides; in the host's, the cgroup.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "recorder/workload/workload_tracker.h"

namespace ig {

class WorkloadIndex {
 public:
  explicit WorkloadIndex(std::uint64_t host_mntns)
      : host_mntns_(host_mntns), machine_mntns_(host_mntns) {}

  // The root cgroup (1) tells nothing: everything is in it that nobody put elsewhere.
  static bool tells(std::uint64_t cgroup_id) { return cgroup_id > 1; }
  bool own_mounts(const TaskIdentity& identity) const {
    return identity.mntns_id != 0 && !is_hosts(identity.mntns_id);
  }
  // The machine's own, where we took that of our container for it: both are the host's.
  void set_machine(std::uint64_t mntns_id) { machine_mntns_ = mntns_id; }

  // 0 = not known. Allocates nothing.
  WorkloadId find(const TaskIdentity& identity) const;
  // The container or command whose cgroup this is, or is below.
  WorkloadId find_cgroup(std::uint64_t cgroup_id, const std::string& path) const;
  // All that ever had the number, oldest first.
  const std::vector<WorkloadId>& with_mntns(std::uint64_t mntns_id) const;
  const std::vector<WorkloadId>& with_netns(std::uint64_t netns_id) const;

  void add(const TaskIdentity& identity, WorkloadId id);
  void add_netns(std::uint64_t netns_id, WorkloadId id);
  // All that happens in the cgroup is `id`, as long as it has not mounts of its own.
  void add_cgroup(std::uint64_t cgroup_id, const std::string& path, WorkloadId id);

 private:
  struct Key {
    std::uint64_t mntns_id, mntns_gen, cgroup_id;
    bool operator==(const Key&) const = default;
  };
  struct Hash {
    std::size_t operator()(const Key& key) const noexcept;
  };
  using Ids = std::vector<WorkloadId>;

  bool is_hosts(std::uint64_t mntns_id) const {
    return mntns_id == host_mntns_ || mntns_id == machine_mntns_;
  }
  Key key_of(const TaskIdentity& identity) const;
  static const Ids& ids_of(const std::unordered_map<std::uint64_t, Ids>& table, std::uint64_t key);

  std::uint64_t host_mntns_, machine_mntns_;
  std::unordered_map<Key, WorkloadId, Hash> by_identity_;
  std::unordered_map<std::uint64_t, Ids> by_mntns_, by_netns_;
  std::unordered_map<std::uint64_t, WorkloadId> by_cgroup_;
  std::unordered_map<std::string, WorkloadId> by_cgroup_path_;
};

}  // namespace ig
