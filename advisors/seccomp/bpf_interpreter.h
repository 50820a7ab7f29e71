// SPDX-License-Identifier: Apache-2.0
// What a compiled seccomp filter answers to a call: an interpreter of classic BPF as the kernel
// runs it for seccomp. The proof that a profile allows what was recorded rests on the compiled
// program, not on the JSON, since names, architectures and merged conditions only become real
// there.
//
// A recording knows which calls were made, not their arguments. So arguments are unknown here:
// a branch on one goes both ways, and the answer is the set of all actions that can come out.
#pragma once

#include <linux/filter.h>

#include <cstdint>
#include <set>
#include <span>
#include <vector>

#include "base/result.h"

namespace ig {

using BpfProgram = std::vector<sock_filter>;

// SECCOMP_RET_* values with their data, for any arguments. kInvalid where the kernel would not
// accept the program.
Result<std::set<std::uint32_t>> filter_answers(std::span<const sock_filter> program,
                                               std::uint32_t audit_arch, std::uint32_t number);

}  // namespace ig
