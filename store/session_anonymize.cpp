// SPDX-License-Identifier: Apache-2.0
#include "store/session_anonymize.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <vector>

#include "base/text.h"
#include "store/data_source_ddl.h"
#include "store/stored_tables.h"

namespace ig {
namespace {

// What the SQL function ig_pseudonym(how, text) does.
enum class How { kText, kUnknown, kDocument, kStack, kParameters, kProse, kHistogram, kSection };

// Texts of the core tables that are words of ours or of the kernel: they stay.
constexpr std::pair<std::string_view, std::string_view> kOurs[] = {
    {"session", "end_reason"},
    {"session", "tool_version"},
    {"session", "kernel_release"},
    {"session", "architecture"},
    {"session", "btf"},
    {"session", "preset"},
    {"session", "backend"},
    {"gadget_run", "gadget"},
    {"gadget_run", "backend"},
    {"gadget_run", "variant"},
    {"gadget_program", "name"},
    {"gadget_program", "leaves_empty"},
    {"data_source", "gadget"},
    {"data_source", "name"},
    {"data_source", "view"},
    {"data_source", "schema"},
    {"workload", "kind"},
    {"workload", "runtime"},
    {"loss", "gadget"},
    {"loss", "kind"},
    {"enum_name", "enum"},
    {"enum_name", "name"},
    {"syscall_name", "arch"},
    {"syscall_name", "name"},
    {"enrichment", "kind"},
    {"enrichment", "tool_version"},
    {"denied_syscall", "matched_by"},
    {"denied_syscall", "arch"},
    {"inventory_source", "kind"},
    {"inventory_source", "tool_version"},
    {"inventory", "kind"},
    {"inventory", "owner_kind"},
};

// Sentences of ours that may name something.
constexpr std::pair<std::string_view, std::string_view> kSentences[] = {
    {"loss", "detail"}, {"gadget_program", "reason"}, {"inventory_source", "caveats"}};

template <std::size_t size>
bool contains(const std::pair<std::string_view, std::string_view> (&list)[size],
              std::string_view table, std::string_view column) {
  return std::ranges::find(list, std::pair(table, column)) != std::end(list);
}

// A histogram is made by the recorder; what does not look like one is somebody's text.
std::string of_histogram(Pseudonyms& pseudonyms, std::string_view text) {
  const bool is_one = text.find_first_not_of("0123456789[], ") == text.npos;
  return is_one ? std::string(text) : pseudonyms.of_unknown(text);
}

// Where a program is attached: of one in user space the file.
std::string of_section(Pseudonyms& pseudonyms, std::string_view text) {
  return text.starts_with('u') ? pseudonyms.of_text(text) : std::string(text);
}

std::string replaced(Pseudonyms& pseudonyms, How how, std::string_view text) {
  switch (how) {
    case How::kText:
      return pseudonyms.of_text(text);
    case How::kUnknown:
      return pseudonyms.of_unknown(text);
    case How::kDocument:
      return pseudonyms.of_document(text);
    case How::kStack:
      return pseudonyms.of_stack(text);
    case How::kParameters:
      return pseudonyms.of_parameters(text);
    case How::kProse:
      return pseudonyms.of_prose_document(text);
    case How::kHistogram:
      return of_histogram(pseudonyms, text);
    case How::kSection:
      return of_section(pseudonyms, text);
  }
  return {};
}

void pseudonym_function(sqlite3_context* context, int, sqlite3_value** values) noexcept {
  const int type = sqlite3_value_type(values[1]);
  if (type != SQLITE_TEXT && type != SQLITE_BLOB) return sqlite3_result_value(context, values[1]);
  auto& pseudonyms = *static_cast<Pseudonyms*>(sqlite3_user_data(context));
  const auto how = static_cast<How>(sqlite3_value_int(values[0]));
  const auto* bytes = static_cast<const char*>(sqlite3_value_blob(values[1]));
  const auto size = static_cast<std::size_t>(sqlite3_value_bytes(values[1]));
  const auto text = replaced(pseudonyms, how, std::string_view(bytes ? bytes : "", size));
  sqlite3_result_text64(context, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

struct Change {
  std::string column;      // quoted
  std::string expression;  // in SQL
};
using Changes = std::vector<Change>;

Change change(const std::string& column, How how) {
  const auto quoted = quote_identifier(column);
  return {quoted, fmt::format("ig_pseudonym({}, {})", static_cast<int>(how), quoted)};
}

// By an UPDATE a key could meet one that is still to be changed, so keyed rows are made anew.
Result<> replace_keyed(Database& database, const std::string& table, const Changes& changes) {
  IG_ASSIGN(auto list,
            database.prepare("SELECT name FROM pragma_table_info(" + quote_text(table) + ")"));
  std::vector<std::string> expressions;
  while (true) {
    IG_ASSIGN(const bool row, list.step());
    if (!row) break;
    const auto quoted = quote_identifier(list.text(0));
    const auto found = std::ranges::find(changes, quoted, &Change::column);
    expressions.push_back(found == changes.end() ? quoted : found->expression);
  }
  const auto name = quote_identifier(table);
  return database.execute(
      fmt::format("CREATE TEMP TABLE ig_anew AS SELECT {} FROM {};"
                  "DELETE FROM {}; INSERT INTO {} SELECT * FROM ig_anew; DROP TABLE ig_anew",
                  fmt::join(expressions, ", "), name, name, name));
}

Result<> replace(Database& database, const std::string& table, const Changes& changes, bool keyed) {
  if (changes.empty()) return {};
  if (keyed) return replace_keyed(database, table, changes);
  std::vector<std::string> parts;
  for (const auto& one : changes) parts.push_back(one.column + " = " + one.expression);
  return database.execute(
      fmt::format("UPDATE {} SET {}", quote_identifier(table), fmt::join(parts, ", ")));
}

// --- the core tables

struct CoreTable {
  std::string name;
  std::vector<std::string> texts{};
  bool keyed = false;  // a text is part of its key
};

Result<CoreTable> describe(Database& database, const std::string& name) {
  CoreTable table{name};
  IG_ASSIGN(auto list, database.prepare("SELECT name, type, pk FROM pragma_table_info(" +
                                        quote_text(name) + ")"));
  while (true) {
    IG_ASSIGN(const bool row, list.step());
    if (!row) return table;
    if (list.text(1) != "TEXT") continue;
    table.texts.push_back(list.text(0));
    table.keyed = table.keyed || list.integer(2) != 0;
  }
}

Result<std::vector<CoreTable>> core_tables(Database& database,
                                           const std::vector<StoredTable>& stored) {
  std::set<std::string> others = {"path"};  // by the columns that refer to it
  for (const auto& table : stored) others.insert(table.layout.table);
  std::vector<std::string> names;
  IG_ASSIGN(auto list, database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'"));
  while (true) {
    IG_ASSIGN(const bool row, list.step());
    if (!row) break;
    if (!others.contains(list.text(0)) && !list.text(0).starts_with("sqlite_")) {
      names.push_back(list.text(0));
    }
  }
  std::vector<CoreTable> tables;
  for (const auto& name : names) {
    IG_ASSIGN(auto table, describe(database, name));
    tables.push_back(std::move(table));
  }
  return tables;
}

How how_of_core(std::string_view table, std::string_view column) {
  if (contains(kSentences, table, column)) return How::kProse;
  if (table == "gadget_program" && column == "section") return How::kSection;
  return table == "gadget_run" && column == "parameters" ? How::kParameters : How::kDocument;
}

Result<> replace_core(Database& database, const std::vector<CoreTable>& tables, bool sentences) {
  for (const auto& table : tables) {
    Changes changes;
    for (const auto& column : table.texts) {
      if (contains(kOurs, table.name, column)) continue;
      const auto how = how_of_core(table.name, column);
      if ((how == How::kProse) == sentences) changes.push_back(change(column, how));
    }
    IG_TRY(replace(database, table.name, changes, table.keyed));
  }
  return {};
}

// --- gadgets' tables

// Functions of the kernel: advice on capabilities is made from them.
bool is_kernel_stack(const Column& column) {
  return column.meaning == Meaning::kStack && column.type_name != "gadget_user_stack";
}

How how_of(const Column& column) {
  switch (column.meaning) {
    case Meaning::kHistogram:
      return How::kHistogram;
    case Meaning::kStack:
      return How::kStack;
    case Meaning::kPath:
    case Meaning::kAddress:
      return How::kText;
    default:
      return How::kUnknown;
  }
}

Result<> replace_rows(Database& database, const StoredTable& table) {
  Changes changes;
  for (const RowColumn& row : table.layout.columns) {
    if (row.source != RowColumn::Source::kValue) continue;
    const Column& column = table.column_of(row);
    if (column.type == ColumnType::kBlob) {
      changes.push_back({quote_identifier(row.name), "x''"});
    } else if (column.type == ColumnType::kText && !is_kernel_stack(column)) {
      changes.push_back(change(row.name, how_of(column)));
    }
  }
  return replace(database, table.layout.table, changes, table.layout.keyed);
}

// Which texts are stacks, and of whom. A text that something else refers to as well is no stack.
Result<> mark_texts(Database& database, const std::vector<StoredTable>& tables) {
  IG_TRY(database.execute("CREATE TEMP TABLE ig_text (id INTEGER PRIMARY KEY, how INTEGER)"));
  constexpr int kKernelStack = -1;
  for (const auto& table : tables) {
    for (const RowColumn& row : table.layout.columns) {
      if (row.source != RowColumn::Source::kPath) continue;
      const Column& column = table.column_of(row);
      IG_TRY(database.execute(fmt::format(
          "INSERT INTO ig_text SELECT DISTINCT {0}, {2} FROM {1} WHERE typeof({0}) = 'integer' "
          "ON CONFLICT (id) DO UPDATE SET how = CASE WHEN how = excluded.how THEN how ELSE {3} END",
          quote_identifier(row.name), quote_identifier(table.layout.table),
          is_kernel_stack(column) ? kKernelStack : static_cast<int>(how_of(column)),
          static_cast<int>(How::kText))));
    }
  }
  return {};
}

// All texts, also those that nothing refers to.
Result<> replace_texts(Database& database, const std::vector<StoredTable>& tables) {
  IG_TRY(mark_texts(database, tables));
  return database.execute(
      fmt::format("UPDATE path SET text = ig_pseudonym("
                  "coalesce((SELECT how FROM ig_text t WHERE t.id = path.id), {}), text) "
                  "WHERE id NOT IN (SELECT id FROM ig_text WHERE how < 0);"
                  "DROP TABLE ig_text",
                  static_cast<int>(How::kText)));
}

}  // namespace

Result<> anonymize(Database& database, Pseudonyms& pseudonyms) {
  const int made = sqlite3_create_function_v2(
      database.get(), "ig_pseudonym", 2, SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY,
      &pseudonyms, pseudonym_function, nullptr, nullptr, nullptr);
  if (made != SQLITE_OK) return std::unexpected(sqlite_error(database.get(), made));
  IG_ASSIGN(const auto tables, stored_tables(database));
  IG_ASSIGN(const auto core, core_tables(database, tables));
  IG_TRY(replace_core(database, core, false));
  for (const auto& table : tables) IG_TRY(replace_rows(database, table));
  IG_TRY(replace_texts(database, tables));
  // Last, when all names are known.
  return replace_core(database, core, true);
}

}  // namespace ig
