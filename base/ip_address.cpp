// SPDX-License-Identifier: Apache-2.0
#include "base/ip_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace ig {
namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  const std::string copy(text);
  IpAddress address;
  if (::inet_pton(AF_INET, copy.c_str(), address.bytes_.data()) == 1) return address;
  if (::inet_pton(AF_INET6, copy.c_str(), address.bytes_.data()) != 1) return std::nullopt;
  address.v6_ = true;
  if (std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), address.bytes_.begin())) {
    std::copy_n(address.bytes_.begin() + 12, 4, address.bytes_.begin());
    std::fill(address.bytes_.begin() + 4, address.bytes_.end(), std::uint8_t{0});
    address.v6_ = false;
  }
  return address;
}

IpAddress IpAddress::of_bytes(const void* bytes, bool is_v6) {
  IpAddress address;
  address.v6_ = is_v6;
  std::memcpy(address.bytes_.data(), bytes, is_v6 ? 16 : 4);
  return address;
}

bool IpAddress::is_loopback() const {
  if (!v6_) return bytes_[0] == 127 || std::ranges::all_of(bytes_, [](auto b) { return b == 0; });
  return std::all_of(bytes_.begin(), bytes_.end() - 1, [](auto b) { return b == 0; }) &&
         bytes_[15] <= 1;
}

bool IpAddress::is_link_local() const {
  return v6_ ? bytes_[0] == 0xfe && (bytes_[1] & 0xc0) == 0x80
             : bytes_[0] == 169 && bytes_[1] == 254;
}

bool IpAddress::is_multicast() const {
  if (v6_) return bytes_[0] == 0xff;
  const bool broadcast =
      std::all_of(bytes_.begin(), bytes_.begin() + 4, [](auto b) { return b == 255; });
  return (bytes_[0] & 0xf0) == 0xe0 || broadcast;
}

std::string IpAddress::text() const {
  char buffer[INET6_ADDRSTRLEN];
  ::inet_ntop(v6_ ? AF_INET6 : AF_INET, bytes_.data(), buffer, sizeof(buffer));
  return buffer;
}

std::string IpAddress::cidr() const { return IpNetwork(*this, 128).text(); }

std::optional<IpNetwork> IpNetwork::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  const unsigned longest = address->is_v6() ? 128 : 32;
  if (slash == text.npos) return IpNetwork(*address, longest);
  const auto digits = text.substr(slash + 1);
  unsigned length = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  // "::ffff:10.0.0.0/104" is 10.0.0.0/8
  if (!address->is_v6() && text.find(':') != text.npos) {
    if (length < 96) return std::nullopt;
    length -= 96;
  }
  if (length > longest) return std::nullopt;
  return IpNetwork(*address, length);
}

IpNetwork::IpNetwork(const IpAddress& address, unsigned length)
    : address_(address), length_(std::min(length, address.is_v6() ? 128U : 32U)) {
  for (unsigned byte = 0; byte < address_.bytes_.size(); ++byte) {
    const auto kept = length_ > byte * 8 ? std::min(length_ - byte * 8, 8U) : 0U;
    address_.bytes_[byte] &= static_cast<std::uint8_t>(0xff00U >> kept);
  }
}

bool IpNetwork::contains(const IpAddress& address) const {
  return address.is_v6() == is_v6() && IpNetwork(address, length_).address_ == address_;
}

bool IpNetwork::contains(const IpNetwork& network) const {
  return network.length_ >= length_ && contains(network.address_);
}

std::string IpNetwork::text() const { return address_.text() + '/' + std::to_string(length_); }

}  // namespace ig
