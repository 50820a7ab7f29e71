// SPDX-License-Identifier: Apache-2.0
// Who may talk to whom: between what owns pods, nodes and the blocks that policies name, by the
// policies; or, without policies, who was seen to.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "advisors/network/policy.h"
#include "advisors/network/traffic.h"
#include "base/result.h"

namespace ig {

// Several units that may, or did, reach the same on the same ports.
struct ConnectivityEdge {
  std::vector<std::string> sources, destinations;  // units, or "all of shop", "everyone"
  std::string ports;                               // "TCP 80, 443", "every port"
  std::uint64_t count = 0;                         // recorded connections between them
};

struct ConnectivityUnit {
  std::string name;   // "shop/Deployment/web", "node node1", "203.0.113.0/24"
  std::string group;  // its namespace; "" outside
};

struct Connectivity {
  std::vector<ConnectivityUnit> units;
  std::vector<ConnectivityEdge> edges;
  // Units that no policy restricts in a direction. An edge is there for what a policy has a say in:
  // from one of the first to one of the second everything is allowed.
  std::vector<std::string> free_egress, free_ingress;
  std::vector<std::string> caveats;
};

Result<Connectivity> connectivity_by(std::span<const Policy> policies,
                                     std::span<const TrafficEnd> pods,
                                     std::span<const Traffic> traffic);
Connectivity connectivity_recorded(std::span<const Traffic> traffic);

}  // namespace ig
