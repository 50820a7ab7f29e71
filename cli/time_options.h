// SPDX-License-Identifier: Apache-2.0
// --since and --until, which count from the recording's beginning where they are no dates.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "cli/options.h"
#include "store/session_writer.h"

namespace ig {

// Wall clock; unset where it was not given.
Result<std::optional<std::int64_t>> parse_time(const Arguments& arguments, std::string_view name,
                                               const SessionInfo& info);

}  // namespace ig
