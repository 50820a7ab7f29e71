// SPDX-License-Identifier: Apache-2.0
// Whoever may make cgroups chooses their names.
#include <cstdint>

#include "recorder/workload/cgroup_path.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto parsed = ig::parse_cgroup_path(text);
  for (const auto* word : {&parsed.container_id, &parsed.pod_uid, &parsed.unit, &parsed.leaf}) {
    if (word->size() > size || word->find('/') != word->npos) __builtin_trap();
  }
  if (!ig::is_cgroup_below(text, text)) __builtin_trap();
  return 0;
}
