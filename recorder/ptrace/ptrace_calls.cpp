// SPDX-License-Identifier: Apache-2.0
#include "recorder/ptrace/ptrace_calls.h"

#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "recorder/ptrace/ptrace_memory.h"

namespace ig {
namespace {

constexpr std::pair<std::string_view, Call> kCalls[] = {
    {"select", Call::kWait},
    {"_newselect", Call::kWait},
    {"pselect6", Call::kWait},
    {"pselect6_time64", Call::kWait},
    {"poll", Call::kWait},
    {"ppoll", Call::kWait},
    {"ppoll_time64", Call::kWait},
    {"epoll_wait", Call::kWait},
    {"epoll_pwait", Call::kWait},
    {"epoll_pwait2", Call::kWait},
    {"io_getevents", Call::kWait},
    {"io_uring_enter", Call::kWait},
    {"pause", Call::kPause},
    {"sigsuspend", Call::kPause},
    {"rt_sigsuspend", Call::kPause},
    {"rt_sigtimedwait", Call::kPause},
    {"rt_sigtimedwait_time64", Call::kPause},
    {"listen", Call::kListen},
    {"accept", Call::kAccept},
    {"accept4", Call::kAccept},
    {"connect", Call::kConnect},
    {"send", Call::kSend},
    {"sendto", Call::kSend},
    {"sendmsg", Call::kSendMessage},
    {"sendmmsg", Call::kSendMessages},
    {"recv", Call::kReceive},
    {"recvfrom", Call::kReceive},
    {"recvmsg", Call::kReceiveMessage},
    {"recvmmsg", Call::kReceiveMessages},
    {"recvmmsg_time64", Call::kReceiveMessages},
    {"read", Call::kRead},
    {"readv", Call::kRead},
    {"write", Call::kWrite},
    {"writev", Call::kWrite},
    {"close", Call::kClose},
    {"getsockopt", Call::kGetOption},
    {"open", Call::kOpen},
    {"openat", Call::kOpenAt},
    {"openat2", Call::kOpenAt2},
    {"creat", Call::kCreate},
    {"execve", Call::kExec},
    {"execveat", Call::kExecAt},
    {"exit_group", Call::kExit},
    {"prctl", Call::kControl},
    {"seccomp", Call::kSeccomp},
    {"io_uring_setup", Call::kIoUring},
};

using CallTable = std::unordered_map<std::int64_t, Call>;

CallTable make_table(std::string_view arch) {
  CallTable table;
  for (const auto& [name, call] : kCalls) {
    const auto number = syscall_number(arch, name);
    if (number && *number >= 0) table.emplace(*number, call);
  }
  return table;
}

// Numbers of linux/net.h.
Call socketcall(std::uint64_t number) {
  switch (number) {
    case 3:
      return Call::kConnect;
    case 4:
      return Call::kListen;
    case 5:
    case 18:
      return Call::kAccept;
    case 9:
    case 11:
      return Call::kSend;
    case 10:
    case 12:
      return Call::kReceive;
    case 15:
      return Call::kGetOption;
    case 16:
      return Call::kSendMessage;
    case 17:
      return Call::kReceiveMessage;
    case 19:
      return Call::kReceiveMessages;
    case 20:
      return Call::kSendMessages;
    default:
      return Call::kOther;
  }
}

}  // namespace

bool SyscallEntry::narrow() const {
  return arch != nullptr && arch->name != "x86_64" && arch->name != "aarch64";
}

const SyscallArch* syscall_arch_of(std::uint32_t audit_arch, std::uint64_t number) {
  const SyscallArch* best = nullptr;
  for (const auto& arch : syscall_archs()) {
    if (arch.audit != audit_arch) continue;
    // x86_64 and x32 differ by a bit of the number only; -1 is no number at all.
    const bool marked = arch.number_bits != 0;
    const bool has_bit = static_cast<std::int32_t>(number) >= 0 && (number & 0x40000000) != 0;
    if (marked == has_bit || best == nullptr) best = &arch;
  }
  return best;
}

Call call_of(const SyscallArch& arch, std::int64_t number) {
  static std::unordered_map<std::string_view, CallTable> tables;
  auto found = tables.find(arch.name);
  if (found == tables.end()) found = tables.emplace(arch.name, make_table(arch.name)).first;
  const auto call = found->second.find(number);
  return call == found->second.end() ? Call::kOther : call->second;
}

void unfold_socketcall(pid_t tid, SyscallEntry& entry) {
  if (entry.arch == nullptr || entry.arch->name != "i386" || entry.number != 102) return;
  entry.call = socketcall(entry.args[0]);
  const auto address = entry.args[1];
  // Some of its calls have fewer arguments; those that are read beyond them are not looked at.
  for (std::size_t i = 0; i < entry.args.size(); ++i) {
    entry.args[i] = read_tracee_value<std::uint32_t>(tid, address + i * 4);
  }
}

}  // namespace ig
