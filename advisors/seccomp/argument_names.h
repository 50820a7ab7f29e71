// SPDX-License-Identifier: Apache-2.0
// Values of arguments in words: "AF_UNIX" for the first argument of socket. For the arguments whose
// values recordings keep; the names are those of the system's headers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ig {

// "AF_UNIX", "CLONE_VM|CLONE_FS|0x11", or hex where there is no name.
std::string argument_text(std::string_view call, unsigned index, std::uint64_t value);

// Whether the kernel looks at all 64 bits of the argument on a 64-bit architecture. Of others the
// upper half of the register is chance.
bool is_wide_argument(std::string_view call, unsigned index);
// Known to be one of the others.
bool is_narrow_argument(std::string_view call, unsigned index);

}  // namespace ig
