// SPDX-License-Identifier: Apache-2.0
#include "recorder/source/proc_net_table.h"

#include <arpa/inet.h>

#include <array>
#include <charconv>
#include <cstring>
#include <vector>

#include "base/text.h"

namespace ig {
namespace {

template <typename T>
bool read_number(std::string_view text, T& number, int base) {
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number, base);
  return error == std::errc() && stop == end;
}

// "0100007F:1F90": words of 32 bits as this machine has them in memory, then the port.
bool read_endpoint(std::string_view text, std::string& address, std::uint16_t& port) {
  constexpr std::size_t kWord = 8;
  const auto colon = text.find(':');
  if (colon != kWord && colon != 4 * kWord) return false;
  std::array<std::uint32_t, 4> words{};
  for (std::size_t i = 0; i < colon / kWord; ++i) {
    if (!read_number(text.substr(i * kWord, kWord), words[i], 16)) return false;
  }
  if (!read_number(text.substr(colon + 1), port, 16)) return false;
  std::array<char, INET6_ADDRSTRLEN> written{};
  const int family = colon == kWord ? AF_INET : AF_INET6;
  ::inet_ntop(family, words.data(), written.data(), written.size());
  address = written.data();
  return true;
}

}  // namespace

std::optional<ProcSocket> parse_socket_line(std::string_view line) {
  std::vector<std::string_view> words;
  for (const auto word : split(line, ' ')) {
    if (!word.empty()) words.push_back(word);
  }
  // sl local remote st tx:rx tr:when retransmits uid timeout inode
  constexpr std::size_t kInode = 9;
  ProcSocket socket;
  if (words.size() <= kInode || !words[0].ends_with(':')) return std::nullopt;
  if (!read_endpoint(words[1], socket.address, socket.port) ||
      !read_endpoint(words[2], socket.peer_address, socket.peer_port) ||
      !read_number(words[3], socket.state, 16) || !read_number(words[kInode], socket.inode, 10)) {
    return std::nullopt;
  }
  return socket;
}

}  // namespace ig
