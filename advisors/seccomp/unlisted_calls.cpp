// SPDX-License-Identifier: Apache-2.0
#include "advisors/seccomp/unlisted_calls.h"

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "advisors/seccomp/fallback_calls.h"
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

struct NamedCall {
  std::string name;
  std::optional<KernelVersion> since;
};

// Asking libseccomp for a thousand names takes longer than all else that a profile needs.
const std::vector<NamedCall>& calls_of(const std::string& arch) {
  static std::map<std::string, std::vector<NamedCall>> known;
  const auto [entry, is_new] = known.try_emplace(arch);
  for (std::int64_t number = 0; is_new && number <= kHighestNumber; ++number) {
    if (const auto name = syscall_name(arch, number)) {
      entry->second.push_back({*name, syscall_since(*name, arch)});
    }
  }
  return entry->second;
}

bool has_carriers(const std::string& arch) { return arch == "i386"; }

}  // namespace

UnlistedCalls unlisted_calls(const std::set<std::string>& archs,
                             const std::set<std::string>& allowed,
                             const std::string& kernel_release) {
  const auto kernel = parse_version(kernel_release).value_or(kOldestKernel);
  const bool carriers = std::ranges::any_of(archs, has_carriers);
  UnlistedCalls unlisted;
  for (const auto& arch : archs) {
    for (const auto& [name, since] : calls_of(arch)) {
      if (allowed.contains(name) || (carriers && kCarried.contains(name))) continue;
      const bool known = since && *since <= kernel && !has_fallback(name);
      (known ? unlisted.known : unlisted.newer).insert(name);
    }
  }
  // Two architectures may have got a call at different times; one that any had is known.
  for (const auto& name : unlisted.known) unlisted.newer.erase(name);
  return unlisted;
}

}  // namespace ig
