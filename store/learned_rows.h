// SPDX-License-Identifier: Apache-2.0
// What a session learned after it was recorded, as its readers are told: rows of
// queries::kEnrichments and queries::kLearnedSyscalls.
#pragma once

#include <vector>

#include "store/session_reader.h"
#include "store/statement.h"

namespace ig {

Enrichment enrichment_of(const Statement& row);
SyscallUse learned_syscall_of(const Statement& row);

// Recorded values say nothing about calls that were learned: adds `other` for each argument of
// theirs that has values.
void add_unknown_values(std::vector<SyscallArgumentUse>& uses,
                        const std::vector<SyscallUse>& learned);

}  // namespace ig
