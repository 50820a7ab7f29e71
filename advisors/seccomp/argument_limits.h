// SPDX-License-Identifier: Apache-2.0
// Rules on the values of arguments: a profile may allow socket(AF_UNIX) and no other. Only
// arguments of few possible values that do not depend on the load, never pointers, sizes or
// descriptors; the recorder keeps the values of no others.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "advisors/seccomp/observed_calls.h"
#include "advisors/seccomp/seccomp_profile.h"
#include "base/result.h"

namespace ig {

enum class ArgumentMode {
  kNone,
  kSafe,  // what guards the kernel and hardly changes: socket domains, namespace flags,
          // personality…
  kAll,   // also commands of ioctl, fcntl and prctl, socket options, memory protection
};
Result<ArgumentMode> parse_argument_mode(std::string_view text);  // "none", "safe", "all"

struct ArgumentLimits {
  // The call is allowed where all comparisons of one of these hold; none = with any values.
  std::vector<std::vector<SeccompArgument>> alternatives;
  std::string widened;  // why an argument that could be limited is not; else ""
};

// `calls`: those of one name, on each architecture where it was seen.
ArgumentLimits argument_limits(const std::string& name,
                               const std::vector<const ObservedCall*>& calls, ArgumentMode mode);

}  // namespace ig
