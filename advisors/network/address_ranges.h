// SPDX-License-Identifier: Apache-2.0
// Ranges of addresses that mean something by themselves.
#pragma once

#include <algorithm>
#include <array>

#include "base/ip_address.h"

namespace ig {

// Handed out inside of networks, so that a cluster may have used them.
inline const auto& private_networks() {
  static const std::array<IpNetwork, 5> kNetworks = {
      *IpNetwork::parse("10.0.0.0/8"), *IpNetwork::parse("172.16.0.0/12"),
      *IpNetwork::parse("192.168.0.0/16"), *IpNetwork::parse("100.64.0.0/10"),
      *IpNetwork::parse("fc00::/7")};
  return kNetworks;
}

inline bool is_private(const IpAddress& address) {
  return std::ranges::any_of(private_networks(),
                             [&](const IpNetwork& network) { return network.contains(address); });
}

// Of the machine itself, its link, and everybody on it.
inline const auto& special_networks() {
  static const std::array<IpNetwork, 6> kNetworks = {
      *IpNetwork::parse("0.0.0.0/8"),      *IpNetwork::parse("127.0.0.0/8"),
      *IpNetwork::parse("169.254.0.0/16"), *IpNetwork::parse("224.0.0.0/3"),
      *IpNetwork::parse("fe80::/10"),      *IpNetwork::parse("ff00::/8")};
  return kNetworks;
}

}  // namespace ig
