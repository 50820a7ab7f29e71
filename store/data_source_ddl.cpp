// SPDX-License-Identifier: Apache-2.0
#include "store/data_source_ddl.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace ig {
namespace {

std::string quoted(std::string_view text, char quote) {
  std::string out(1, quote);
  for (const char c : text) out.append(c == quote ? 2 : 1, c);
  return out + quote;
}

std::string_view sql_type(const EventSchema& schema, const RowColumn& column) {
  if (column.source != RowColumn::Source::kValue) return "INTEGER";
  switch (schema.columns[static_cast<std::size_t>(column.column)].type) {
    case ColumnType::kInteger:
      return "INTEGER";
    case ColumnType::kReal:
      return "REAL";
    case ColumnType::kText:
      return "TEXT";
    case ColumnType::kBlob:
      return "BLOB";
  }
  return "";
}

std::vector<std::string> key_names(const RowLayout& layout) {
  std::vector<std::string> names;
  for (const RowColumn& column : layout.columns) {
    if (column.key) names.push_back(quote_identifier(column.name));
  }
  return names;
}

// One column of a view: an expression and a name that no other has.
struct ViewColumns {
  UniqueNames names;
  std::vector<std::string> parts;
  void add(const std::string& expression, std::string name) {
    parts.push_back(expression + " AS " + quote_identifier(names.take(std::move(name))));
  }
};

std::string lookup(const std::string& dictionary, const std::string& value) {
  return fmt::format("(SELECT name FROM enum_name WHERE enum = {} AND value = {})",
                     quote_text(dictionary), value);
}

std::string unknown(const std::string& value) { return "'UNKNOWN(' || " + value + " || ')'"; }

// Bits from `lowest` on by name, joined by |, and what no name covers in hexadecimal: as
// flag_text() does it.
std::string flags(const std::string& dictionary, const std::string& value, int lowest) {
  const std::string named =
      fmt::format("FROM enum_name WHERE enum = {} AND value >= {} AND {} & value = value",
                  quote_text(dictionary), lowest, value);
  const std::string rest =
      fmt::format("({} & ~(SELECT coalesce(sum(value), 0) {}) & ~{})", value, named, lowest - 1);
  return fmt::format(
      "coalesce((SELECT group_concat(name, '|') FROM (SELECT name {} ORDER BY value)), '')"
      " || CASE WHEN {} <> 0 THEN printf('|0x%x', {}) ELSE '' END",
      named, rest, rest);
}

std::string shown_time(const std::string& value) {
  return fmt::format(
      "CASE WHEN {0} <> 0 THEN strftime('%Y-%m-%dT%H:%M:%S', {0} / 1000000000, 'unixepoch')"
      " || printf('.%09dZ', {0} % 1000000000) END",
      value);
}

std::string shown_enum(const std::string& dictionary, const std::string& value) {
  return "coalesce(" + lookup(dictionary, value) + ", " + unknown(value) + ")";
}

std::string shown_flag_set(const std::string& dictionary, const std::string& value) {
  return fmt::format("CASE {0} WHEN 0 THEN coalesce({1}, '') ELSE ltrim({2}, '|') END", value,
                     lookup(dictionary, "0"), flags(dictionary, value, 1));
}

std::string shown_open_flags(const std::string& value) {
  return fmt::format("coalesce({}, '0x3') || rtrim('|' || ltrim({}, '|'), '|')",
                     lookup("open_flags", value + " & 3"), flags("open_flags", value, 4));
}

// The architecture of the call is the column arch_raw, else the session's.
std::string shown_syscall(const EventSchema& schema, const RowLayout& layout,
                          const std::string& value) {
  const int arch = schema.find("arch_raw");
  const auto found = std::ranges::find_if(
      layout.columns, [&](const RowColumn& c) { return arch >= 0 && c.column == arch; });
  std::string name = "(SELECT architecture FROM session)";
  if (found != layout.columns.end()) {
    const auto& type = schema.columns[static_cast<std::size_t>(arch)].type_name;
    name = lookup(schema.view + "." + type, "r." + quote_identifier(found->name));
  }
  return fmt::format(
      "coalesce((SELECT name FROM syscall_name WHERE arch = {} AND number = {}), 'syscall_' || {})",
      name, value, value);
}

std::string shown(const EventSchema& schema, const RowLayout& layout, const RowColumn& row) {
  const Column& column = schema.columns[static_cast<std::size_t>(row.column)];
  const std::string value = "r." + quote_identifier(row.name);
  const std::string own_enum = schema.view + "." + column.type_name;
  switch (column.meaning) {
    case Meaning::kTimestamp:
      return shown_time(value);
    case Meaning::kErrno:
      return fmt::format("CASE {} WHEN 0 THEN '' ELSE {} END", value, shown_enum("errno", value));
    case Meaning::kSignal:
      return shown_enum("signal", value);
    case Meaning::kProtocol:
      return shown_enum("protocol", value);
    case Meaning::kEnum:
      return shown_enum(own_enum, value);
    case Meaning::kFlagSet:
      return shown_flag_set(own_enum, value);
    case Meaning::kFileFlags:
      return shown_open_flags(value);
    case Meaning::kFileMode:
      return "printf('%04o', " + value + ")";
    case Meaning::kSyscall:
      return shown_syscall(schema, layout, value);
    default:
      return value;
  }
}

void add_process(ViewColumns& view, const RowColumn& row, const std::string& tid,
                 const std::string& alias) {
  const std::string prefix = process_prefix(row.process);
  const auto has = [&](ProcessPart part) {
    return row.process_columns[static_cast<std::size_t>(part)] >= 0;
  };
  const auto add = [&](ProcessPart part, std::string_view stored, std::string_view name) {
    if (has(part)) view.add(fmt::format("{}.{}", alias, stored), prefix + std::string(name));
  };
  add(ProcessPart::kComm, "comm", "comm");
  add(ProcessPart::kPid, "pid", "pid");
  if (!tid.empty()) view.add("r." + quote_identifier(tid), prefix + "tid");
  add(ProcessPart::kUid, "uid", "uid");
  add(ProcessPart::kGid, "gid", "gid");
  add(ProcessPart::kParentPid, "parent_pid", "ppid");
  add(ProcessPart::kParentComm, "parent_comm", "pcomm");
}

// The name of the row's column with the thread of this process, or "".
std::string tid_of(const EventSchema& schema, const RowLayout& layout, std::string_view process) {
  for (const RowColumn& row : layout.columns) {
    if (row.source != RowColumn::Source::kValue) continue;
    const Column& column = schema.columns[static_cast<std::size_t>(row.column)];
    if (column.process_part == ProcessPart::kTid && column.process == process) return row.name;
  }
  return "";
}

bool has_process(const RowLayout& layout, std::string_view process) {
  return std::ranges::any_of(layout.columns, [&](const RowColumn& row) {
    return row.source == RowColumn::Source::kProcess && row.process == process;
  });
}

}  // namespace

