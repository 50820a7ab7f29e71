// SPDX-License-Identifier: Apache-2.0
// CommandTarget: the command of `ig record -- COMMAND`. It is forked at once, in surroundings that
// the kernel can tell apart (a cgroup of its own, else a mount namespace of its own), but executes
// its program only when released: by then everything is attached and nothing of it is missed.
//
// It shares our terminal, stdio, environment, working folder and process group, so Ctrl-C reaches
// it as it reaches us. Nothing is ever killed that was released: what outlives its first process
// lives on.
#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/handle.h"
#include "base/result.h"
#include "recorder/workload/command_target_cgroup.h"
#include "recorder/workload/workload_tracker.h"

namespace ig {

class CommandTarget {
 public:
  enum class Surroundings {
    kOwn,        // a cgroup or mount namespace of its own
    kInherited,  // ours: for ptrace, which tells processes apart by themselves
  };

  // Fails when the program is not there or not executable, and, for kOwn, when neither kind of
  // surroundings can be had.
  static Result<std::unique_ptr<CommandTarget>> create(
      std::vector<std::string> arguments, Surroundings surroundings = Surroundings::kOwn);
  ~CommandTarget();  // one that was never released ends without having run anything
  CommandTarget(const CommandTarget&) = delete;
  CommandTarget& operator=(const CommandTarget&) = delete;

  // cgroup_id, or mntns_id and mntns_gen, of what is the command's own; the rest is 0.
  const TaskIdentity& identity() const { return identity_; }
  // The folder of its cgroup; "" where it has none.
  std::string cgroup_directory() const { return cgroup_ ? cgroup_->directory() : std::string(); }
  std::string command_line() const;  // as one would type it
  pid_t pid() const { return pid_; }
  int pidfd() const { return pidfd_.get(); }  // readable when its first process has ended

  void release();

  // The exit status of its first process as a shell gives it (128 + signal); nullopt while it
  // runs. An error when the program could not be executed after all.
  Result<std::optional<int>> status();
  // For who waits by other means (ptrace): takes a status of waitpid(2) instead of asking for it.
  void set_wait_status(int wait_status) { wait_status_ = wait_status; }

  // What a shell returns for a command that could not be run: 127 not found, else 126.
  static int exit_status(const Error& error) {
    return error.code == ErrorCode::kNotFound ? 127 : 126;
  }

 private:
  CommandTarget() = default;
  Result<> spawn(bool own_mount_namespace);
  Result<> surround();

  std::vector<std::string> arguments_;
  std::string program_;  // where PATH has it
  std::optional<CommandCgroup> cgroup_;
  TaskIdentity identity_;
  pid_t pid_ = -1;
  UniqueFd pidfd_, gate_, exec_error_;  // gate_: a byte lets it go; closing it ends it
  std::optional<int> wait_status_;
  int exec_errno_ = 0;
};

// The never reused number of a mount namespace, given its file in /proc/PID/ns; 0 where the kernel
// does not tell (before Linux 6.12).
std::uint64_t mount_namespace_generation(const std::string& path);

}  // namespace ig
