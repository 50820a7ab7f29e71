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
  IG_ASSIGN(auto insert, database.prepare(insert_row(layout), true));
  return RowWriter(database, schema, layout, std::move(insert));
}

RowWriter::RowWriter(Database& database, const EventSchema& schema, const RowLayout& layout,
                     Statement insert)
    : database_(&database), insert_(std::move(insert)), gadget_(schema.gadget) {
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

Result<> RowWriter::bind_reference(int parameter, const Cell& cell, const Event& event,
                                   InternTables& tables) {
  const auto index = static_cast<std::size_t>(cell.column);
  if (cell.source == RowColumn::Source::kProcess) {
    IG_ASSIGN(const auto id,
              tables.processes.id_of(event.workload, processes_[index], event.values));
    insert_.bind(parameter, id);
  } else if (event.values[index].kind == Value::Kind::kText) {
    IG_ASSIGN(const auto id, tables.paths.id_of(event.values[index].text));
    insert_.bind(parameter, id);
  } else {
    insert_.bind_null(parameter);
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

Result<> RowWriter::write(const Event& event, InternTables& tables) {
  IG_CHECK(event.values.size() == event.schema.columns.size());
  if (arch_column_ >= 0) IG_TRY(name_syscalls_of(event));
  int parameter = 0;
  for (const Cell& cell : cells_) {
    ++parameter;
    if (cell.source == RowColumn::Source::kWorkload) {
      insert_.bind(parameter, event.workload);
    } else if (cell.source != RowColumn::Source::kValue) {
      IG_TRY(bind_reference(parameter, cell, event, tables));
    } else if (const Value& value = event.values[static_cast<std::size_t>(cell.column)];
               value.is_null() && cell.required_text) {
      insert_.bind(parameter, std::string_view());
    } else if (value.is_null() && cell.required_number) {
      insert_.bind(parameter, std::int64_t{0});
    } else {
      insert_.bind(parameter, value);
    }
  }
  IG_TRY(insert_.run());
  ++rows_of_batch;
  return {};
}

}  // namespace ig
