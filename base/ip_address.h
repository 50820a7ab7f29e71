// SPDX-License-Identifier: Apache-2.0
// IpAddress: an address as policies need it: parsed (a session file's text is never pasted into a
// policy), ordered, and told apart by what a policy can say of it.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ig {

class IpAddress {
 public:
  // IPv4-mapped IPv6 becomes IPv4.
  static std::optional<IpAddress> parse(std::string_view text);

  // 4 bytes, or 16 of IPv6, in network order.
  static IpAddress of_bytes(const void* bytes, bool is_v6);

  bool is_v6() const { return v6_; }
  bool is_loopback() const;  // also the unspecified address, to which connecting means oneself
  bool is_link_local() const;
  bool is_multicast() const;  // also broadcast
  std::string text() const;
  std::string cidr() const;  // "10.0.0.7/32", "fd00::1/128"

  auto operator<=>(const IpAddress&) const = default;

 private:
  friend class IpNetwork;
  bool v6_ = false;
  std::array<std::uint8_t, 16> bytes_{};  // IPv4: the first four
};

// The addresses that begin with the same bits.
class IpNetwork {
 public:
  // "10.0.0.0/8", "fd00::/64", or an address alone. Bits behind the prefix are cleared.
  static std::optional<IpNetwork> parse(std::string_view text);
  // `length` is cut to what the family has.
  IpNetwork(const IpAddress& address, unsigned length);

  const IpAddress& address() const { return address_; }  // the first
  unsigned length() const { return length_; }
  bool is_v6() const { return address_.is_v6(); }
  bool contains(const IpAddress& address) const;
  bool contains(const IpNetwork& network) const;
  std::string text() const;  // "10.0.0.0/8"

  auto operator<=>(const IpNetwork&) const = default;

 private:
  IpAddress address_;
  unsigned length_;
};

}  // namespace ig
