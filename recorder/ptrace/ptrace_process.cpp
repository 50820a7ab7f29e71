// SPDX-License-Identifier: Apache-2.0
#include "recorder/ptrace/ptrace_process.h"

#include <fmt/format.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/text.h"
#include "recorder/workload/workload_tracker_proc.h"

namespace ig {
namespace {

// "Uid:\t0\t1000\t0\t0": real, effective, saved, file system.
std::uint32_t effective_id(const std::string& line) {
  std::istringstream words(line);
  std::string key;
  std::uint32_t real = 0, effective = 0;
  words >> key >> real >> effective;
  return effective;
}

// Of stat the 22nd word, in clock ticks; counted from the end of the name, which may hold anything.
std::int64_t start_time_of(pid_t pid) {
  std::ifstream file(fmt::format("/proc/{}/stat", pid));
  std::string line;
  std::getline(file, line, '\0');
  const auto name_end = line.rfind(')');
  if (name_end == std::string::npos) return 0;
  const auto words = split(std::string_view(line).substr(name_end), ' ');
  constexpr std::size_t kStartTime = 20;  // from the name on
  if (words.size() <= kStartTime) return 0;
  const auto ticks = std::strtoll(std::string(words[kStartTime]).c_str(), nullptr, 10);
  return ticks * (1'000'000'000 / ::sysconf(_SC_CLK_TCK));
}

}  // namespace

std::string process_link(pid_t pid, const std::string& name) {
  std::error_code error;
  return std::filesystem::read_symlink(fmt::format("/proc/{}/{}", pid, name), error).string();
}

void TracedProcess::refresh() {
  const auto seen = observe_process("/proc", pid);
  if (!seen) return;
  parent = static_cast<pid_t>(seen->parent_pid);
  comm = seen->comm;
  parent_comm = seen->parent_comm;
  identity = seen->identity;
  start_time_ns = start_time_of(pid);
  program = process_link(pid, "exe");
  std::ifstream status(fmt::format("/proc/{}/status", pid));
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("Uid:")) uid = effective_id(line);
    if (line.starts_with("Gid:")) gid = effective_id(line);
  }
}

std::optional<int> TracedProcess::pidfd() {
  if (!pidfd_ && !pidfd_refused_) {
    pidfd_.reset(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    pidfd_refused_ = !pidfd_;
  }
  return pidfd_ ? std::optional(pidfd_.get()) : std::nullopt;
}

}  // namespace ig
