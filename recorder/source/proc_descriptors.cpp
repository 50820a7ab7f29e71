// SPDX-License-Identifier: Apache-2.0
#include "recorder/source/proc_descriptors.h"

#include <fmt/format.h>

#include <charconv>
#include <filesystem>

#include "recorder/workload/workload_tracker_proc.h"

namespace ig {

std::vector<ProcDescriptor> read_descriptors(const std::string& proc, std::int64_t pid) {
  std::vector<ProcDescriptor> descriptors;
  const auto folder = fmt::format("{}/{}/fd", proc, pid);
  for (const auto fd : running_processes(folder)) {  // names that are numbers, too
    std::error_code gone;
    auto target = std::filesystem::read_symlink(fmt::format("{}/{}", folder, fd), gone).string();
    if (!gone) descriptors.push_back({fd, std::move(target)});
  }
  return descriptors;
}

std::uint64_t socket_inode(std::string_view target) {
  constexpr std::string_view kBegin = "socket:[";
  std::uint64_t inode = 0;
  if (!target.starts_with(kBegin)) return 0;
  std::from_chars(target.data() + kBegin.size(), target.data() + target.size(), inode);
  return inode;
}

}  // namespace ig
