// SPDX-License-Identifier: Apache-2.0
// Reading files that others wrote: whole, and never more than expected.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace ig {

// What `path` holds, at most `most_bytes` of it: more is an error. It may be a pipe.
Result<std::string> read_file(const std::string& path, std::uint64_t most_bytes);
// The same, where a FIFO or a device would be somebody's trap.
Result<std::string> read_regular_file(const std::string& path, std::uint64_t most_bytes);

}  // namespace ig
