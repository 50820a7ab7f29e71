// SPDX-License-Identifier: Apache-2.0
#include "recorder/ptrace/ptrace_process.h"

#include <fmt/format.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>

#include "recorder/workload/process_facts.h"

namespace ig {

std::string process_link(pid_t pid, const std::string& name) {
  std::error_code error;
  return std::filesystem::read_symlink(fmt::format("/proc/{}/{}", pid, name), error).string();
}

void TracedProcess::refresh() {
  const auto seen = read_process_facts("/proc", pid);
  if (!seen || seen->identity.mntns_id == 0) return;
  parent = static_cast<pid_t>(seen->parent_pid);
  comm = seen->comm;
  parent_comm = seen->parent_comm;
  identity = seen->identity;
  start_time_ns = seen->start_time_ns;
  uid = seen->uid;
  gid = seen->gid;
  program = process_link(pid, "exe");
}

std::optional<int> TracedProcess::pidfd() {
  if (!pidfd_ && !pidfd_refused_) {
    pidfd_.reset(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    pidfd_refused_ = !pidfd_;
  }
  return pidfd_ ? std::optional(pidfd_.get()) : std::nullopt;
}

}  // namespace ig
