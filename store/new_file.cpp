// SPDX-License-Identifier: Apache-2.0
#include "store/new_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>

namespace ig {
namespace {

constexpr mode_t kMode = 0600;
constexpr std::array kBeside = {"-wal", "-shm", "-journal"};

Result<> write_all(int fd, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == ENOSPC) return std::unexpected(disk_full(path));
    if (written < 0) return std::unexpected(system_error(errno, fmt::format("write {}", path)));
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

std::unexpected<Error> cannot_create(int err, const std::string& path) {
  std::string hint;
  if (err == EEXIST) hint = "name another file, or remove that one first";
  if (err == EACCES || err == EROFS) hint = "name a file in a folder that you may write";
  return std::unexpected(system_error(err, fmt::format("create {}", path), hint));
}

Result<std::string> resolved_folder(const std::string& path) {
  auto folder = std::filesystem::path(path).parent_path().string();
  if (folder.empty()) folder = ".";
  const std::unique_ptr<char, CloseWith<std::free>> resolved(::realpath(folder.c_str(), nullptr));
  if (!resolved) {
    return std::unexpected(system_error(errno, fmt::format("create {}", path),
                                        fmt::format("make its folder first: mkdir -p {}", folder)));
  }
  return std::string(resolved.get());
}

// SQLite reads a log that lies beside a file, whoever put it there: one that a killed recording of
// the same name left would be taken for this one's.
Result<> expect_nothing_beside(const std::string& name) {
  for (const auto* suffix : kBeside) {
    struct stat about {};
    if (::lstat((name + suffix).c_str(), &about) == 0) return cannot_create(EEXIST, name + suffix);
  }
  return {};
}

}  // namespace

Error disk_full(const std::string& path) {
  return {ErrorCode::kFull, fmt::format("cannot create {}: the disk is full", path),
          "make room there, or name a file on another disk"};
}

Result<std::string> make_new_file(const std::string& path, std::string_view bytes) {
  IG_ASSIGN(const std::string folder, resolved_folder(path));
  auto name = (folder / std::filesystem::path(path).filename()).string();
  IG_TRY(expect_nothing_beside(name));
  UniqueFd fd(::open(folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, kMode));
  if (fd) {
    IG_TRY(write_all(fd.get(), bytes, path));
    const auto self = fmt::format("/proc/self/fd/{}", fd.get());
    if (::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) == 0) {
      return name;
    }
    if (errno != ENOENT) return cannot_create(errno, path);
  }
  // Without O_TMPFILE (overlayfs of old, NFS) or /proc.
  fd.reset(::open(name.c_str(), O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC, kMode));
  if (!fd) return cannot_create(errno, path);
  if (auto written = write_all(fd.get(), bytes, path); !written) {
    ::unlink(name.c_str());
    return std::unexpected(written.error());
  }
  return name;
}

void remove_new_file(const std::string& name) {
  ::unlink(name.c_str());
  for (const auto* suffix : kBeside) ::unlink((name + suffix).c_str());
}

Result<> expect_own_beside(const std::string& name) {
  struct stat own {
  }, about{};
  if (::lstat(name.c_str(), &own) != 0) {
    return std::unexpected(system_error(errno, fmt::format("open {}", name)));
  }
  for (const auto* suffix : kBeside) {
    if (::lstat((name + suffix).c_str(), &about) != 0) continue;
    if (S_ISREG(about.st_mode) && about.st_uid == own.st_uid && about.st_mode == own.st_mode) {
      continue;
    }
    return fail(ErrorCode::kPermission, fmt::format("{}{} was made by somebody else", name, suffix),
                "name a file in a folder where nobody else may write");
  }
  return {};
}

UniqueFd reserve_space(const std::string& path, long bytes) {
  const auto folder = std::filesystem::path(path).parent_path().string();
  UniqueFd fd(::open(folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, kMode));
  struct statvfs disk {};
  if (fd && ::fstatvfs(fd.get(), &disk) == 0) {
    bytes = std::min(bytes, static_cast<long>(disk.f_bavail * disk.f_frsize / 4));
  }
  if (fd && ::posix_fallocate(fd.get(), 0, bytes) != 0) fd.reset();
  return fd;
}

}  // namespace ig
