// SPDX-License-Identifier: Apache-2.0
// The calls that every start of a container needs, for workloads whose start was not recorded:
// the runtime's own after its filter is loaded, and the libc's before main(); and what a runtime
// calls under the filter for an exec session. The lists are data
// (advisors/seccomp/start_block.txt), measured on real runtimes.
#pragma once

#include <set>
#include <string>

#include "store/workload.h"

namespace ig {

struct StartBlock {
  std::set<std::string> names;
  std::string owners;  // "runc, glibc, musl, go"
};

// Of the runtime that started it, or of all where that is not known.
StartBlock start_block(const Workload& workload);
// The runtime's part of an exec session in it.
StartBlock exec_block(const Workload& workload);
// The runtime's part of both, for a workload whose own start is known.
StartBlock runtime_block(const Workload& workload);

}  // namespace ig
