// SPDX-License-Identifier: Apache-2.0
// A profile for another architecture than the recorded one, by the names of calls. Architectures
// differ in which of several like calls they have (open or only openat, mmap or mmap2), and libc
// makes those that there are. What has no counterpart is told.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ig {

// The names that stand on `to` for a call that was made on `from`: itself where it exists there,
// and like calls that `from` does not have, since libc may make them instead; where that is
// nothing, any like call; empty where there is none.
std::vector<std::string> names_on_arch(const std::string& name, std::string_view from,
                                       std::string_view to);

// The architectures that programs of an older kind use on a machine of `arch`: i386 and x32 for
// x86_64, arm for aarch64.
std::vector<std::string_view> compat_archs(std::string_view arch);

}  // namespace ig
