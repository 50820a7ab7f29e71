// SPDX-License-Identifier: Apache-2.0
// Which arguments of which calls a recording keeps the values of: those of few possible values. The
// BPF gadget has the same table by number (gadgets/advise_seccomp/arguments.h), and a test compares
// the two.
#pragma once

#include <cstddef>
#include <cstdint>

#include "store/syscall_table.h"

namespace ig {

// Values of one argument of one call in one phase; what comes beyond is counted together.
constexpr std::size_t kMostValues = 32;

struct KeptArguments {
  bool index[3] = {};  // which of the first three
  bool wide = false;   // the kernel looks at all 64 bits; of others the upper half is chance

  bool any() const { return index[0] || index[1] || index[2]; }
  bool operator==(const KeptArguments&) const = default;
};

// `number` without the bits that mark a table.
KeptArguments kept_arguments(const SyscallArch& arch, std::int64_t number);

}  // namespace ig
