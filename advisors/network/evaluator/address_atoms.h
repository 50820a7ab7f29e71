// SPDX-License-Identifier: Apache-2.0
// All addresses, cut at the blocks that policies mention: one address for each piece that no policy
// tells apart.
#pragma once

#include <set>
#include <span>
#include <string>
#include <vector>

#include "advisors/network/policy.h"

namespace ig {

struct AddressAtom {
  std::string name;  // "10.0.0.0/8", "10.0.0.0/8 but 10.1.0.0/16", "other IPv4 addresses"
  IpAddress address;
  IpNetwork network;  // the smallest that holds it
};

// Blocks and what they leave out, of all rules.
std::set<IpNetwork> networks_of(std::span<const Policy> policies);
std::vector<AddressAtom> address_atoms(const std::set<IpNetwork>& networks);

}  // namespace ig
