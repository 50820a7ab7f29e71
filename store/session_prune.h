// SPDX-License-Identifier: Apache-2.0
// Taking away what need not be shared or kept: workloads, gadgets, tables, texts of a column, what
// was outside of a time. What was cut is written into the file as losses of kind "pruned": of a
// workload where its evidence was cut, so that no advisor takes what is left for all of it; of none
// where whole gadgets or other workloads went.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/database.h"
#include "store/workload.h"

namespace ig {

struct PruneRequest {
  std::optional<std::vector<WorkloadId>> keep = {};      // workloads; unset = all
  std::optional<std::int64_t> from_ns = {}, to_ns = {};  // rows of other times go
  // Gadgets, tables, "table.column" (texts only), "inventory", "denied_syscall".
  std::vector<std::string> drop = {};
};

struct PruneResult {
  struct Cut {
    std::string what;  // "trace_exec", "trace_exec.args", "inventory"
    std::uint64_t rows = 0;
  };
  std::vector<Cut> cuts;
  std::size_t workloads_gone = 0, workloads_left = 0;
  std::uint64_t processes_gone = 0, texts_gone = 0;  // that nothing refers to any more
  // Tables that were kept whole although workloads or times were chosen: their rows name none.
  std::vector<std::string> of_the_machine = {}, without_times = {};
};

// Within SessionEdit::rewrite() or write_changed_session().
Result<PruneResult> prune(Database& database, const PruneRequest& request);

}  // namespace ig
