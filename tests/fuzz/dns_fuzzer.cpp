// SPDX-License-Identifier: Apache-2.0
// DNS messages come from anybody's machine.
#include <cstdint>

#include "recorder/extension/dns_message.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static ig::DnsMessage message;
  if (!message.read({reinterpret_cast<const std::byte*>(data), size})) return 0;
  // A name has 255 bytes, each at most four characters; an address takes 15 bytes of the message.
  if (message.name.size() > 4 * 255 || message.addresses.size() > 4 * size) __builtin_trap();
  return 0;
}
