// SPDX-License-Identifier: Apache-2.0
// Where a profile shall work: the versions of kernel, libseccomp and runtime there, and what the
// runtime says of itself.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "advisors/seccomp/syscall_versions.h"
#include "base/result.h"

namespace ig {

struct LintTarget {
  std::optional<Version> kernel, libseccomp, runc, crun;
  // "SCMP_ACT_LOG", "SCMP_ARCH_X86_64", "SCMP_CMP_EQ"; empty = not known.
  std::set<std::string> actions, architectures, operators;

  bool may_be_runc() const { return runc || !crun; }
  bool may_be_crun() const { return crun || !runc; }
};

// "kernel=6.1,libseccomp=2.5.4,runc=1.1.5": adds to `target`.
Result<> add_target_versions(LintTarget& target, std::string_view text);
// What `runc features` or `crun features` prints: adds to `target`.
Result<> add_target_features(LintTarget& target, std::string_view json);

}  // namespace ig
