// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace ig {

// A time as Kubernetes writes it (RFC 3339: "2026-11-03T14:02:11Z", with a fraction of the second
// or an offset from UTC where it wants to), as nanoseconds since 1970.
std::optional<std::int64_t> parse_kube_time(std::string_view text);

}  // namespace ig
