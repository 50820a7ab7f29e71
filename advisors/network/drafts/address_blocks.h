// SPDX-License-Identifier: Apache-2.0
// Fewer blocks of addresses: those of peers outside of the cluster whose ports are the same are
// joined until a budget is kept. A block is never wider than its addresses need, and never covers
// an address that somebody else is known to have.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "advisors/network/policy.h"
#include "store/inventory.h"

namespace ig {

// What no joined block may cover: pods, nodes and services of the inventory, and `more`.
class TakenAddresses {
 public:
  TakenAddresses(const Inventory& inventory, std::set<IpAddress> more);
  bool any_in(const IpNetwork& network) const;

 private:
  std::set<IpAddress> addresses_;
  std::vector<IpNetwork> networks_;  // ranges of the cluster
};

// Joins the blocks of rules that have only one, which is a single address, and are not of a block
// of unseen needs. Whether they are outside of the cluster `taken` decides: what is in the cluster
// is taken. Returns what to tell of it.
std::vector<std::string> join_blocks(std::vector<PolicyRule>& rules, std::size_t budget,
                                     const TakenAddresses& taken);

}  // namespace ig
