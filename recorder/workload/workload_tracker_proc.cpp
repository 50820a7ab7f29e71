// SPDX-License-Identifier: Apache-2.0
#include "recorder/workload/workload_tracker_proc.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/handle.h"
#include "base/text.h"
#include "recorder/gadget/cgroup2_root.h"
#include "recorder/workload/command_target.h"

namespace ig {
namespace {

namespace fs = std::filesystem;

std::string read_small(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string read_line(const std::string& path) {
  auto text = read_small(path);
  return text.substr(0, text.find('\n'));
}

std::string link_target(const std::string& path) {
  std::error_code error;
  return fs::read_symlink(path, error).string();
}

// The fourth word of stat comes after a name that may hold anything, so it is counted from its end.
std::int64_t parent_of(const std::string& folder) {
  const auto stat = read_line(folder + "/stat");
  const auto end = stat.rfind(')');
  if (end == std::string::npos) return 0;
  std::int64_t parent = 0;
  const auto words = split(std::string_view(stat).substr(end), ' ');
  if (words.size() > 2) parent = std::strtoll(std::string(words[2]).c_str(), nullptr, 10);
  return parent;
}

struct CgroupLines {
  std::string path, legacy_path;
};

// Of the v1 hierarchies the one that says most: runtimes enter all, systemd its own.
CgroupLines read_cgroup_lines(const std::string& text) {
  CgroupLines lines;
  for (const auto line : split(text, '\n')) {
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (first == std::string_view::npos || second == std::string_view::npos) continue;
    const auto path = line.substr(second + 1);
    const bool unified = line.starts_with("0:");
    if (unified) lines.path = path;
    const bool systemd = line.substr(first + 1, second - first - 1) == "name=systemd";
    const bool better = lines.legacy_path.size() <= 1 || (systemd && path.size() > 1);
    if (!unified && better) lines.legacy_path = path;
  }
  return lines;
}

// Where cgroup2 is mounted as a whole.
const std::string& cgroup2_mount() {
  static const std::string kMount = cgroup2_root().value_or("");
  return kMount;
}

std::uint64_t cgroup_id_of_path(const std::string& path) {
  struct stat info {};
  if (cgroup2_mount().empty() || path.empty()) return 0;
  return ::stat((cgroup2_mount() + path).c_str(), &info) == 0 ? info.st_ino : 0;
}

}  // namespace

std::uint64_t namespace_inode(const std::string& proc, std::int64_t pid, const char* kind) {
  struct stat info {};
  const auto path = fmt::format("{}/{}/ns/{}", proc, pid, kind);
  return ::stat(path.c_str(), &info) == 0 ? info.st_ino : 0;
}

std::vector<std::int64_t> running_processes(const std::string& proc) {
  std::vector<std::int64_t> pids;
  std::error_code error;
  for (fs::directory_iterator it(proc, error), end; !error && it != end; it.increment(error)) {
    const auto name = it->path().filename().string();
    const bool number = std::ranges::all_of(name, [](unsigned char c) { return std::isdigit(c); });
    if (number) pids.push_back(std::strtoll(name.c_str(), nullptr, 10));
  }
  std::ranges::sort(pids);
  return pids;
}

std::uint64_t cgroup_id_of_process(const std::string& proc, std::int64_t pid) {
  return cgroup_id_of_path(
      read_cgroup_lines(read_small(fmt::format("{}/{}/cgroup", proc, pid))).path);
}

std::optional<WorkloadEvent> observe_process(const std::string& proc, std::int64_t pid) {
  const auto folder = fmt::format("{}/{}", proc, pid);
  WorkloadEvent event;
  // First what goes first when it ends.
  event.identity.mntns_id = namespace_inode(proc, pid, "mnt");
  if (event.identity.mntns_id == 0) return std::nullopt;  // it ended, or is not ours to look at
  event.identity.mntns_gen = mount_namespace_generation(folder + "/ns/mnt");
  event.identity.netns_id = namespace_inode(proc, pid, "net");
  auto cgroups = read_cgroup_lines(read_small(folder + "/cgroup"));
  event.identity.cgroup_id = cgroup_id_of_path(cgroups.path);
  event.pid = pid;
  event.comm = read_line(folder + "/comm");
  event.parent_pid = parent_of(folder);
  const auto parent = fmt::format("{}/{}", proc, event.parent_pid);
  event.parent_comm = read_line(parent + "/comm");
  event.parent_directory = link_target(parent + "/cwd");
  event.cgroup_path = std::move(cgroups.path);
  event.legacy_cgroup_path = std::move(cgroups.legacy_path);
  return event;
}

std::string cgroup_path_of_id(std::uint64_t cgroup_id) {
  const UniqueFd mount(::open(cgroup2_mount().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!mount || cgroup_id == 0) return {};
  // A kernfs file handle is the id itself: FILEID_KERNFS of linux/exportfs.h.
  constexpr int kFileidKernfs = 0xfe;
  alignas(file_handle) std::array<char, sizeof(file_handle) + sizeof cgroup_id> bytes{};
  auto* handle = reinterpret_cast<file_handle*>(bytes.data());
  handle->handle_bytes = sizeof cgroup_id;
  handle->handle_type = kFileidKernfs;
  std::memcpy(bytes.data() + sizeof(file_handle), &cgroup_id, sizeof cgroup_id);
  const UniqueFd folder(::open_by_handle_at(mount.get(), handle, O_PATH | O_CLOEXEC));
  if (!folder) return {};
  auto path = link_target(fmt::format("/proc/self/fd/{}", folder.get()));
  if (!path.starts_with(cgroup2_mount())) return {};
  path.erase(0, cgroup2_mount().size());
  return path.empty() ? "/" : path;
}

}  // namespace ig
