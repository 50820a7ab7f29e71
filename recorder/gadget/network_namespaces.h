// SPDX-License-Identifier: Apache-2.0
// Network namespaces: the kernel speaks of the sockets and interfaces of one only, that of who
// asks, so whoever wants those of all has to ask from within each.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "base/handle.h"
#include "base/result.h"

namespace ig {

// Of that process; empty if it is gone, or not ours to look at.
UniqueFd open_network_namespace(pid_t pid);
// How events name it; 0 if there is none.
std::uint32_t network_namespace_inode(const UniqueFd& network);

// Whether the thread is in the machine's first one.
bool is_initial_network_namespace();

// An error (CAP_SYS_ADMIN is missing) where we may not.
Result<> may_enter_network_namespaces();

// Those that processes are in, but for our own. None where we may not enter any.
std::vector<UniqueFd> other_network_namespaces();

// Does `deed` within that namespace, and comes back.
Result<> within_network_namespace(const UniqueFd& network, const std::function<void()>& deed);

}  // namespace ig
