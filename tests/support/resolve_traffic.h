// SPDX-License-Identifier: Apache-2.0
// The traffic of recordings in one call.
#pragma once

#include <vector>

#include "advisors/network/resolver/traffic_resolver.h"

namespace ig::test {

inline Result<std::vector<Traffic>> resolve_traffic(Recordings recordings,
                                                    const Selector& selector) {
  IG_ASSIGN(const auto workloads, choose_recorded(recordings, selector));
  IG_ASSIGN(const auto resolver, TrafficResolver::open(recordings));
  return resolver.traffic(workloads);
}

}  // namespace ig::test
