// SPDX-License-Identifier: Apache-2.0
#include "base/landlock.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "base/handle.h"

namespace ig {
namespace {

// linux/landlock.h of Linux 6.10; Debian 12's ends with version 2.
struct Ruleset {
  std::uint64_t fs = 0, net = 0;
};
constexpr std::uint64_t kRefer = 1 << 13, kTruncate = 1 << 14, kDevices = 1 << 15;  // of fs
constexpr std::uint64_t kBindTcp = 1 << 0, kConnectTcp = 1 << 1;                    // of net
constexpr int kReferVersion = 2, kTruncateVersion = 3, kNetVersion = 4, kDevicesVersion = 5;

constexpr std::uint64_t kChanges = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
                                   LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
                                   LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
                                   LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
                                   LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM;

std::uint64_t changes_of(int version) {
  return kChanges | (version >= kReferVersion ? kRefer : 0) |
         (version >= kTruncateVersion ? kTruncate : 0) |
         (version >= kDevicesVersion ? kDevices : 0);
}

Result<UniqueFd> create_ruleset(int version) {
  const Ruleset handled{.fs = changes_of(version) | LANDLOCK_ACCESS_FS_EXECUTE,
                        .net = version >= kNetVersion ? kBindTcp | kConnectTcp : 0};
  const auto size = version >= kNetVersion ? sizeof handled : sizeof handled.fs;
  UniqueFd rules(static_cast<int>(::syscall(SYS_landlock_create_ruleset, &handled, size, 0)));
  if (rules) return rules;
  return std::unexpected(system_error(errno, "make Landlock's rules"));
}

// A folder that is not there needs no rule.
Result<> allow_beneath(const UniqueFd& rules, const std::string& folder, std::uint64_t changes) {
  const UniqueFd place(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!place) return {};
  const landlock_path_beneath_attr rule{.allowed_access = changes, .parent_fd = place.get()};
  if (::syscall(SYS_landlock_add_rule, rules.get(), LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0) {
    return {};
  }
  return std::unexpected(system_error(errno, "allow Landlock a folder"));
}

}  // namespace

Result<> change_only_beneath(const std::vector<std::string>& folders) {
  const auto version = static_cast<int>(
      ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION));
  if (version < 1) return {};
  IG_ASSIGN(const auto rules, create_ruleset(version));
  for (const auto& folder : folders) {
    IG_TRY(allow_beneath(rules, folder, changes_of(version)));
  }
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
      ::syscall(SYS_landlock_restrict_self, rules.get(), 0) == 0) {
    return {};
  }
  return std::unexpected(system_error(errno, "confine itself by Landlock"));
}

}  // namespace ig
