// SPDX-License-Identifier: Apache-2.0
#include "recorder/gadget/loss_counters.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <numeric>

namespace ig {

std::uint64_t sum_per_cpu(int map_fd) {
  const int cpus = libbpf_num_possible_cpus();
  std::vector<std::uint64_t> values(static_cast<std::size_t>(cpus > 0 ? cpus : 1));
  const __u32 only = 0;
  if (cpus <= 0 || bpf_map_lookup_elem(map_fd, &only, values.data()) != 0) return 0;
  return std::accumulate(values.begin(), values.end(), std::uint64_t{0});
}

namespace {

// A tracing program is not entered a second time on a CPU where it runs: the kernel skips it and
// counts (5.12). From 7.0 on a program can be preempted there, so these may be others' calls
// (kernel commit a46023d5616e).
std::uint64_t skipped_runs(int program_fd) {
  bpf_prog_info info{};
  __u32 size = sizeof info;
  return bpf_obj_get_info_by_fd(program_fd, &info, &size) == 0 ? info.recursion_misses : 0;
}

// Whoever may, can detach a program from its cgroup: its link is then one to nowhere.
bool is_detached(int link_fd) {
  bpf_link_info info{};
  __u32 size = sizeof info;
  return bpf_obj_get_info_by_fd(link_fd, &info, &size) == 0 && info.type == BPF_LINK_TYPE_CGROUP &&
         info.cgroup.cgroup_id == 0;
}

std::uint64_t value_of(const LoadedGadget::LossCounter& counter) {
  switch (counter.kind) {
    case Loss::Kind::kSkipped:
      return skipped_runs(counter.fd);
    case Loss::Kind::kDetached:
      return is_detached(counter.fd) ? 1 : 0;
    default:
      return sum_per_cpu(counter.fd);
  }
}

}  // namespace

void LossCounters::add(const LoadedGadget& gadget) {
  for (auto& source : gadget.loss_counters()) {
    counters_.push_back({gadget.gadget().name, std::move(source)});
  }
}

std::vector<Loss> LossCounters::read(std::int64_t now_ns) {
  std::vector<Loss> losses;
  for (auto& counter : counters_) {
    const auto value = value_of(counter.source);
    if (value <= counter.last) continue;
    losses.push_back({.gadget = counter.gadget,
                      .kind = counter.source.kind,
                      .count = value - counter.last,
                      .from_ns = last_reading_ns_,
                      .to_ns = now_ns,
                      .detail = counter.source.name});
    counter.last = value;
  }
  last_reading_ns_ = now_ns;
  return losses;
}

}  // namespace ig
