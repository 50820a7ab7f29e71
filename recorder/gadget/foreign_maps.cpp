// SPDX-License-Identifier: Apache-2.0
#include "recorder/gadget/foreign_maps.h"

#include <bpf/bpf.h>
#include <fmt/format.h>

#include <cerrno>

#include "recorder/gadget/gadget_parameters.h"

namespace ig {
namespace {

constexpr std::uint64_t kMostEntries = 1 << 24;

void size_by_constant(bpf_object* object, bpf_map* map) {
  const auto entries = constant(object, fmt::format("{}_max_entries", bpf_map__name(map)));
  if (entries && *entries > 0 && *entries <= kMostEntries) {
    bpf_map__set_max_entries(map, static_cast<__u32>(*entries));
  }
}

// libbpf makes such a map after the pattern of a first one within, and 0 entries make none.
Result<UniqueFd> size_inner_map(bpf_map* map) {
  const auto* inner = bpf_map__inner_map(map);
  if (inner == nullptr || bpf_map__max_entries(inner) != 0) return UniqueFd();
  const int cpus = libbpf_num_possible_cpus();
  LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = bpf_map__map_flags(inner));
  UniqueFd pattern(bpf_map_create(bpf_map__type(inner), "ig_inner", bpf_map__key_size(inner),
                                  bpf_map__value_size(inner), static_cast<__u32>(cpus), &options));
  if (pattern && bpf_map__set_inner_map_fd(map, pattern.get()) == 0) return pattern;
  return std::unexpected(
      system_error(errno, fmt::format("make the maps within {}", bpf_map__name(map))));
}

}  // namespace

Result<std::vector<UniqueFd>> adapt_maps(bpf_object* object) {
  std::vector<UniqueFd> patterns;
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object) {
    size_by_constant(object, map);
    IG_ASSIGN(auto pattern, size_inner_map(map));
    if (pattern) patterns.push_back(std::move(pattern));
    // A pinned map would outlive us, and show the next recording rows of this one.
    if (bpf_map__pin_path(map) != nullptr) bpf_map__set_pin_path(map, nullptr);
  }
  return patterns;
}

}  // namespace ig
