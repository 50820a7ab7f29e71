// SPDX-License-Identifier: Apache-2.0
// Several session files as one: of the nodes of a cluster, or of several runs. Everything gets
// numbers of its own in the new file, and says which recording it is of.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"

namespace ig {

struct MergedSession {
  std::vector<std::string> recordings;  // as they are called in the new file
  std::uint64_t rows = 0;               // of events
};

// Writes `out`, which must not exist; it appears whole or not at all. Files that are merged
// already bring all their recordings. Refuses (kUsage) a recording that is given twice, and tables
// of one name whose columns mean different things. `should_stop` is asked every few thousand rows.
Result<MergedSession> merge_sessions(const std::vector<std::string>& paths, const std::string& out,
                                     const std::function<bool()>& should_stop);

}  // namespace ig
