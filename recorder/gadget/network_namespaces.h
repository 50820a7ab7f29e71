// SPDX-License-Identifier: Apache-2.0
// Network namespaces: the kernel lists the sockets of one only, that of who asks, so whoever wants
// those of all has to ask from within each.
#pragma once

#include <functional>
#include <vector>

#include "base/handle.h"
#include "base/result.h"

namespace ig {

// Those that processes are in, but for our own. None where we may not enter any.
std::vector<UniqueFd> other_network_namespaces();

// Does `deed` within that namespace, and comes back.
Result<> within_network_namespace(const UniqueFd& network, const std::function<void()>& deed);

}  // namespace ig
