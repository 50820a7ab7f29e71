// SPDX-License-Identifier: Apache-2.0
// What a compiled seccomp filter answers to one call, as a function of the call's arguments. Two
// filters mean the same for it exactly where this gives the same node.
#pragma once

#include <linux/filter.h>

#include <cstdint>
#include <span>

#include "advisors/seccomp/decision_diagrams.h"
#include "base/result.h"

namespace ig {

// The leaves are SECCOMP_RET_* values with their data. kUnsupported for programs that do more than
// those which libseccomp makes.
Result<DecisionDiagrams::Node> filter_meaning(DecisionDiagrams& diagrams,
                                              std::span<const sock_filter> program,
                                              std::uint32_t audit_arch, std::uint32_t number);

}  // namespace ig
