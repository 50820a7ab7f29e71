// SPDX-License-Identifier: Apache-2.0
// snapshot_file from /proc, where no BPF is to be had.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cstdlib>
#include <fstream>

#include "recorder/source/proc_descriptors.h"
#include "recorder/source/user_sources.h"
#include "recorder/workload/workload_tracker_proc.h"

namespace ig {
namespace {

// In the order of the bits of the parameter type-mask.
constexpr std::string_view kTypes[] = {"REGULAR",  "SOCKET",    "PIPE",    "BPF_MAP", "DIRECTORY",
                                       "CHAR_DEV", "BLOCK_DEV", "SYMLINK", "OTHER"};

unsigned type_of(mode_t mode, std::string_view target) {
  if (target == "anon_inode:bpf-map") return 3;
  switch (mode & S_IFMT) {
    case S_IFREG:
      return 0;
    case S_IFSOCK:
      return 1;
    case S_IFIFO:
      return 2;
    case S_IFDIR:
      return 4;
    case S_IFCHR:
      return 5;
    case S_IFBLK:
      return 6;
    case S_IFLNK:
      return 7;
    default:
      return 8;
  }
}

struct OpenState {
  std::int64_t offset = 0, flags = 0;
};

OpenState read_state(std::int64_t pid, std::int64_t fd) {
  OpenState state;
  std::ifstream file(fmt::format("/proc/{}/fdinfo/{}", pid, fd));
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("pos:")) state.offset = std::strtoll(line.c_str() + 4, nullptr, 10);
    // That it is closed on exec is the descriptor's, not the file's.
    if (line.starts_with("flags:")) {
      state.flags = std::strtoll(line.c_str() + 6, nullptr, 8) & ~std::int64_t{O_CLOEXEC};
    }
  }
  return state;
}

class ProcFilesSource : public UserSource {
 public:
  ProcFilesSource(bool paths, unsigned long types) : paths_(paths), types_(types) {}

  Result<> open() override { return {}; }

  Result<> read() override {
    for (const auto pid : running_processes("/proc")) {
      const auto process = read_process_facts("/proc", pid);
      if (!process) continue;
      for (const auto& descriptor : read_descriptors("/proc", pid)) write(*process, descriptor);
    }
    return {};
  }

 private:
  void write(const ProcessFacts& process, const ProcDescriptor& descriptor) {
    struct stat info {};
    const auto link = fmt::format("/proc/{}/fd/{}", process.pid, descriptor.fd);
    if (::stat(link.c_str(), &info) != 0) return;
    const auto type = type_of(info.st_mode, descriptor.target);
    if ((types_ >> type & 1) == 0) return;
    const auto state = read_state(process.pid, descriptor.fd);
    auto& row = output().first();
    row.set_process(process).set("fd", descriptor.fd).set_enum("type_raw", kTypes[type]);
    row.set("inode", static_cast<std::int64_t>(info.st_ino));
    row.set("dev", static_cast<std::int64_t>(major(info.st_dev)) << 20 | minor(info.st_dev));
    row.set("flags_raw", state.flags).set("offset", state.offset);
    row.set("path", paths_ ? descriptor.target : last_part(descriptor.target)).emit();
  }

  static std::string last_part(const std::string& path) {
    return path.starts_with('/') ? path.substr(path.rfind('/') + 1) : path;
  }

  bool paths_;
  unsigned long types_;
};

}  // namespace

std::unique_ptr<UserSource> make_proc_files(const Gadget&, const UserParameters& parameters) {
  const auto mask = parameters.text("type-mask");
  const auto paths = parameters.text("paths");
  return std::make_unique<ProcFilesSource>(paths.empty() || parameters.is_on("paths"),
                                           std::strtoul(mask.c_str(), nullptr, 0));
}

}  // namespace ig
