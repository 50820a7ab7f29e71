// SPDX-License-Identifier: Apache-2.0
// A SeccompDiff in rows for people, before they are escaped for one place or another.
#pragma once

#include <string>
#include <vector>

#include "advisors/seccomp/diff_seccomp.h"

namespace ig {

struct SeccompDiffRow {
  bool dangerous = false;
  std::string change, workload, what, archs, group, before, after, detail;
};

// Denied calls whose answer changed alike share one row.
std::vector<SeccompDiffRow> seccomp_diff_rows(const SeccompDiff& diff);

// "bpf", "default action", "architecture i386".
std::string what_text(const SeccompChange& change);
// Which values, why it matters, who made it: "also argument 1: AF_INET; 3 calls, startup".
std::string detail_text(const SeccompChange& change);

}  // namespace ig
