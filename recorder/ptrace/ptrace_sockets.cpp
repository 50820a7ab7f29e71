// SPDX-License-Identifier: Apache-2.0
#include "recorder/ptrace/ptrace_sockets.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "base/handle.h"
#include "recorder/ptrace/ptrace_memory.h"

namespace ig {
namespace {

std::string address_text(int family, const void* bytes) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(family, bytes, text.data(), text.size());
  return text.data();
}

Endpoint endpoint_of(const in6_addr& address, std::uint16_t port) {
  if (IN6_IS_ADDR_V4MAPPED(&address)) return {address_text(AF_INET, &address.s6_addr[12]), port};
  return {address_text(AF_INET6, &address), port};
}

int option(int fd, int name) {
  int value = 0;
  socklen_t size = sizeof value;
  return ::getsockopt(fd, SOL_SOCKET, name, &value, &size) == 0 ? value : 0;
}

template <auto Get>
Endpoint endpoint_by(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (Get(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return {};
  return read_endpoint(address).value_or(Endpoint{});
}

std::optional<SocketView> view_duplicate(int fd) {
  const int domain = option(fd, SO_DOMAIN);
  if (domain != AF_INET && domain != AF_INET6) return std::nullopt;
  SocketView view;
  struct stat info {};
  if (::fstat(fd, &info) == 0) view.inode = info.st_ino;
  view.protocol = option(fd, SO_PROTOCOL);
  view.local = endpoint_by<::getsockname>(fd);
  view.peer = endpoint_by<::getpeername>(fd);
  tcp_info state{};
  socklen_t size = sizeof state;
  if (view.protocol == IPPROTO_TCP && ::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &state, &size) == 0) {
    view.tcp_state = state.tcpi_state;
    view.bytes_sent = state.tcpi_bytes_sent - state.tcpi_bytes_retrans;
    view.bytes_received = state.tcpi_bytes_received;
  }
  return view;
}

// "0100007F:1F90": words of the address in this machine's order, the port as a number.
std::optional<Endpoint> parse_table_endpoint(const std::string& text) {
  const auto colon = text.find(':');
  if (colon != 8 && colon != 32) return std::nullopt;
  const auto port = static_cast<std::uint16_t>(std::strtoul(text.c_str() + colon + 1, nullptr, 16));
  std::array<std::uint32_t, 4> words{};
  for (std::size_t i = 0; i < colon / 8; ++i) {
    words[i] = static_cast<std::uint32_t>(std::strtoul(text.substr(i * 8, 8).c_str(), nullptr, 16));
  }
  if (colon == 8) return Endpoint{address_text(AF_INET, words.data()), port};
  in6_addr address{};
  std::memcpy(&address, words.data(), sizeof address);
  return endpoint_of(address, port);
}

// sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode
std::optional<SocketView> find_in_table(pid_t pid, const char* table, int protocol,
                                        std::uint64_t inode) {
  std::ifstream file(fmt::format("/proc/{}/net/{}", pid, table));
  for (std::string line; std::getline(file, line);) {
    std::array<char, 64> local{}, peer{};
    unsigned state = 0;
    unsigned long long number = 0;
    const int count = std::sscanf(line.c_str(), "%*s %63s %63s %x %*s %*s %*s %*s %*s %llu",
                                  local.data(), peer.data(), &state, &number);
    if (count != 4 || number != inode) continue;
    SocketView view;
    view.inode = inode;
    view.protocol = protocol;
    view.tcp_state = static_cast<int>(state);
    view.local = parse_table_endpoint(local.data()).value_or(Endpoint{});
    view.peer = parse_table_endpoint(peer.data()).value_or(Endpoint{});
    return view;
  }
  return std::nullopt;
}

std::optional<SocketView> view_in_tables(pid_t pid, int fd) {
  const auto link = process_link(pid, "fd/" + std::to_string(fd));
  if (!link.starts_with("socket:[")) return std::nullopt;
  const auto inode = std::strtoull(link.c_str() + 8, nullptr, 10);
  constexpr std::pair<const char*, int> kTables[] = {
      {"tcp", IPPROTO_TCP}, {"tcp6", IPPROTO_TCP}, {"udp", IPPROTO_UDP}, {"udp6", IPPROTO_UDP}};
  for (const auto& [table, protocol] : kTables) {
    if (auto view = find_in_table(pid, table, protocol, inode)) return view;
  }
  return std::nullopt;
}

}  // namespace

bool Endpoint::to_many() const {
  in_addr v4{};
  if (::inet_pton(AF_INET, address.c_str(), &v4) == 1) {
    return IN_MULTICAST(ntohl(v4.s_addr)) || v4.s_addr == INADDR_BROADCAST;
  }
  in6_addr v6{};
  return ::inet_pton(AF_INET6, address.c_str(), &v6) == 1 && IN6_IS_ADDR_MULTICAST(&v6);
}

std::optional<Endpoint> read_endpoint(const sockaddr_storage& storage) {
  if (storage.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &storage, sizeof v4);
    return Endpoint{address_text(AF_INET, &v4.sin_addr), ntohs(v4.sin_port)};
  }
  if (storage.ss_family != AF_INET6) return std::nullopt;
  sockaddr_in6 v6{};
  std::memcpy(&v6, &storage, sizeof v6);
  return endpoint_of(v6.sin6_addr, ntohs(v6.sin6_port));
}

std::optional<Endpoint> read_endpoint(pid_t tid, std::uint64_t address, std::uint64_t size) {
  sockaddr_storage storage{};
  read_tracee(tid, address, &storage, std::min<std::uint64_t>(size, sizeof storage));
  return read_endpoint(storage);
}

std::vector<int> socket_descriptors(pid_t pid) {
  namespace fs = std::filesystem;
  std::vector<int> found;
  std::error_code error;
  for (fs::directory_iterator it(fmt::format("/proc/{}/fd", pid), error), end; !error && it != end;
       it.increment(error)) {
    std::error_code ignored;
    if (fs::read_symlink(it->path(), ignored).string().starts_with("socket:")) {
      found.push_back(std::atoi(it->path().filename().c_str()));
    }
  }
  return found;
}

std::optional<SocketView> view_socket(TracedProcess& process, int fd) {
  if (const auto pidfd = process.pidfd()) {
    const UniqueFd duplicate(static_cast<int>(::syscall(SYS_pidfd_getfd, *pidfd, fd, 0)));
    if (duplicate) return view_duplicate(duplicate.get());
    if (errno == EBADF) return std::nullopt;
  }
  return view_in_tables(process.pid, fd);
}

}  // namespace ig
