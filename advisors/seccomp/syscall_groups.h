// SPDX-License-Identifier: Apache-2.0
// The groups of system calls that administrators know from systemd: "@network-io", "@module".
#pragma once

#include <string_view>
#include <vector>

namespace ig {

// The smallest one first, which says most of the call; empty for calls that systemd 252 does not
// know.
std::vector<std::string_view> syscall_groups(std::string_view name);

}  // namespace ig
