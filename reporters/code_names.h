// SPDX-License-Identifier: Apache-2.0
// Names of the kernel's numbers that are the same for every gadget.
#pragma once

#include <cstdint>
#include <string>

namespace ig {

std::string errno_name(std::int64_t number);  // "ENOENT"; "" for 0; the number where unknown
std::string signal_name(std::int64_t number);
std::string protocol_name(std::int64_t number);
std::string open_flags_text(std::int64_t flags);  // "O_WRONLY|O_CREAT"

}  // namespace ig
