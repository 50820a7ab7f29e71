// SPDX-License-Identifier: Apache-2.0
// The node that is simulated: its workloads, the tables of its gadgets, and chance.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "benchmarks/simulation/table.h"
#include "store/session_writer.h"

namespace ig::simulation {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kStart = 1'762'178'400 * kSecond;  // 2025-11-03T14:00:00Z
constexpr std::int64_t kLength = 3600 * kSecond;

// What each program calls; its number decides how much of the second half.
inline constexpr std::array<std::string_view, 64> kCalls = {"read",
                                                            "write",
                                                            "close",
                                                            "fstat",
                                                            "mmap",
                                                            "mprotect",
                                                            "munmap",
                                                            "brk",
                                                            "rt_sigaction",
                                                            "rt_sigprocmask",
                                                            "ioctl",
                                                            "pread64",
                                                            "access",
                                                            "execve",
                                                            "arch_prctl",
                                                            "futex",
                                                            "openat",
                                                            "newfstatat",
                                                            "set_tid_address",
                                                            "set_robust_list",
                                                            "rseq",
                                                            "prlimit64",
                                                            "getrandom",
                                                            "exit_group",
                                                            "clone",
                                                            "wait4",
                                                            "fcntl",
                                                            "getdents64",
                                                            "getcwd",
                                                            "socket",
                                                            "connect",
                                                            "accept4",
                                                            "sendto",
                                                            "recvfrom",
                                                            "bind",
                                                            "listen",
                                                            "setsockopt",
                                                            "getsockopt",
                                                            "getsockname",
                                                            "epoll_create1",
                                                            "epoll_ctl",
                                                            "epoll_wait",
                                                            "poll",
                                                            "pipe2",
                                                            "dup2",
                                                            "getpid",
                                                            "getuid",
                                                            "getgid",
                                                            "geteuid",
                                                            "uname",
                                                            "sysinfo",
                                                            "sched_yield",
                                                            "nanosleep",
                                                            "clock_nanosleep",
                                                            "lseek",
                                                            "writev",
                                                            "readv",
                                                            "sendmsg",
                                                            "recvmsg",
                                                            "shutdown",
                                                            "unlink",
                                                            "rename",
                                                            "mkdir",
                                                            "fsync"};

class Node {
 public:
  // Makes the tables and the workloads.
  Node(SessionWriter& writer, std::int64_t workloads);

  Table& table(std::string_view view) { return *tables_.find(view)->second; }
  std::uint64_t random(std::uint64_t below) {
    seed_ = seed_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return (seed_ >> 33) % below;
  }
  // Of many things few are met often: the product of two even distributions.
  std::uint64_t uneven(std::uint64_t below) { return random(below) * random(below) / below; }
  std::int64_t latency_ns();

  static std::string_view program(WorkloadId id);
  static std::int64_t first_pid(WorkloadId id) { return 1000 + id * 16; }
  static std::string address_of(WorkloadId id);
  // The columns of a process of the workload whose turn it is.
  void set_process(Table& to, std::int64_t pid, std::string_view comm) const;

  const std::int64_t workloads;
  // Whose turn it is, and when.
  WorkloadId workload = 1;
  std::int64_t process = 0, now = kStart;

 private:
  void introduce(SessionWriter& writer, WorkloadId id);

  std::map<std::string, std::unique_ptr<Table>, std::less<>> tables_;
  std::uint64_t seed_ = 42;
};

}  // namespace ig::simulation
