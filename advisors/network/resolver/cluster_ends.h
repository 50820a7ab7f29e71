// SPDX-License-Identifier: Apache-2.0
// The pods of an inventory as ends of traffic, and the units that people think in: what owns pods.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "advisors/network/resolver/inventory_index.h"
#include "advisors/network/traffic.h"

namespace ig {

// Pods with an address of their own that lived in `when`, one entry each, by namespace and name.
std::vector<TrafficEnd> pod_ends(const InventoryIndex& cluster, const Validity& when);

// "shop/Deployment/web", "shop/Pod/debug", "node node1", "203.0.113.7", "unknown 10.0.0.9".
std::string unit_of(const TrafficEnd& end);

}  // namespace ig
