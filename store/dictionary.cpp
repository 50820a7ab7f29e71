// SPDX-License-Identifier: Apache-2.0
#include "store/dictionary.h"

// The kernel's flags, which differ between architectures, and not glibc's (whose O_LARGEFILE is 0).
#include <asm/fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <cerrno>
#include <csignal>
#include <cstring>

namespace ig {
namespace {

Dictionary errno_names() {
  Dictionary names;
  for (int number = 1; number < 4096; ++number) {
    if (const char* name = strerrorname_np(number)) names[number] = name;
  }
  return names;
}

Dictionary signal_names() {
  Dictionary names;
  for (int number = 1; number < NSIG; ++number) {
    if (const char* name = sigabbrev_np(number)) names[number] = fmt::format("SIG{}", name);
  }
  return names;
}

// 0 to 2 are the access mode, of which every call has one; the rest are bits. O_SYNC and O_TMPFILE
// hold a second bit that has a name of its own and is left to it.
Dictionary open_flag_names() {
  return {{O_RDONLY, "O_RDONLY"},       {O_WRONLY, "O_WRONLY"},       {O_RDWR, "O_RDWR"},
          {O_CREAT, "O_CREAT"},         {O_EXCL, "O_EXCL"},           {O_NOCTTY, "O_NOCTTY"},
          {O_TRUNC, "O_TRUNC"},         {O_APPEND, "O_APPEND"},       {O_NONBLOCK, "O_NONBLOCK"},
          {O_DSYNC, "O_DSYNC"},         {FASYNC, "O_ASYNC"},          {O_DIRECT, "O_DIRECT"},
          {O_LARGEFILE, "O_LARGEFILE"}, {O_DIRECTORY, "O_DIRECTORY"}, {O_NOFOLLOW, "O_NOFOLLOW"},
          {O_NOATIME, "O_NOATIME"},     {O_CLOEXEC, "O_CLOEXEC"},     {__O_SYNC, "O_SYNC"},
          {O_PATH, "O_PATH"},           {__O_TMPFILE, "O_TMPFILE"}};
}

Dictionary protocol_names() {
  return {{IPPROTO_ICMP, "ICMP"},  {IPPROTO_IGMP, "IGMP"},       {IPPROTO_TCP, "TCP"},
          {IPPROTO_UDP, "UDP"},    {IPPROTO_DCCP, "DCCP"},       {IPPROTO_GRE, "GRE"},
          {IPPROTO_ESP, "ESP"},    {IPPROTO_AH, "AH"},           {IPPROTO_ICMPV6, "ICMPv6"},
          {IPPROTO_SCTP, "SCTP"},  {IPPROTO_UDPLITE, "UDPLITE"}, {IPPROTO_RAW, "RAW"},
          {IPPROTO_MPTCP, "MPTCP"}};
}

}  // namespace

const std::map<std::string_view, Dictionary>& dictionaries() {
  static const std::map<std::string_view, Dictionary> all = {{"errno", errno_names()},
                                                             {"signal", signal_names()},
                                                             {"open_flags", open_flag_names()},
                                                             {"protocol", protocol_names()}};
  return all;
}

std::string flag_text(const Dictionary& names, std::int64_t value) {
  std::string text;
  std::int64_t rest = value;
  for (const auto& [bits, name] : names) {
    if ((bits != 0 || value == 0) && (value & bits) == bits) {
      text += (text.empty() ? "" : "|") + name;
      rest &= ~bits;
    }
  }
  if (rest != 0) {
    text += fmt::format("{}0x{:x}", text.empty() ? "" : "|", static_cast<std::uint64_t>(rest));
  }
  return text;
}

}  // namespace ig
