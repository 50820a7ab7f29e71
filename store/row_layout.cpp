// SPDX-License-Identifier: Apache-2.0
#include "store/row_layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace ig {
namespace {

constexpr std::size_t kMostColumns = 500;
constexpr std::size_t kLongestName = 128;

bool usable_name(std::string_view name) {
  return !name.empty() && name.size() <= kLongestName && name.find('\0') == std::string_view::npos;
}

// It also becomes the name of a file (ig session export), whatever folder that is to be in.
bool usable_view(std::string_view name) {
  return usable_name(name) && name.find('/') == std::string_view::npos &&
         !name.starts_with("sqlite_");
}

Result<> check_names(const EventSchema& schema) {
  const auto wrong = [&](std::string_view what) {
    return fail(ErrorCode::kInvalid, fmt::format("data source '{}' {}", schema.view, what));
  };
  if (!usable_view(schema.view)) {
    return wrong("has a name that no table can have");
  }
  if (schema.columns.empty() || schema.columns.size() > kMostColumns) {
    return wrong("has no columns, or too many");
  }
  for (const Column& column : schema.columns) {
    if (!usable_name(column.name)) return wrong("has a column without a usable name");
  }
  return {};
}

RowColumn process_column(const EventSchema& schema, const std::string& process) {
  RowColumn row{.name = process_prefix(process) + "process_id",
                .source = RowColumn::Source::kProcess,
                .column = -1,
                .process = process,
                .process_columns = {},
                .key = false};
  row.process_columns.fill(-1);
  for (std::size_t i = 0; i < schema.columns.size(); ++i) {
    const Column& column = schema.columns[i];
    const bool identity = column.process_part != ProcessPart::kNone &&
                          column.process_part != ProcessPart::kTid && column.process == process;
    if (!identity) continue;
    row.process_columns[static_cast<std::size_t>(column.process_part)] = static_cast<int>(i);
    row.key = row.key || column.key;
    if (row.column < 0) row.column = static_cast<int>(i);
  }
  return row;
}

RowColumn plain_column(const Column& column, int index) {
  RowColumn row;
  row.column = index;
  row.key = column.key;
  row.name = column.process_part == ProcessPart::kTid ? process_prefix(column.process) + "tid"
                                                      : sql_name(column.name);
  // A key has to be equal for equal texts, which a reference need not be.
  const bool is_long = column.meaning == Meaning::kPath ||
                       (column.meaning == Meaning::kStack && column.type == ColumnType::kText);
  const bool interned = is_long && !column.key;
  row.source = interned ? RowColumn::Source::kPath : RowColumn::Source::kValue;
  return row;
}

}  // namespace

std::string UniqueNames::take(std::string name) {
  const auto lower = [](std::string text) {
    for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    return text;
  };
  const std::string base = name;
  for (int number = 2; std::ranges::find(taken_, lower(name)) != taken_.end(); ++number) {
    name = fmt::format("{}_{}", base, number);
  }
  taken_.push_back(lower(name));
  return name;
}

std::string sql_name(std::string_view dotted) {
  std::string name(dotted);
  std::ranges::replace(name, '.', '_');
  return name;
}

std::string process_prefix(std::string_view process) {
  return process == "proc" ? "" : sql_name(process) + "_";
}

Result<RowLayout> row_layout(const EventSchema& schema) {
  IG_TRY(check_names(schema));
  RowLayout layout{.table = schema.view + "_rows", .columns = {}, .keyed = false};
  UniqueNames names;
  layout.columns.push_back({.name = names.take("workload_id"),
                            .source = RowColumn::Source::kWorkload,
                            .column = -1,
                            .process = "",
                            .process_columns = {},
                            .key = true});
  std::set<std::string> processes;
  for (std::size_t i = 0; i < schema.columns.size(); ++i) {
    const Column& column = schema.columns[i];
    const bool identity =
        column.process_part != ProcessPart::kNone && column.process_part != ProcessPart::kTid;
    if (identity && !processes.insert(column.process).second) continue;
    RowColumn row = identity ? process_column(schema, column.process)
                             : plain_column(column, static_cast<int>(i));
    row.name = names.take(std::move(row.name));
    layout.keyed = layout.keyed || (row.key && schema.kind == EventSchema::Kind::kMap);
    layout.columns.push_back(std::move(row));
  }
  return layout;
}

}  // namespace ig
