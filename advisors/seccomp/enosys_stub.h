// SPDX-License-Identifier: Apache-2.0
// What runc puts before the program of libseccomp (runc 1.0.0 and later,
// libcontainer/seccomp/patchbpf): a call with a number above the largest that the profile names for
// its architecture is answered ENOSYS, so that a libc which tries a newer call falls back. Only for
// the architectures that the profile lists, and not where the default action lets calls through.
// crun has nothing of the kind.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "advisors/seccomp/bpf_interpreter.h"
#include "advisors/seccomp/seccomp_profile.h"

namespace ig {

// The largest number of `arch` that the profile names, whatever the rule's action; nullopt where
// runc makes no stub for it. As the kernel sees it: of x32 with its bit.
std::optional<std::uint32_t> enosys_above(const SeccompProfile& profile, std::string_view arch);

BpfProgram enosys_stub(const SeccompProfile& profile);

}  // namespace ig
