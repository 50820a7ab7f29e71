// SPDX-License-Identifier: Apache-2.0
#include "recorder/gadget/shared_maps.h"

#include <bpf/bpf.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>

namespace ig {
namespace {

constexpr std::string_view kMntns = "gadget_mntns_filter_map";
constexpr std::string_view kCgroup = "gadget_cgroup_filter_map";
constexpr std::string_view kEpoch = "gadget_filter_epoch";
constexpr __u32 kEntries = 1024;  // as the gadgets declare them

Result<UniqueFd> create_set(const char* name) {
  UniqueFd fd(bpf_map_create(BPF_MAP_TYPE_HASH, name, sizeof(std::uint64_t), sizeof(__u32),
                             kEntries, nullptr));
  if (fd) return fd;
  return std::unexpected(system_error(
      errno, "create a BPF map",
      geteuid() == 0 ? "this kernel or container does not permit BPF; ig probe says more"
                     : "BPF needs CAP_BPF and CAP_PERFMON: run ig as root"));
}

bool has(int map, std::uint64_t key) {
  __u32 value = 0;
  return key != 0 && bpf_map_lookup_elem(map, &key, &value) == 0;
}

Result<> add_to(int map, std::uint64_t key, SharedMaps::Since since) {
  const auto value = static_cast<__u32>(since);
  if (key == 0 || bpf_map_update_elem(map, &key, &value, BPF_ANY) == 0) return {};
  return std::unexpected(system_error(errno, "add a workload to the kernel's filter",
                                      "at most 1024 workloads can be selected"));
}

// Gadgets that remember the filter's verdict on a task look again when this number changes. It is
// counted from the clock, since the kernel counts too and a lost increment would go unseen.
void count_up(int map) noexcept {
  const __u32 zero = 0;
  const auto epoch =
      static_cast<__u64>(std::chrono::steady_clock::now().time_since_epoch().count());
  bpf_map_update_elem(map, &zero, &epoch, BPF_ANY);
}

}  // namespace

Result<SharedMaps> SharedMaps::create() {
  SharedMaps maps;
  IG_ASSIGN(maps.mntns_, create_set("ig_mntns_filter"));
  IG_ASSIGN(maps.cgroup_, create_set("ig_cgroup_filter"));
  maps.epoch_ = UniqueFd(bpf_map_create(BPF_MAP_TYPE_ARRAY, "ig_filter_epoch", sizeof(__u32),
                                        sizeof(__u64), 1, nullptr));
  if (!maps.epoch_) return std::unexpected(system_error(errno, "create a BPF map"));
  return maps;
}

int SharedMaps::find(std::string_view name) const {
  if (name == kMntns) return mntns_.get();
  if (name == kCgroup) return cgroup_.get();
  if (name == kEpoch) return epoch_.get();
  const auto other = others_.find(name);
  return other == others_.end() ? -1 : other->second;
}

Result<> SharedMaps::allow(std::uint64_t mntns_id, std::uint64_t cgroup_id, Since since) {
  if (!mntns_) return {};
  IG_TRY(add_to(mntns_.get(), mntns_id, since));
  IG_TRY(add_to(cgroup_.get(), cgroup_id, since));
  count_up(epoch_.get());
  return {};
}

bool SharedMaps::allows(std::uint64_t mntns_id, std::uint64_t cgroup_id) const noexcept {
  return has(mntns_.get(), mntns_id) || has(cgroup_.get(), cgroup_id);
}

void SharedMaps::deny(std::uint64_t mntns_id, std::uint64_t cgroup_id) noexcept {
  if (!mntns_) return;
  if (mntns_id != 0) bpf_map_delete_elem(mntns_.get(), &mntns_id);
  if (cgroup_id != 0) bpf_map_delete_elem(cgroup_.get(), &cgroup_id);
  count_up(epoch_.get());
}

}  // namespace ig
