// SPDX-License-Identifier: Apache-2.0
// What is known of the threads and processes that are traced, shared by all who make rows.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

#include "base/handle.h"
#include "recorder/ptrace/ptrace_calls.h"
#include "recorder/workload/workload_tracker.h"

namespace ig {

struct TracedProcess {
  pid_t pid = 0;
  pid_t parent = 0;
  std::string comm, parent_comm;
  std::uint32_t uid = 0, gid = 0;  // effective
  std::int64_t start_time_ns = 0;  // since boot
  TaskIdentity identity;
  std::string program;  // path of its executable

  // Of its life as a service, for the phases of advise_seccomp.
  bool executed = false;  // its command's program, or it descends from who did
  bool listens = false, steady = false;

  // Reads all of the above but the last from /proc.
  void refresh();
  // nullopt where pidfd_open(2) is forbidden.
  std::optional<int> pidfd();

 private:
  UniqueFd pidfd_;
  bool pidfd_refused_ = false;
};

struct TracedThread {
  pid_t tid = 0;
  TracedProcess* process = nullptr;
  bool in_call = false;
  SyscallEntry entry;  // of the call that it is in
};

// Targets of links in /proc/PID: "cwd", "exe", "fd/3"; "" where it cannot be read.
std::string process_link(pid_t pid, const std::string& name);

}  // namespace ig
