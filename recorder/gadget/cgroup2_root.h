// SPDX-License-Identifier: Apache-2.0
// Where the root of the unified cgroup hierarchy is mounted: /sys/fs/cgroup, or on a machine with
// both hierarchies /sys/fs/cgroup/unified.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace ig {

Result<std::string> cgroup2_root();
// The same from the text of /proc/self/mountinfo; "" where there is none.
std::string find_cgroup2_root(std::string_view mountinfo);

}  // namespace ig
