// SPDX-License-Identifier: Apache-2.0
#include "advisors/seccomp/unlisted_calls.h"

#include <algorithm>

#include "advisors/seccomp/syscall_versions.h"
#include "store/syscall_table.h"

namespace ig {
namespace {

constexpr std::int64_t kHighestNumber = 1023;
constexpr KernelVersion kOldestKernel{5, 10, 0};

// What i386 makes through socketcall(2) and ipc(2).
const std::set<std::string> kCarried = {
    "accept",   "accept4",  "bind",     "connect", "getpeername", "getsockname", "getsockopt",
    "ipc",      "listen",   "msgctl",   "msgget",  "msgrcv",      "msgsnd",      "recv",
    "recvfrom", "recvmmsg", "recvmsg",  "semctl",  "semget",      "semop",       "semtimedop",
    "send",     "sendmmsg", "sendmsg",  "sendto",  "setsockopt",  "shmat",       "shmctl",
    "shmdt",    "shmget",   "shutdown", "socket",  "socketcall",  "socketpair"};

bool has_carriers(const std::string& arch) { return arch == "i386"; }

}  // namespace

UnlistedCalls unlisted_calls(const std::set<std::string>& archs,
                             const std::set<std::string>& allowed,
                             const std::string& kernel_release) {
  const auto kernel = parse_version(kernel_release).value_or(kOldestKernel);
  const bool carriers = std::ranges::any_of(archs, has_carriers);
  UnlistedCalls unlisted;
  for (const auto& arch : archs) {
    for (std::int64_t number = 0; number <= kHighestNumber; ++number) {
      const auto name = syscall_name(arch, number);
      if (!name || allowed.contains(*name)) continue;
      if (carriers && kCarried.contains(*name)) continue;
      const auto since = syscall_since(*name, arch);
      const bool known = since && *since <= kernel;
      (known ? unlisted.known : unlisted.newer).insert(*name);
    }
  }
  // Two architectures may have got a call at different times; one that any had is known.
  for (const auto& name : unlisted.known) unlisted.newer.erase(name);
  return unlisted;
}

}  // namespace ig
