// SPDX-License-Identifier: Apache-2.0
#include "advisors/seccomp/target_arch.h"

#include <algorithm>
#include <initializer_list>

#include "store/syscall_table.h"

namespace ig {
namespace {

// Calls that do the same, in groups: where an architecture lacks one, libc makes another of its
// group. From the tables of the kernel (arch/*/…/syscall*.tbl, include/uapi/asm-generic/unistd.h)
// and glibc's sysdeps/unix/sysv/linux.
using Group = std::initializer_list<std::string_view>;
const Group kGroups[] = {
    {"access", "faccessat", "faccessat2"},
    {"alarm", "setitimer"},
    {"chmod", "fchmodat"},
    {"chown", "lchown", "chown32", "lchown32", "fchownat"},
    {"creat", "open", "openat"},
    {"dup2", "dup3"},
    {"epoll_create", "epoll_create1"},
    {"epoll_wait", "epoll_pwait"},
    {"eventfd", "eventfd2"},
    {"fadvise64", "fadvise64_64", "arm_fadvise64_64"},
    {"fchown", "fchown32"},
    {"fcntl", "fcntl64"},
    {"fork", "vfork", "clone"},
    {"fstat", "fstat64"},
    {"fstatfs", "fstatfs64"},
    {"ftruncate", "ftruncate64"},
    {"futimesat", "utimes", "utime", "utimensat", "utimensat_time64"},
    {"futex", "futex_time64"},
    {"clock_gettime", "clock_gettime64"},
    {"clock_nanosleep", "clock_nanosleep_time64"},
    {"getdents", "getdents64"},
    {"getegid", "getegid32"},
    {"geteuid", "geteuid32"},
    {"getgid", "getgid32"},
    {"getgroups", "getgroups32"},
    {"getpgrp", "getpgid"},
    {"getresgid", "getresgid32"},
    {"getresuid", "getresuid32"},
    {"getrlimit", "ugetrlimit", "prlimit64"},
    {"getuid", "getuid32"},
    {"inotify_init", "inotify_init1"},
    {"link", "linkat"},
    {"lseek", "_llseek"},
    {"mkdir", "mkdirat"},
    {"mknod", "mknodat"},
    {"mmap", "mmap2"},
    {"pause", "ppoll", "ppoll_time64"},
    {"pipe", "pipe2"},
    {"poll", "ppoll", "ppoll_time64"},
    {"readlink", "readlinkat"},
    {"recv", "recvfrom"},
    {"rename", "renameat", "renameat2"},
    {"rmdir", "unlinkat"},
    {"select", "_newselect", "pselect6", "pselect6_time64"},
    {"send", "sendto"},
    {"sendfile", "sendfile64"},
    {"setfsgid", "setfsgid32"},
    {"setfsuid", "setfsuid32"},
    {"setgid", "setgid32"},
    {"setgroups", "setgroups32"},
    {"setregid", "setregid32"},
    {"setresgid", "setresgid32"},
    {"setresuid", "setresuid32"},
    {"setreuid", "setreuid32"},
    {"setrlimit", "prlimit64"},
    {"setuid", "setuid32"},
    {"signalfd", "signalfd4"},
    {"stat", "lstat", "stat64", "lstat64", "newfstatat", "fstatat64"},
    {"statfs", "statfs64"},
    {"symlink", "symlinkat"},
    {"sync_file_range", "arm_sync_file_range", "sync_file_range2"},
    {"time", "gettimeofday"},
    {"truncate", "truncate64"},
    {"unlink", "unlinkat"},
    {"wait4", "waitpid"},
};

bool exists(std::string_view name, std::string_view arch) {
  return syscall_number(arch, name).has_value();
}

}  // namespace

std::vector<std::string> names_on_arch(const std::string& name, std::string_view from,
                                       std::string_view to) {
  std::vector<std::string> names, like;
  if (exists(name, to)) names.push_back(name);
  for (const auto& group : kGroups) {
    if (std::ranges::find(group, name) == group.end()) continue;
    for (const auto other : group) {
      if (other == name || !exists(other, to)) continue;
      like.emplace_back(other);
      if (!exists(other, from)) names.emplace_back(other);
    }
  }
  if (names.empty()) names = std::move(like);
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::vector<std::string_view> compat_archs(std::string_view arch) {
  if (arch == "x86_64") return {"i386", "x32"};
  if (arch == "aarch64") return {"arm"};
  return {};
}

}  // namespace ig
