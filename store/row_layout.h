// SPDX-License-Identifier: Apache-2.0
// RowLayout: how the flat rows of a data source lie in its table. The columns of a process identity
// become one reference to `process`, long texts references to `path`; the rest stays. Table, view
// and writer are all made from this one plan, so they cannot disagree.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/event_schema.h"

namespace ig {

inline constexpr std::size_t kProcessParts = static_cast<std::size_t>(ProcessPart::kStartTime) + 1;

// The schema's column for each part of a process identity; -1 where it has none.
using ProcessColumns = std::array<int, kProcessParts>;

struct RowColumn {
  enum class Source { kWorkload, kProcess, kPath, kValue };
  std::string name;  // in SQL
  Source source = Source::kValue;
  int column = -1;      // of the schema; of a process the first of its columns
  std::string process;  // its name, for kProcess
  ProcessColumns process_columns{};
  bool key = false;
};

struct RowLayout {
  std::string table;               // "<view>_rows"
  std::vector<RowColumn> columns;  // workload_id first
  bool keyed = false;              // rows are replaced by key, not appended
};

// Fails for names that no table can have: they come from gadgets that others made.
Result<RowLayout> row_layout(const EventSchema& schema);

// Unique names without regard to case, as SQL wants them: the second "a" becomes "a_2".
class UniqueNames {
 public:
  std::string take(std::string name);

 private:
  std::vector<std::string> taken_;  // in lower case
};

// "proc.parent" → "proc_parent"; the process called "proc" adds no prefix, others theirs.
std::string sql_name(std::string_view dotted);
std::string process_prefix(std::string_view process);

}  // namespace ig
