// SPDX-License-Identifier: Apache-2.0
// From a profile to the program that the kernel runs, by the library and the steps that runc and
// crun use: the machine's own architecture is always in, rules that repeat the default action are
// passed over, names that libseccomp does not know are passed over too (and told).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "advisors/seccomp/bpf_interpreter.h"
#include "advisors/seccomp/seccomp_profile.h"
#include "base/result.h"

namespace ig {

struct SeccompFilter {
  BpfProgram program;
  std::vector<std::string> unknown_names;
};

// `native_arch`: of the machine that the profile is for, "x86_64".
Result<SeccompFilter> compile_profile(const SeccompProfile& profile, std::string_view native_arch);
// The same filter in libseccomp's pseudo filter code, for people to read.
Result<std::string> compile_profile_to_pfc(const SeccompProfile& profile,
                                           std::string_view native_arch);

}  // namespace ig
