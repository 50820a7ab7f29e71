// SPDX-License-Identifier: Apache-2.0
// What /proc says of sockets and descriptors, a line each.
#include <cstdint>

#include "base/ip_address.h"
#include "base/text.h"
#include "recorder/source/proc_descriptors.h"
#include "recorder/source/proc_net_table.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  for (const auto line : ig::split({reinterpret_cast<const char*>(data), size}, '\n')) {
    static_cast<void>(ig::socket_inode(line));
    const auto socket = ig::parse_socket_line(line);
    if (socket && !ig::IpAddress::parse(socket->peer_address)) __builtin_trap();
  }
  return 0;
}
