// SPDX-License-Identifier: Apache-2.0
#include "recorder/gadget/foreign_maps.h"

#include <bpf/bpf.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/statfs.h>

#include <cerrno>

#include "base/handle.h"
#include "recorder/gadget/gadget_parameters.h"

namespace ig {
namespace {

constexpr std::uint64_t kMostEntries = 1 << 24;

bool has_bpf_file_system() {
  struct statfs info {};
  return statfs("/sys/fs/bpf", &info) == 0 && info.f_type == BPF_FS_MAGIC;
}

void size_by_constant(bpf_object* object, bpf_map* map) {
  const auto entries = constant(object, fmt::format("{}_max_entries", bpf_map__name(map)));
  if (entries && *entries > 0 && *entries <= kMostEntries) {
    bpf_map__set_max_entries(map, static_cast<__u32>(*entries));
  }
}

// libbpf makes such a map after the pattern of a first one within, and 0 entries make none.
Result<> size_inner_map(bpf_map* map) {
  const auto* inner = bpf_map__inner_map(map);
  if (inner == nullptr || bpf_map__max_entries(inner) != 0) return {};
  const int cpus = libbpf_num_possible_cpus();
  UniqueFd pattern(bpf_map_create(bpf_map__type(inner), "ig_inner", bpf_map__key_size(inner),
                                  bpf_map__value_size(inner), static_cast<__u32>(cpus), nullptr));
  // The map takes the descriptor over.
  if (pattern && bpf_map__set_inner_map_fd(map, pattern.get()) == 0) {
    pattern.release();
    return {};
  }
  return std::unexpected(
      system_error(errno, fmt::format("make the maps within {}", bpf_map__name(map))));
}

}  // namespace

Result<> adapt_maps(bpf_object* object) {
  const bool can_pin = has_bpf_file_system();
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object) {
    size_by_constant(object, map);
    IG_TRY(size_inner_map(map));
    if (!can_pin && bpf_map__pin_path(map) != nullptr) bpf_map__set_pin_path(map, nullptr);
  }
  return {};
}

}  // namespace ig
