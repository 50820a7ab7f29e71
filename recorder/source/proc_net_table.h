// SPDX-License-Identifier: Apache-2.0
// A line of /proc/net/{tcp,tcp6,udp,udp6}.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ig {

struct ProcSocket {
  std::string address, peer_address;
  std::uint16_t port = 0, peer_port = 0;
  std::uint8_t state = 0;   // as the kernel numbers those of TCP
  std::uint64_t inode = 0;  // 0: no process has it open
};

// nullopt: the heading, or nothing that we know.
std::optional<ProcSocket> parse_socket_line(std::string_view line);

}  // namespace ig
