// SPDX-License-Identifier: Apache-2.0
// The system calls whose meaning the ptrace backend has to know; all others are only counted. They
// are found by name through libseccomp's tables, so each architecture is served alike.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>

#include "store/syscall_table.h"

namespace ig {

enum class Call : std::uint8_t {
  kOther,
  kWait,   // for events: a server that has nothing to do sits here
  kPause,  // until a signal comes
  kListen,
  kAccept,
  kConnect,
  kSend,         // fd, buffer, size, flags, address, address size
  kSendMessage,  // fd, msghdr
  kSendMessages,
  kReceive,
  kReceiveMessage,
  kReceiveMessages,
  kRead,  // and readv: fd first, the result is a size
  kWrite,
  kClose,
  kGetOption,
  kOpen,
  kOpenAt,
  kOpenAt2,
  kCreate,
  kExec,
  kExecAt,
  kExit,  // of the whole process
  kControl,
  kSeccomp,
  kIoUring,
};

struct SyscallEntry {
  const SyscallArch* arch = nullptr;
  std::int64_t number = 0;  // of its table, without bits that mark the table
  Call call = Call::kOther;
  std::array<std::uint64_t, 6> args{};
  std::int64_t time_ns = 0;  // wall clock

  bool narrow() const;  // pointers and sizes in memory have 4 bytes
  std::size_t word() const { return narrow() ? 4 : 8; }
  int fd() const { return static_cast<int>(args[0]); }
};

// nullptr for an architecture that libseccomp does not know.
const SyscallArch* syscall_arch_of(std::uint32_t audit_arch, std::uint64_t number);
Call call_of(const SyscallArch& arch, std::int64_t number);
// socketcall(2) of 32-bit architectures is replaced by the call that it stands for.
void unfold_socketcall(pid_t tid, SyscallEntry& entry);

}  // namespace ig
