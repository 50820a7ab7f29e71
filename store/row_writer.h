// SPDX-License-Identifier: Apache-2.0
// RowWriter: puts the events of one data source into its table. Its INSERT is prepared once and
// every event only binds and steps: the plan of what goes where is made from the RowLayout when the
// data source is announced.
#pragma once

#include <set>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/event_sink.h"
#include "store/interner.h"
#include "store/row_layout.h"

namespace ig {

// What all data sources of a session share.
struct InternTables {
  ProcessTable processes;
  PathTable paths;
};

class RowWriter {
 public:
  // Makes table and view, the row in `data_source`, and the names of its enums.
  static Result<RowWriter> create(Database& database, const EventSchema& schema);

  Result<> write(const Event& event, InternTables& tables);

  const std::string& gadget() const { return gadget_; }
  std::uint64_t rows_of_batch = 0;  // not committed yet
  std::uint64_t rows_lost = 0;      // could not be stored

 private:
  // What a parameter of the INSERT is filled with: RowColumn without what only names it.
  struct Cell {
    RowColumn::Source source;
    int column;
    bool required_text = false, required_number = false;  // of a key, which is never NULL
  };

  RowWriter(Database& database, const EventSchema& schema, const RowLayout& layout,
            Statement insert);

  Result<> bind_reference(int parameter, const Cell& cell, const Event& event,
                          InternTables& tables);
  Result<> name_syscalls_of(const Event& event);

  Database* database_;
  Statement insert_;
  std::vector<Cell> cells_;
  std::vector<ProcessColumns> processes_;  // Cell::column of a process is an index into these
  std::string gadget_;
  int arch_column_ = -1;  // of the schema, where rows name the architecture of a syscall
  std::set<std::int64_t> archs_seen_;
};

// Names of one architecture's syscalls for the views; again is no error.
Result<> store_syscall_names(Database& database, std::string_view arch);
Result<> store_enum_names(Database& database, std::string_view name,
                          const std::map<std::int64_t, std::string>& values);

}  // namespace ig
