// SPDX-License-Identifier: Apache-2.0
// Since when system calls exist: in the kernel, and by name in libseccomp. A profile outlives the
// machine that it was made on; whether a call is denied there or only not there yet depends on
// versions. The table is data (advisors/seccomp/syscall_versions.txt).
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ig {

struct Version {
  unsigned major = 0, minor = 0, patch = 0;
  auto operator<=>(const Version&) const = default;
  std::string text() const;  // "6.1", "2.5.4"
};
using KernelVersion = Version;

// "6.1", "6.1.0-13-amd64", "2.5.4", "v1.1.5+ds1": digits and dots count, what follows does not.
Result<Version> parse_version(std::string_view text);

// nullopt: the table does not know the call, so it is very old, not of Linux, or newer than ig.
// `arch` ("i386") matters for the few calls that an architecture got later than others.
std::optional<KernelVersion> syscall_since(std::string_view name, std::string_view arch = {});
std::optional<Version> libseccomp_since(std::string_view name, std::string_view arch = {});

// Of calls that came after a version, oldest first: what a newer kernel has more.
std::vector<std::string> syscalls_after(KernelVersion version);

}  // namespace ig
