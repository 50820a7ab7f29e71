// SPDX-License-Identifier: Apache-2.0
#include "cli/machine.h"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/clock.h"
#include "cli/commands.h"

namespace ig {
namespace {

std::string first_line(const char* path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

std::string shell_word(const std::string& word) {
  constexpr auto kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

// How this process was called, as one would type it.
std::string own_command_line() {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  std::string line;
  for (std::string word; std::getline(file, word, '\0');) {
    line += (line.empty() ? "" : " ") + shell_word(word);
  }
  return line;
}

}  // namespace

SessionInfo describe_machine() {
  utsname name{};
  uname(&name);
  SessionInfo info;
  info.tool_version = kVersion;
  info.host_name = name.nodename;
  info.kernel_release = name.release;
  info.architecture = name.machine;
  info.boot_id = first_line("/proc/sys/kernel/random/boot_id");
  info.machine_id = first_line("/etc/machine-id");
  info.btf = std::filesystem::exists("/sys/kernel/btf/vmlinux") ? "vmlinux" : "none";
  info.command_line = own_command_line();
  info.started_ns = wall_time_ns();
  return info;
}

std::string default_session_name(const SessionInfo& info) {
  auto time = format_time(info.started_ns);
  std::erase_if(time, [](char c) { return c == '-' || c == ':'; });
  auto host = info.host_name;
  std::ranges::replace(host, '/', '_');
  return fmt::format("ig-{}-{}.db", host, time);
}

}  // namespace ig
