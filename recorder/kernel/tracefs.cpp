// SPDX-License-Identifier: Apache-2.0
#include "recorder/kernel/tracefs.h"

#include <fcntl.h>
#include <sys/mount.h>

namespace ig {
namespace {

UniqueFd open_folder(int above, const char* path) {
  return UniqueFd(::openat(above, path, O_PATH | O_DIRECTORY | O_CLOEXEC));
}

UniqueFd open_mounted() {
  auto events = open_folder(AT_FDCWD, "/sys/kernel/tracing/events");
  return events ? std::move(events) : open_folder(AT_FDCWD, "/sys/kernel/debug/tracing/events");
}

}  // namespace

bool is_tracefs_mounted() { return bool(open_mounted()); }

UniqueFd open_tracefs_events() {
  if (auto events = open_mounted()) return events;
  const UniqueFd fs(::fsopen("tracefs", FSOPEN_CLOEXEC));
  if (!fs || ::fsconfig(fs.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0) return {};
  const UniqueFd root(::fsmount(fs.get(), FSMOUNT_CLOEXEC, MOUNT_ATTR_RDONLY));
  return root ? open_folder(root.get(), "events") : UniqueFd();
}

}  // namespace ig
