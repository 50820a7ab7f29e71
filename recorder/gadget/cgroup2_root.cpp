// SPDX-License-Identifier: Apache-2.0
#include "recorder/gadget/cgroup2_root.h"

#include <fstream>
#include <iterator>

#include "base/text.h"

namespace ig {

std::string find_cgroup2_root(std::string_view mountinfo) {
  for (const auto line : split(mountinfo, '\n')) {
    if (line.find(" - cgroup2 ") == line.npos) continue;
    const auto fields = split(line, ' ');
    // Field 4 is which part of the hierarchy is mounted: in a container that may be its own only.
    if (fields.size() > 4 && fields[3] == "/") return std::string(fields[4]);
  }
  return "";
}

Result<std::string> cgroup2_root() {
  std::ifstream file("/proc/self/mountinfo");
  auto root = find_cgroup2_root(std::string(std::istreambuf_iterator<char>(file), {}));
  if (!root.empty()) return root;
  return fail(ErrorCode::kUnsupported, "the root of cgroup2 is not mounted",
              "mount -t cgroup2 none /sys/fs/cgroup/unified");
}

}  // namespace ig