std::string quote_identifier(std::string_view name) { return quoted(name, '"'); }
std::string quote_text(std::string_view text) { return quoted(text, '\''); }

std::string create_rows_table(const EventSchema& schema, const RowLayout& layout) {
  std::vector<std::string> parts;
  for (const RowColumn& column : layout.columns) {
    const bool required =
        column.source == RowColumn::Source::kWorkload || (layout.keyed && column.key);
    parts.push_back(fmt::format("{} {}{}", quote_identifier(column.name), sql_type(schema, column),
                                required ? " NOT NULL" : ""));
  }
  if (layout.keyed) parts.push_back(fmt::format("PRIMARY KEY ({})", join(key_names(layout), ", ")));
  return fmt::format("CREATE TABLE {} (\n  {}\n){}", quote_identifier(layout.table),
                     join(parts, ",\n  "), layout.keyed ? " WITHOUT ROWID" : "");
}

std::string create_view(const EventSchema& schema, const RowLayout& layout) {
  ViewColumns view;
  std::string joins = "LEFT JOIN workload w ON w.id = r.workload_id";
  view.add("w.name", "workload");
  for (std::size_t i = 1; i < layout.columns.size(); ++i) {
    const RowColumn& row = layout.columns[i];
    const Column& column = schema.columns[static_cast<std::size_t>(row.column)];
    const std::string alias = fmt::format("t{}", i);
    const auto join_table = [&](std::string_view table) {
      joins += fmt::format("\n  LEFT JOIN {} {} ON {}.id = r.{}", table, alias, alias,
                           quote_identifier(row.name));
    };
    if (row.source == RowColumn::Source::kProcess) {
      join_table("process");
      add_process(view, row, tid_of(schema, layout, row.process), alias);
    } else if (row.source == RowColumn::Source::kPath) {
      join_table("path");
      view.add(alias + ".text", sql_name(column.display_name()));
    } else if (column.process_part != ProcessPart::kTid || !has_process(layout, column.process)) {
      view.add(shown(schema, layout, row), sql_name(column.display_name()));
    }
  }
  return fmt::format("CREATE VIEW {} AS SELECT\n  {}\nFROM {} r\n  {}",
                     quote_identifier(schema.view), join(view.parts, ",\n  "),
                     quote_identifier(layout.table), joins);
}

std::string insert_rows(const RowLayout& layout, int rows) {
  std::vector<std::string> names, marks, updates;
  for (const RowColumn& column : layout.columns) {
    const std::string name = quote_identifier(column.name);
    names.push_back(name);
    marks.emplace_back("?");
    if (!column.key) updates.push_back(name + " = excluded." + name);
  }
  std::string conflict;
  if (layout.keyed) {
    conflict = fmt::format(" ON CONFLICT ({}) DO ", join(key_names(layout), ", "));
    conflict += updates.empty() ? "NOTHING" : "UPDATE SET " + join(updates, ", ");
  }
  const std::vector<std::string> values(static_cast<std::size_t>(rows),
                                        "(" + join(marks, ", ") + ")");
  return fmt::format("INSERT INTO {} ({}) VALUES {}{}", quote_identifier(layout.table),
                     join(names, ", "), join(values, ", "), conflict);
}

}  // namespace ig
