// SPDX-License-Identifier: Apache-2.0
#include "store/row_writer.h"

#include <algorithm>

#include "base/check.h"
#include "store/data_source_ddl.h"
#include "store/syscall_table.h"

namespace ig {
namespace {

// Beyond the highest number of a table of libseccomp; arm's own calls are not among them.
constexpr std::int64_t kSyscallNumbers = 1024;

Result<> store_schema(Database& database, const EventSchema& schema) {
  IG_ASSIGN(auto insert, database.prepare("INSERT INTO data_source (gadget, name, view, schema) "
                                          "VALUES (?, ?, ?, ?)"));
  const std::string json = schema.to_json();
  insert.bind(1, schema.gadget);
  insert.bind(2, schema.data_source);
  insert.bind(3, schema.view);
  insert.bind(4, json);
  return insert.run();
}

bool has_syscalls(const EventSchema& schema) {
  return std::ranges::any_of(schema.columns,
                             [](const Column& c) { return c.meaning == Meaning::kSyscall; });
}

}  // namespace

Result<> store_enum_names(Database& database, std::string_view name,
                          const std::map<std::int64_t, std::string>& values) {
  IG_ASSIGN(auto insert, database.prepare("INSERT INTO enum_name (enum, value, name) "
                                          "VALUES (?, ?, ?)"));
  for (const auto& [value, text] : values) {
    insert.bind(1, name);
    insert.bind(2, value);
    insert.bind(3, text);
    IG_TRY(insert.run());
  }
  return {};
}

Result<> store_syscall_names(Database& database, std::string_view arch) {
  const SyscallArch* known = find_syscall_arch(arch);
  if (known == nullptr) return {};
  IG_ASSIGN(auto insert, database.prepare("INSERT OR IGNORE INTO syscall_name "
                                          "(arch, number, name) VALUES (?, ?, ?)"));
  for (std::int64_t number = 0; number < kSyscallNumbers; ++number) {
    const auto name = syscall_name(arch, number);
    if (!name) continue;
    // The second time does nothing where the architecture has no bit.
    for (const std::int64_t counted : {number, number | known->number_bits}) {
      insert.bind(1, arch);
      insert.bind(2, counted);
      insert.bind(3, *name);
      IG_TRY(insert.run());
    }
  }
  return {};
}

Result<RowWriter> RowWriter::create(Database& database, const EventSchema& given) {
  // Through JSON and back, as a reader will see it: then both make the same SQL.
  IG_ASSIGN(const EventSchema schema, EventSchema::from_json(given.to_json()));
  IG_ASSIGN(RowLayout layout, row_layout(schema));
  IG_TRY(store_schema(database, schema));
  IG_TRY(database.execute(create_rows_table(schema, layout)));
  IG_TRY(database.execute(create_view(schema, layout)));
  for (const auto& [type, values] : schema.enums) {
    IG_TRY(store_enum_names(database, schema.view + "." + type, values));
  }
  IG_ASSIGN(auto insert, database.prepare(insert_rows(layout, 1), true));
  IG_ASSIGN(auto insert_many, database.prepare(insert_rows(layout, kManyRows), true));
  return RowWriter(database, schema, layout, std::move(insert), std::move(insert_many));
}

RowWriter::RowWriter(Database& database, const EventSchema& schema, const RowLayout& layout,
                     Statement insert, Statement insert_many)
    : database_(&database),
      insert_(std::move(insert)),
      insert_many_(std::move(insert_many)),
      keyed_(layout.keyed),
      gadget_(schema.gadget),
      rows_(kManyRows * layout.columns.size()) {
  if (has_syscalls(schema)) arch_column_ = schema.find("arch_raw");
  for (const RowColumn& row : layout.columns) {
    Cell cell{.source = row.source, .column = row.column};
    if (row.source == RowColumn::Source::kProcess) {
      cell.column = static_cast<int>(processes_.size());
      processes_.push_back(row.process_columns);
    } else if (row.source == RowColumn::Source::kValue && layout.keyed && row.key) {
      const auto type = schema.columns[static_cast<std::size_t>(row.column)].type;
      cell.required_text = type == ColumnType::kText;
      cell.required_number = !cell.required_text;
    }
    cells_.push_back(cell);
  }
}

Result<Value> RowWriter::make_reference(const Cell& cell, const Event& event,
                                        InternTables& tables) {
  const auto index = static_cast<std::size_t>(cell.column);
  if (cell.source == RowColumn::Source::kProcess) {
    IG_ASSIGN(const auto id,
              tables.processes.id_of(event.workload, processes_[index], event.values));
    return Value::of(id);
  }
  if (event.values[index].kind != Value::Kind::kText) return Value{};
  IG_ASSIGN(const auto id, tables.paths.id_of(event.values[index].text));
  return Value::of(id);
}

Result<> RowWriter::make_row(const Event& event, InternTables& tables) {
  Value* row = &rows_[waiting_ * cells_.size()];
  for (const Cell& cell : cells_) {
    if (cell.source == RowColumn::Source::kWorkload) {
      *row = Value::of(event.workload);
    } else if (cell.source == RowColumn::Source::kValue) {
      *row = event.values[static_cast<std::size_t>(cell.column)];
      if (row->is_null() && cell.required_text) *row = Value::of(std::string_view());
      if (row->is_null() && cell.required_number) *row = Value::of(std::int64_t{0});
    } else {
      IG_ASSIGN(*row, make_reference(cell, event, tables));
    }
    ++row;
  }
  return {};
}

Result<> RowWriter::name_syscalls_of(const Event& event) {
  const auto index = static_cast<std::size_t>(arch_column_);
  const std::int64_t arch = event.values[index].integer;
  if (!archs_seen_.insert(arch).second) return {};
  return store_syscall_names(*database_,
                             enum_text(event.schema, event.schema.columns[index], arch));
}

// The event's texts are gone after the call that brings it.
void RowWriter::keep_texts() {
  const std::span<Value> row = std::span(rows_).subspan(waiting_ * cells_.size(), cells_.size());
  std::string& kept = texts_[waiting_];
  std::size_t bytes = 0;
  for (const Value& value : row) bytes += value.text.size();
  kept.clear();
  kept.reserve(bytes);  // so that it does not move while views of it are made
  for (Value& value : row) {
    if (value.text.empty()) continue;
    kept.append(value.text);
    value.text = std::string_view(kept).substr(kept.size() - value.text.size());
  }
}

Result<> RowWriter::insert(Statement& statement, std::size_t first_row, std::size_t rows) {
  int parameter = 0;
  for (const Value& value :
       std::span(rows_).subspan(first_row * cells_.size(), rows * cells_.size())) {
    statement.bind(++parameter, value);
  }
  return statement.run();
}

Result<> RowWriter::write_waiting() {
  if (waiting_ == kManyRows) {
    IG_TRY(insert(insert_many_, 0, kManyRows));
  } else {
    for (std::size_t row = 0; row < waiting_; ++row) IG_TRY(insert(insert_, row, 1));
  }
  waiting_ = 0;
  return {};
}

Result<> RowWriter::write(const Event& event, InternTables& tables) {
  IG_CHECK(event.values.size() == event.schema.columns.size());
  if (arch_column_ >= 0) IG_TRY(name_syscalls_of(event));
  IG_TRY(make_row(event, tables));
  if (keyed_) {
    IG_TRY(insert(insert_, 0, 1));
  } else {
    keep_texts();
    if (++waiting_ == kManyRows) IG_TRY(write_waiting());
  }
  ++rows_of_batch;
  return {};
}

}  // namespace ig
