// SPDX-License-Identifier: Apache-2.0
// CommandCgroup: a cgroup of our own below the one that ig runs in, in the cgroup2 hierarchy (on a
// hybrid machine that is /sys/fs/cgroup/unified). It has no controllers: it is there only to have
// an id that the kernel's filter knows and every descendant of the command inherits.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ig {

class CommandCgroup {
 public:
  static Result<CommandCgroup> create(const std::string& name);
  CommandCgroup(CommandCgroup&& other) noexcept;
  CommandCgroup& operator=(CommandCgroup&&) = delete;
  ~CommandCgroup();  // removes it if nothing lives in it any more

  Result<> add(pid_t pid) const;
  std::uint64_t id() const { return id_; }  // as bpf_get_current_cgroup_id() gives it
  const std::string& directory() const { return directory_; }

 private:
  CommandCgroup(std::string directory, std::uint64_t id);

  std::string directory_;
  std::uint64_t id_ = 0;
};

// Folders that may be our own cgroup, best first, from the texts of /proc/self/cgroup and
// /proc/self/mountinfo. More than one when cgroup2 is mounted more than once.
std::vector<std::string> own_cgroup_directories(std::string_view proc_cgroup,
                                                std::string_view mountinfo);

}  // namespace ig
