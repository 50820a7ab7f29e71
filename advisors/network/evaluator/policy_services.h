// SPDX-License-Identifier: Apache-2.0
// Who stood behind the services that policies name (Cilium's toServices, Calico's services), and
// behind the API server's, by an inventory.
#pragma once

#include <span>

#include "advisors/network/policy.h"
#include "advisors/network/resolver/inventory_index.h"

namespace ig {

// Fills PeerRule::backends; of a service that the inventory does not have, or has no endpoints of,
// they stay unknown.
void resolve_services(std::span<Policy> policies, const InventoryIndex& cluster,
                      const Validity& when);

}  // namespace ig
