// SPDX-License-Identifier: Apache-2.0
// What two sets of network policies differ in by meaning, however they are written: which pods may
// reach, or be reached by, whom on which ports.
//
// There is no cluster to ask, so one is made up: a pod for each selector that either side has, an
// address for each piece of their blocks, a node, a name for each pattern. No policy of either side
// can tell two ends of one piece apart, but for pods that several selectors choose at once; of
// those, pods are made for each two subjects that can meet in one pod.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "advisors/network/policy.h"
#include "base/result.h"

namespace ig {

struct NetworkChange {
  enum class Kind { kAdded, kRemoved };
  Kind kind = Kind::kAdded;
  bool egress = false;
  bool open = false;               // whether it is allowed depends on what no policy says (HTTP…)
  std::string subject;             // "pods app=web of shop"
  std::vector<std::string> peers;  // "pods app=db of shop", "10.0.0.0/8", "everybody"
  std::string ports;               // "TCP 80", "every port"
  std::string because;  // what decides on the side that allows: "NetworkPolicy shop/web…"
  std::string source;   // its document, or ""
  std::string before;   // what decided on the side that denies
  bool operator==(const NetworkChange&) const = default;
};

struct NetworkDiff {
  std::vector<NetworkChange> changes;  // added first
  std::vector<std::string> caveats;

  std::size_t count(NetworkChange::Kind kind) const;
  bool gains() const { return count(NetworkChange::Kind::kAdded) > 0; }
};

Result<NetworkDiff> diff_network(std::span<const Policy> before, std::span<const Policy> after);

}  // namespace ig
