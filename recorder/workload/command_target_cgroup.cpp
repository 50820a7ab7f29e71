// SPDX-License-Identifier: Apache-2.0
#include "recorder/workload/command_target_cgroup.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/handle.h"
#include "base/text.h"

namespace ig {
namespace {

std::string read_text(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// mountinfo writes space, tab, newline and backslash as \ooo.
std::string unescape_octal(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size()) {
      out += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 +
                               (text[i + 3] - '0'));
      i += 3;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string_view own_path(std::string_view proc_cgroup) {
  for (const auto line : split(proc_cgroup, '\n')) {
    if (line.starts_with("0::")) return line.substr(3);
  }
  return {};
}

// Where the cgroup `path` is in a mount that shows the hierarchy from `root` on; "" if outside.
std::string below_mount(std::string_view path, std::string_view root, std::string_view mount) {
  if (root != "/") {
    if (!path.starts_with(root)) return {};
    path.remove_prefix(root.size());
  }
  while (path.starts_with('/')) path.remove_prefix(1);
  const auto directory = unescape_octal(mount);
  return path.empty() ? directory : directory + "/" + std::string(path);
}

// Of recordings that ended before their command did, or were killed. Only empty ones can go.
void remove_stale(const std::string& parent) {
  namespace fs = std::filesystem;
  std::error_code error;
  for (fs::directory_iterator it(parent, error), end; !error && it != end; it.increment(error)) {
    const auto name = it->path().filename().string();
    const bool ours =
        name.starts_with("ig-") && name.find_first_not_of("0123456789", 3) == std::string::npos;
    if (ours && !fs::exists("/proc/" + name.substr(3))) ::rmdir(it->path().c_str());
  }
}

}  // namespace

std::vector<std::string> own_cgroup_directories(std::string_view proc_cgroup,
                                                std::string_view mountinfo) {
  std::vector<std::string> directories;
  const auto path = own_path(proc_cgroup);
  if (path.empty() || path.find("/..") != std::string_view::npos) return directories;
  for (const auto line : split(mountinfo, '\n')) {
    const auto dash = line.find(" - cgroup2 ");
    if (dash == std::string_view::npos) continue;
    const auto fields = split(line.substr(0, dash), ' ');
    if (fields.size() < 5) continue;
    auto directory = below_mount(path, fields[3], fields[4]);
    if (!directory.empty()) directories.push_back(std::move(directory));
  }
  return directories;
}

CommandCgroup::CommandCgroup(std::string directory, std::uint64_t id)
    : directory_(std::move(directory)), id_(id) {}

CommandCgroup::CommandCgroup(CommandCgroup&& other) noexcept
    : directory_(std::exchange(other.directory_, {})), id_(other.id_) {}

CommandCgroup::~CommandCgroup() {
  if (!directory_.empty()) ::rmdir(directory_.c_str());
}

Result<CommandCgroup> CommandCgroup::create(const std::string& name) {
  int err = ENOENT;
  for (const auto& parent :
       own_cgroup_directories(read_text("/proc/self/cgroup"), read_text("/proc/self/mountinfo"))) {
    remove_stale(parent);
    const auto directory = parent + "/" + name;
    if (::mkdir(directory.c_str(), 0755) != 0) {
      err = errno;
      continue;
    }
    struct stat info {};
    if (::stat(directory.c_str(), &info) == 0) return CommandCgroup(directory, info.st_ino);
    err = errno;
    ::rmdir(directory.c_str());
  }
  return std::unexpected(system_error(err, "make a cgroup for the command"));
}

Result<> CommandCgroup::add(pid_t pid) const {
  const UniqueFd file(::open((directory_ + "/cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC));
  const auto text = std::to_string(pid);
  if (!file || ::write(file.get(), text.data(), text.size()) < 0) {
    return std::unexpected(system_error(errno, "move the command into its cgroup"));
  }
  return {};
}

}  // namespace ig
