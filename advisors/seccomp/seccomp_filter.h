// SPDX-License-Identifier: Apache-2.0
// From a profile to the program that the kernel runs, by the library and the steps that runc and
// crun use: the machine's own architecture is always in, rules that repeat the default action are
// passed over, names that libseccomp does not know are passed over too (and told). The runtimes
// differ in what they put before it.
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
  std::vector<std::string> unknown_names;  // each once, sorted
  // Calls with two rules that cannot both hold (same arguments, different actions; or what one says
  // is part of what the other says). libseccomp refuses the second; runc and crun then refuse to
  // start the container. `program` is without it.
  std::vector<std::string> clashes;
};

enum class FilterRuntime {
  kCrun,  // libseccomp's program as it is; podman and containerd leave it to the runtime
  kRunc,  // with its ENOSYS stub before it
};

// `native_arch`: of the machine that the profile is for, "x86_64".
Result<SeccompFilter> compile_profile(const SeccompProfile& profile, std::string_view native_arch,
                                      FilterRuntime runtime = FilterRuntime::kCrun);
// The same filter in libseccomp's pseudo filter code, for people to read.
Result<std::string> compile_profile_to_pfc(const SeccompProfile& profile,
                                           std::string_view native_arch);

}  // namespace ig
