// SPDX-License-Identifier: Apache-2.0
#include "reporters/code_names.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <utility>

namespace ig {
namespace {

// Sets of bits that include others come first.
constexpr std::array kOpenFlags = {
    std::pair{O_TMPFILE, "O_TMPFILE"},   std::pair{O_SYNC, "O_SYNC"},
    std::pair{O_APPEND, "O_APPEND"},     std::pair{O_ASYNC, "O_ASYNC"},
    std::pair{O_CLOEXEC, "O_CLOEXEC"},   std::pair{O_CREAT, "O_CREAT"},
    std::pair{O_DIRECT, "O_DIRECT"},     std::pair{O_DIRECTORY, "O_DIRECTORY"},
    std::pair{O_DSYNC, "O_DSYNC"},       std::pair{O_EXCL, "O_EXCL"},
    std::pair{0100000, "O_LARGEFILE"},   std::pair{O_NOATIME, "O_NOATIME"},
    std::pair{O_NOCTTY, "O_NOCTTY"},     std::pair{O_NOFOLLOW, "O_NOFOLLOW"},
    std::pair{O_NONBLOCK, "O_NONBLOCK"}, std::pair{O_PATH, "O_PATH"},
    std::pair{O_TRUNC, "O_TRUNC"}};
constexpr std::array kAccessModes = {"O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE"};

}  // namespace

std::string errno_name(std::int64_t number) {
  if (number == 0) return "";
  const auto* name = strerrorname_np(static_cast<int>(std::llabs(number)));
  return name == nullptr ? std::to_string(number) : name;
}

std::string signal_name(std::int64_t number) {
  const auto* name = sigabbrev_np(static_cast<int>(number));
  return name == nullptr ? std::to_string(number) : fmt::format("SIG{}", name);
}

std::string protocol_name(std::int64_t number) {
  switch (number) {
    case IPPROTO_ICMP:
      return "ICMP";
    case IPPROTO_TCP:
      return "TCP";
    case IPPROTO_UDP:
      return "UDP";
    case IPPROTO_ICMPV6:
      return "ICMPv6";
    case IPPROTO_SCTP:
      return "SCTP";
    default:
      return std::to_string(number);
  }
}

std::string open_flags_text(std::int64_t flags) {
  std::string text = kAccessModes[static_cast<std::size_t>(flags & O_ACCMODE)];
  auto rest = flags & ~static_cast<std::int64_t>(O_ACCMODE);
  for (const auto& [bits, name] : kOpenFlags) {
    if ((rest & bits) != bits) continue;
    text += fmt::format("|{}", name);
    rest &= ~static_cast<std::int64_t>(bits);
  }
  return rest == 0 ? text : fmt::format("{}|{:#x}", text, rest);
}

}  // namespace ig
