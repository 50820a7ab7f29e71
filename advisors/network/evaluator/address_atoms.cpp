// SPDX-License-Identifier: Apache-2.0
#include "advisors/network/evaluator/address_atoms.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"

namespace ig {
namespace {

using Bytes = std::array<std::uint8_t, 16>;

Bytes bytes_of(const IpAddress& address) {
  Bytes bytes{};
  ::inet_pton(address.is_v6() ? AF_INET6 : AF_INET, address.text().c_str(), bytes.data());
  return bytes;
}

std::optional<IpAddress> address_of(const Bytes& bytes, bool v6) {
  char text[INET6_ADDRSTRLEN];
  ::inet_ntop(v6 ? AF_INET6 : AF_INET, bytes.data(), text, sizeof(text));
  const auto address = IpAddress::parse(text);
  return address && address->is_v6() == v6 ? address : std::nullopt;
}

// The first address behind a network; none behind the last.
std::optional<IpAddress> behind(const IpNetwork& network) {
  auto bytes = bytes_of(network.address());
  const unsigned width = network.is_v6() ? 128 : 32;
  for (unsigned bit = network.length(); bit < width; ++bit) {
    bytes[bit / 8] |= static_cast<std::uint8_t>(0x80U >> (bit % 8));
  }
  for (unsigned byte = width / 8; byte-- > 0;) {
    if (++bytes[byte] != 0) return address_of(bytes, network.is_v6());
  }
  return std::nullopt;
}

// Networks lie within each other or apart, so an address that is in none of those within is the
// first, or one right behind one of them.
std::optional<IpAddress> address_outside(const IpNetwork& network,
                                         const std::vector<IpNetwork>& within) {
  std::vector<IpAddress> candidates = {network.address()};
  for (const auto& inner : within) {
    if (const auto next = behind(inner)) candidates.push_back(*next);
  }
  for (const auto& candidate : candidates) {
    const auto holds = [&](const IpNetwork& inner) { return inner.contains(candidate); };
    if (network.contains(candidate) && std::ranges::none_of(within, holds)) return candidate;
  }
  return std::nullopt;
}

std::vector<IpNetwork> directly_within(const IpNetwork& network,
                                       const std::set<IpNetwork>& networks) {
  std::vector<IpNetwork> within;
  for (const auto& one : networks) {
    if (one == network || !network.contains(one)) continue;
    const bool nested = std::ranges::any_of(networks, [&](const IpNetwork& other) {
      return other != one && other != network && network.contains(other) && other.contains(one);
    });
    if (!nested) within.push_back(one);
  }
  return within;
}

std::string name_of(const IpNetwork& network, const std::vector<IpNetwork>& within) {
  if (network.length() == 0) {
    return fmt::format("{}{} addresses", within.empty() ? "all " : "other ",
                       network.is_v6() ? "IPv6" : "IPv4");
  }
  std::vector<std::string> names;
  for (const auto& one : within) names.push_back(one.text());
  return names.empty() ? network.text()
                       : fmt::format("{} but {}", network.text(), join(names, ", "));
}

}  // namespace

std::set<IpNetwork> networks_of(std::span<const Policy> policies) {
  std::set<IpNetwork> networks;
  const auto add = [&](const auto& self, const std::vector<PeerRule>& peers) -> void {
    for (const auto& peer : peers) {
      if (peer.block) {
        networks.insert(peer.block->network);
        networks.insert(peer.block->except.begin(), peer.block->except.end());
      }
      self(self, peer.except);
    }
  };
  for (const auto& policy : policies) {
    for (const auto* rules : {&policy.ingress, &policy.egress}) {
      for (const auto& rule : *rules) {
        add(add, rule.peers);
        add(add, rule.own);
      }
    }
  }
  return networks;
}

std::vector<AddressAtom> address_atoms(const std::set<IpNetwork>& networks) {
  auto all = networks;
  all.insert(*IpNetwork::parse("0.0.0.0/0"));
  all.insert(*IpNetwork::parse("::/0"));
  std::vector<AddressAtom> atoms;
  for (const auto& network : all) {
    const auto within = directly_within(network, all);
    if (const auto address = address_outside(network, within)) {
      atoms.push_back({name_of(network, within), *address, network});
    }
  }
  return atoms;
}

}  // namespace ig
