// SPDX-License-Identifier: Apache-2.0
// Addresses and networks: what was read is read again from what is written.
#include <cstdint>

#include "base/ip_address.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto address = ig::IpAddress::parse(text)) {
    if (ig::IpAddress::parse(address->text()) != address) __builtin_trap();
  }
  if (const auto network = ig::IpNetwork::parse(text)) {
    if (ig::IpNetwork::parse(network->text()) != network) __builtin_trap();
    if (!network->contains(network->address()) || !network->contains(*network)) __builtin_trap();
  }
  return 0;
}
