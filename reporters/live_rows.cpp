// SPDX-License-Identifier: Apache-2.0
#include "reporters/live_rows.h"

#include <fmt/format.h>

namespace ig {

std::string row_key(const Event& event) {
  std::string key = fmt::format("{:016x}", event.workload);
  for (std::size_t i = 0; i < event.values.size(); ++i) {
    if (!event.schema.columns[i].key) continue;
    const auto& value = event.values[i];
    key += fmt::format(" {:016x}{}", static_cast<std::uint64_t>(value.integer), value.text);
  }
  return key;
}

}  // namespace ig
