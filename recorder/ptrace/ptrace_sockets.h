// SPDX-License-Identifier: Apache-2.0
// Sockets of a traced process, seen from outside: by a duplicate of the descriptor where
// pidfd_getfd(2) is allowed, else in the tables of /proc/PID/net.
#pragma once

#include <sys/socket.h>

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "recorder/ptrace/ptrace_process.h"

namespace ig {

struct Endpoint {
  std::string address;  // IPv4 or IPv6; an IPv4 address mapped into IPv6 is IPv4
  std::uint16_t port = 0;

  bool known() const { return !address.empty() && port != 0; }
  bool to_many() const;  // multicast or broadcast
  auto operator<=>(const Endpoint&) const = default;
};

// nullopt for anything but AF_INET and AF_INET6.
std::optional<Endpoint> read_endpoint(const sockaddr_storage& address);
// As it lies in the tracee's memory.
std::optional<Endpoint> read_endpoint(pid_t tid, std::uint64_t address, std::uint64_t size);

struct SocketView {
  std::uint64_t inode = 0;
  int protocol = 0;  // IPPROTO_TCP, IPPROTO_UDP…
  Endpoint local, peer;
  int tcp_state = 0;                                 // TCP_ESTABLISHED…; 0 = not known
  std::uint64_t bytes_sent = 0, bytes_received = 0;  // of TCP, where the kernel tells
};

// nullopt when the descriptor is no internet socket.
std::optional<SocketView> view_socket(TracedProcess& process, int fd);

// Descriptors that are sockets, of any kind.
std::vector<int> socket_descriptors(pid_t pid);

}  // namespace ig
