// SPDX-License-Identifier: Apache-2.0
// What a profile answers to calls that it does not allow depends on whether the program may know
// them. A call that the recorded kernel had and nobody used is denied: EPERM. A call that came
// later is one that a newer libc tries first and falls back from, if it is told ENOSYS and not
// EPERM (moby#42680); and so are calls that the kernel had, but that an older libc did not try yet.
// runc decides by the highest number that a profile names, crun not at all; so
// the profile itself says it, and both mean the same.
#pragma once

#include <set>
#include <string>

namespace ig {

struct UnlistedCalls {
  std::set<std::string> known;  // to the recorded kernel
  std::set<std::string> newer;  // or with a fallback
};

// The names of libseccomp's table, on any of `archs`, that are not in `allowed`.
// `kernel_release`: "6.1.0-13-amd64"; where it is no version, that of the oldest kernel that
// recordings come from. Calls that carry others (socketcall, ipc) and those that they carry are
// left out where an architecture has them: libseccomp makes one rule of both, and a denial of one
// would meet the other.
UnlistedCalls unlisted_calls(const std::set<std::string>& archs,
                             const std::set<std::string>& allowed,
                             const std::string& kernel_release);

}  // namespace ig
