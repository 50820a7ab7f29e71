// SPDX-License-Identifier: Apache-2.0
#include "recorder/loss_counters.h"

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

void LossCounters::add(const LoadedGadget& gadget) {
  for (auto& map : gadget.loss_maps()) counters_.push_back({gadget.gadget().name, std::move(map)});
}

std::vector<Loss> LossCounters::read(std::int64_t now_ns) {
  std::vector<Loss> losses;
  for (auto& counter : counters_) {
    const auto value = sum_per_cpu(counter.map.fd);
    if (value <= counter.last) continue;
    losses.push_back({.gadget = counter.gadget,
                      .kind = counter.map.kind,
                      .count = value - counter.last,
                      .from_ns = last_reading_ns_,
                      .to_ns = now_ns,
                      .detail = counter.map.map});
    counter.last = value;
  }
  last_reading_ns_ = now_ns;
  return losses;
}

}  // namespace ig
