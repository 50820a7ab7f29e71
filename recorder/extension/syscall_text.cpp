// SPDX-License-Identifier: Apache-2.0
#include "recorder/extension/syscall_text.h"

#include <arpa/inet.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <ctime>

#include "recorder/extension/syscall_constants.h"

namespace ig {
namespace {

const ConstantTable& constants(std::string_view name) {
  static constexpr ConstantTable kNone{"", "", {}};
  const auto* table = find_constants(name);
  return table == nullptr ? kNone : *table;
}

bool is_octal_digit(char c) { return c >= '0' && c <= '7'; }

void append_escaped(std::string& text, char c, char next) {
  switch (c) {
    case '"':
      text += "\\\"";
      return;
    case '\\':
      text += "\\\\";
      return;
    case '\f':
      text += "\\f";
      return;
    case '\n':
      text += "\\n";
      return;
    case '\r':
      text += "\\r";
      return;
    case '\t':
      text += "\\t";
      return;
    case '\v':
      text += "\\v";
      return;
    default:
      break;
  }
  if (c >= ' ' && c <= '~') {
    text += c;
    return;
  }
  const unsigned byte = static_cast<unsigned char>(c);
  // As short as it can be: a digit behind it would be taken for part of it.
  if (is_octal_digit(next) || next == '8' || next == '9') {
    append(text, "\\{:03o}", byte);
  } else {
    append(text, "\\{:o}", byte);
  }
}

template <typename T>
T load(std::string_view bytes) {
  T value{};
  std::memcpy(static_cast<void*>(&value), bytes.data(), std::min(bytes.size(), sizeof value));
  return value;
}

void append_unix_address(std::string& text, std::string_view bytes) {
  auto path = bytes.substr(std::min(bytes.size(), offsetof(sockaddr_un, sun_path)));
  text += "sun_path=";
  if (!path.empty() && path.front() == '\0') {  // of the abstract namespace
    text += '@';
    append_quoted(text, path.substr(1));
    return;
  }
  append_quoted(text, path.substr(0, path.find('\0')));
}

void append_inet6_address(std::string& text, std::string_view bytes) {
  const auto address = load<sockaddr_in6>(bytes);
  std::array<char, INET6_ADDRSTRLEN> name{};
  inet_ntop(AF_INET6, &address.sin6_addr, name.data(), name.size());
  append(text, "sin6_port=htons({}), sin6_flowinfo=htonl({}), ", ntohs(address.sin6_port),
         ntohl(address.sin6_flowinfo));
  append(text, "inet_pton(AF_INET6, \"{}\", &sin6_addr), sin6_scope_id={}", name.data(),
         address.sin6_scope_id);
}

void append_inet_address(std::string& text, std::string_view bytes) {
  const auto address = load<sockaddr_in>(bytes);
  std::array<char, INET_ADDRSTRLEN> name{};
  inet_ntop(AF_INET, &address.sin_addr, name.data(), name.size());
  append(text, "sin_port=htons({}), sin_addr=inet_addr(\"{}\")", ntohs(address.sin_port),
         name.data());
}

}  // namespace

void append_quoted(std::string& text, std::string_view bytes, bool more) {
  text += '"';
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    append_escaped(text, bytes[i], i + 1 < bytes.size() ? bytes[i + 1] : '\0');
  }
  text += more ? "\"..." : "\"";
}

void append_quoted_hex(std::string& text, std::string_view bytes, bool more) {
  text += '"';
  for (const char byte : bytes) append(text, "\\x{:02x}", static_cast<unsigned char>(byte));
  text += more ? "\"..." : "\"";
}

void append_hex(std::string& text, std::uint64_t value) {
  if (value == 0) {
    text += '0';
  } else {
    append(text, "{:#x}", value);
  }
}

void append_octal(std::string& text, std::uint64_t mode) { append(text, "{:#03o}", mode); }

void append_file_mode(std::string& text, std::uint32_t mode) {
  if (const auto type = mode & S_IFMT; type != 0) {
    const auto name = constant_name(constants("file_type"), type);
    if (name.empty()) {
      append(text, "{:#o}", type);
    } else {
      text += name;
    }
    text += '|';
  }
  for (const auto& [bit, name] : {std::pair(S_ISUID, "S_ISUID|"), std::pair(S_ISGID, "S_ISGID|"),
                                  std::pair(S_ISVTX, "S_ISVTX|")}) {
    if ((mode & static_cast<unsigned>(bit)) != 0) text += name;
  }
  append_octal(text, mode & 0777);
}

