// SPDX-License-Identifier: Apache-2.0
// RowWriter: puts the events of one data source into its table. The plan of what goes where is made
// from the RowLayout when the data source is announced, and its INSERTs are prepared once.
//
// Rows wait until there are 32 of them and then go through one INSERT: beginning and
// ending a statement is nearly half of what SQLite does for one row (measured: 1.2 µs against
// 0.7). Rows that replace others by key are few, and written at once.
#pragma once

#include <array>
#include <set>
#include <string>
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
  Result<> write_waiting();  // before a commit
  void forget_waiting() { waiting_ = 0; }

  const std::string& gadget() const { return gadget_; }
  std::uint64_t rows_of_batch = 0;  // not committed yet
  std::uint64_t rows_lost = 0;      // could not be stored

 private:
  static constexpr std::size_t kManyRows = 32;

  // What a column is filled with: RowColumn without what only names it.
  struct Cell {
    RowColumn::Source source;
    int column;
    bool required_text = false, required_number = false;  // of a key, which is never NULL
  };

  RowWriter(Database& database, const EventSchema& schema, const RowLayout& layout,
            Statement insert, Statement insert_many);

  // Fills the next of the waiting rows.
  Result<> make_row(const Event& event, InternTables& tables);
  Result<Value> make_reference(const Cell& cell, const Event& event, InternTables& tables);
  void keep_texts();
  Result<> insert(Statement& statement, std::size_t first_row, std::size_t rows);
  Result<> name_syscalls_of(const Event& event);

  Database* database_;
  Statement insert_, insert_many_;
  std::vector<Cell> cells_;
  bool keyed_ = false;
  std::vector<ProcessColumns> processes_;  // Cell::column of a process is an index into these
  std::string gadget_;
  std::vector<Value> rows_;                   // kManyRows times a value for each cell
  std::array<std::string, kManyRows> texts_;  // what the values of a row are views of
  std::size_t waiting_ = 0;                   // of the rows
  int arch_column_ = -1;  // of the schema, where rows name the architecture of a syscall
  std::set<std::int64_t> archs_seen_;
};

// Names of one architecture's syscalls for the views; again is no error.
Result<> store_syscall_names(Database& database, std::string_view arch);
Result<> store_enum_names(Database& database, std::string_view name,
                          const std::map<std::int64_t, std::string>& values);

}  // namespace ig
