// SPDX-License-Identifier: Apache-2.0
#include "recorder/gadget/uprobe_attachment.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "base/log.h"
#include "recorder/gadget/libbpf_log.h"
#include "recorder/gadget/library_files.h"

namespace ig {
namespace {

// A process maps its libraries a moment after its start, so a second look finds what the first one
// was too early for. What is loaded later still is found when something else maps it at its start.
constexpr int kLooks = 2;
constexpr int kMaxMappings = 65'536;

}  // namespace

Result<std::unique_ptr<UprobeAttachment>> UprobeAttachment::open() {
  if (access("/sys/bus/event_source/devices/uprobe/type", R_OK) != 0) {
    return fail(ErrorCode::kUnsupported, "this kernel has no uprobes (CONFIG_UPROBE_EVENTS)");
  }
  return std::unique_ptr<UprobeAttachment>(new UprobeAttachment);
}

Result<> UprobeAttachment::add(const bpf_program* program, const std::string& target) {
  const std::string section = bpf_program__section_name(program);
  const auto said = target.empty() ? section.substr(section.find('/') + 1) : target;
  const auto colon = said.rfind(':');
  if (colon == said.npos || colon == 0 || colon + 1 == said.size()) {
    return fail(ErrorCode::kInvalid, fmt::format("'{}' names no file and symbol", said));
  }
  probes_[said.substr(0, colon)].push_back(
      {program, said.substr(colon + 1), section.starts_with("uret")});
  return {};
}

void UprobeAttachment::follow(pid_t pid) {
  const UniqueFd root(
      ::open(fmt::format("/proc/{}/root", pid).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  struct stat folder {
  }, mntns{};
  if (!root || fstat(root.get(), &folder) != 0 ||
      stat(fmt::format("/proc/{}/ns/mnt", pid).c_str(), &mntns) != 0) {
    return;
  }
  const Place place{mntns.st_ino, folder.st_dev, folder.st_ino};
  auto& process = processes_[pid];
  process.is_seen = true;
  if (process.place != place) process = {.place = place, .looks = 0, .is_seen = true};
  if (places_.insert(place).second) {
    for (const auto& [target, probes] : probes_) {
      for (const auto& file : find_probe_targets(root, target)) probe(file, target, place);
    }
  }
  if (process.looks++ < kLooks) look_at_mappings(pid, root, place);
}

// Libraries that came along with a program and are in no folder of the linker's.
void UprobeAttachment::look_at_mappings(pid_t pid, const UniqueFd& root, const Place& place) {
  std::ifstream maps(fmt::format("/proc/{}/maps", pid));
  std::set<std::string> paths;
  std::string line;
  for (int i = 0; i < kMaxMappings && std::getline(maps, line); ++i) {
    const auto path = line.find('/');
    if (path != line.npos) paths.insert(line.substr(path));
  }
  for (const auto& path : paths) {
    const auto name = path.substr(path.rfind('/') + 1);
    for (const auto& [target, probes] : probes_) {
      if (target.starts_with('/') || !is_library_file(name, target)) continue;
      if (const auto file = open_in_root(root, path, O_RDONLY)) probe(file, target, place);
    }
  }
}

UprobeAttachment::Identity UprobeAttachment::identity_of(const UniqueFd& file) {
  struct stat info {};
  struct statfs system {};
  if (fstat(file.get(), &info) != 0 || fstatfs(file.get(), &system) != 0) return {};
  const bool overlay = system.f_type == OVERLAYFS_SUPER_MAGIC;
  return {overlay ? 0 : info.st_dev, info.st_ino, info.st_size, info.st_ctim.tv_sec,
          info.st_ctim.tv_nsec};
}

void UprobeAttachment::probe(const UniqueFd& file, const std::string& target, const Place& place) {
  const auto identity = identity_of(file);
  const auto [it, is_new] = probed_.try_emplace({identity, target});
  it->second.users.insert(place);
  if (!is_new) return;
  const LibbpfLog words;  // a library that lacks a function is nobody's mistake
  const auto path = fmt::format("/proc/self/fd/{}", file.get());
  for (const auto& [program, symbol, is_return] : probes_.at(target)) {
    LIBBPF_OPTS(bpf_uprobe_opts, options, .retprobe = is_return, .func_name = symbol.c_str());
    BpfLink link(bpf_program__attach_uprobe_opts(program, -1, path.c_str(), 0, &options));
    if (link) it->second.links.push_back(std::move(link));
  }
  log::debug("{}: {} probes in inode {}", target, it->second.links.size(), std::get<1>(identity));
}

void UprobeAttachment::forget_unseen() {
  std::set<Place> left;
  for (const auto& [pid, process] : processes_) {
    if (process.is_seen) left.insert(process.place);
  }
  std::erase_if(processes_, [](const auto& entry) { return !entry.second.is_seen; });
  for (auto& [pid, process] : processes_) process.is_seen = false;
  places_ = left;
  for (auto& [file, probed] : probed_) {
    std::erase_if(probed.users, [&](const Place& user) { return !left.contains(user); });
  }
  std::erase_if(probed_, [](const auto& entry) { return entry.second.users.empty(); });
}

}  // namespace ig