void append_device(std::string& text, std::uint64_t device) {
  append(text, "makedev({:#x}, {:#x})", major(device), minor(device));
}

void append_signal(std::string& text, std::uint64_t number) {
  constexpr std::uint64_t kFirstRealTime = 32, kLast = 64;
  const auto name = constant_name(constants("signal"), number);
  if (!name.empty()) {
    text += name;
  } else if (number == kFirstRealTime) {
    text += "SIGRTMIN";
  } else if (number > kFirstRealTime && number <= kLast) {
    append(text, "SIGRT_{}", number - kFirstRealTime);
  } else {
    append(text, "{}", number);
  }
}

void append_signal_set(std::string& text, std::uint64_t mask) {
  constexpr int kSignals = 64;
  // As strace does: a set that has most of the signals is given by those that it lacks.
  if (std::popcount(mask) >= kSignals * 2 / 3) {
    text += '~';
    mask = ~mask;
  }
  text += '[';
  bool first = true;
  for (unsigned i = 0; i < kSignals; ++i) {
    if ((mask >> i & 1) == 0) continue;
    if (!first) text += ' ';
    first = false;
    std::string name;
    append_signal(name, i + 1);
    text += std::string_view(name).substr(name.starts_with("SIG") ? 3 : 0);
  }
  text += ']';
}

void append_wait_status(std::string& text, std::uint32_t status) {
  const auto value = static_cast<int>(status);
  if (WIFSIGNALED(value)) {
    text += "{WIFSIGNALED(s) && WTERMSIG(s) == ";
    append_signal(text, static_cast<std::uint64_t>(WTERMSIG(value)));
    if (WCOREDUMP(value)) text += " && WCOREDUMP(s)";
  } else if (WIFSTOPPED(value)) {
    text += "{WIFSTOPPED(s) && WSTOPSIG(s) == ";
    append_signal(text, static_cast<std::uint64_t>(WSTOPSIG(value) & 0x7f));
    if ((WSTOPSIG(value) & 0x80) != 0) text += " | 0x80";
  } else if (WIFCONTINUED(value)) {
    text += "{WIFCONTINUED(s)";
  } else {
    append(text, "{{WIFEXITED(s) && WEXITSTATUS(s) == {}", WEXITSTATUS(value));
  }
  text += '}';
}

void append_address(std::string& text, std::uint64_t address) {
  if (address == 0) {
    text += "NULL";
  } else {
    append(text, "{:#x}", address);
  }
}

void append_socket_address(std::string& text, std::string_view bytes) {
  sa_family_t family = AF_UNSPEC;
  if (bytes.size() < sizeof family) {
    append_quoted(text, bytes);
    return;
  }
  std::memcpy(&family, bytes.data(), sizeof family);
  text += "{sa_family=";
  append_constant(text, constants("family"), family);
  if (bytes.size() > sizeof family) text += ", ";
  if (family == AF_UNIX && bytes.size() > sizeof family) {
    append_unix_address(text, bytes);
  } else if (family == AF_INET && bytes.size() >= sizeof(sockaddr_in)) {
    append_inet_address(text, bytes);
  } else if (family == AF_INET6 && bytes.size() >= offsetof(sockaddr_in6, sin6_scope_id)) {
    append_inet6_address(text, bytes);
  } else if (family == AF_NETLINK && bytes.size() >= sizeof(sockaddr_nl)) {
    const auto address = load<sockaddr_nl>(bytes);
    append(text, "nl_pid={}, nl_groups={:08x}", address.nl_pid, address.nl_groups);
  } else if (bytes.size() > sizeof family) {
    text += "sa_data=";
    append_quoted(text, bytes.substr(sizeof family));
  }
  text += '}';
}

void append_error(std::string& text, std::int64_t error) {
  // What the kernel tells itself, and a tracer sees.
  constexpr std::pair<std::int64_t, std::string_view> kRestarts[] = {
      {512, "? ERESTARTSYS (To be restarted if SA_RESTART is set)"},
      {513, "? ERESTARTNOINTR (To be restarted)"},
      {514, "? ERESTARTNOHAND (To be restarted if no handler)"},
      {516, "? ERESTART_RESTARTBLOCK (Interrupted by signal)"}};
  for (const auto& [number, words] : kRestarts) {
    if (number != error) continue;
    text += words;
    return;
  }
  const auto number = static_cast<int>(error);
  if (const auto* name = strerrorname_np(number); name != nullptr) {
    append(text, "-1 {} ({})", name, strerrordesc_np(number));
  } else {
    append(text, "-1 (errno {})", number);
  }
}

}  // namespace ig
