// SPDX-License-Identifier: Apache-2.0
#include "store/session_prune.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/clock.h"
#include "base/text.h"
#include "store/core_rows.h"
#include "store/data_source_ddl.h"
#include "store/stored_tables.h"

namespace ig {
namespace {

constexpr std::string_view kInventory = "inventory", kDeniedCalls = "denied_syscall";
constexpr std::string_view kGadgetOfDeniedCalls = "advise_seccomp";

// Rows of the machine (block devices, translations of addresses) are counted to the host, though no
// process of it made them.
bool names_a_workload(const StoredTable& table) {
  return std::ranges::any_of(table.schema.columns, [](const Column& column) {
    return column.process_part != ProcessPart::kNone || column.meaning == Meaning::kMntnsId;
  });
}

// From when to when a row is, in SQL; "" where it has no time. Of a map's row with one time that is
// the beginning: how long it went on is not known.
struct RowTimes {
  std::string first, last;
};

RowTimes times_of(const StoredTable& table) {
  std::vector<std::string> times;
  for (const RowColumn& row : table.layout.columns) {
    if (row.source != RowColumn::Source::kValue) continue;
    if (table.column_of(row).meaning != Meaning::kTimestamp) continue;
    times.push_back(fmt::format("nullif({}, 0)", quote_identifier(row.name)));
  }
  if (times.empty()) return {};
  if (times.size() == 1) {
    const bool lasts = table.schema.kind == EventSchema::Kind::kMap;
    return {times[0], lasts ? "NULL" : times[0]};
  }
  return {fmt::format("min({})", fmt::join(times, ", ")),
          fmt::format("max({})", fmt::join(times, ", "))};
}

struct WhatGoes {
  std::set<std::string> tables{};                          // views
  std::map<std::string, std::set<std::string>> columns{};  // of a view, as in SQL
  bool inventory = false, denied_calls = false;
};

class Pruning {
 public:
  Pruning(Database& database, const PruneRequest& request)
      : database_(database), request_(request) {}

  Result<PruneResult> run();

 private:
  Result<> choose();
  Result<> choose(const std::string& name);
  Result<bool> choose_column(const std::string& name);
  Error unknown(const std::string& name) const;

  Result<> drop_tables();
  Result<> cut_workloads();
  Result<> cut_times();
  Result<> empty_columns();
  Result<> empty_column(const StoredTable& table, const std::string& column);
  Result<> cut_rows(const std::string& table, const std::string& what, const std::string& gadget,
                    const std::string& condition, const RowTimes& times, const std::string& why);
  Result<> drop_gadget(const std::string& gadget);
  Result<> drop_orphans();
  Result<> write_losses();

  Result<std::uint64_t> execute(const std::string& sql);  // rows changed
  void note(const std::string& what, std::uint64_t rows);
  void lose(const std::string& gadget, WorkloadId workload, std::uint64_t count,
            std::int64_t from_ns, std::int64_t to_ns, const std::string& why);
  std::string window_text() const;

  Database& database_;
  const PruneRequest& request_;
  std::vector<StoredTable> tables_;  // that stay
  WhatGoes goes_;
  std::vector<Loss> losses_;
  PruneResult pruned_;
};

Result<std::uint64_t> Pruning::execute(const std::string& sql) {
  IG_TRY(database_.execute(sql));
  return static_cast<std::uint64_t>(sqlite3_changes64(database_.get()));
}

void Pruning::note(const std::string& what, std::uint64_t rows) {
  if (rows == 0) return;
  const auto found = std::ranges::find(pruned_.cuts, what, &PruneResult::Cut::what);
  if (found == pruned_.cuts.end()) {
    pruned_.cuts.push_back({what, rows});
  } else {
    found->rows += rows;
  }
}

void Pruning::lose(const std::string& gadget, WorkloadId workload, std::uint64_t count,
                   std::int64_t from_ns, std::int64_t to_ns, const std::string& why) {
  losses_.push_back({.gadget = gadget,
                     .kind = Loss::Kind::kPruned,
                     .workload = workload,
                     .count = count,
                     .from_ns = from_ns,
                     .to_ns = to_ns,
                     .detail = why});
}

std::string Pruning::window_text() const {
  const auto from = request_.from_ns ? " from " + format_time(*request_.from_ns) : "";
  const auto to = request_.to_ns ? " until " + format_time(*request_.to_ns) : "";
  return "only" + from + to + " was kept";
}

// --- what was asked for

Error Pruning::unknown(const std::string& name) const {
  std::vector<std::string_view> names = {kInventory, kDeniedCalls};
  for (const auto& table : tables_) {
    names.push_back(table.schema.gadget);
    names.push_back(table.schema.view);
  }
  const auto near = nearest_name(name, names);
  return {ErrorCode::kNotFound, fmt::format("the session has nothing that is called '{}'", name),
          near.empty() ? "ig session info FILE lists gadgets and tables; a column is TABLE.COLUMN"
                       : fmt::format("did you mean {}?", near)};
}

Result<bool> Pruning::choose_column(const std::string& name) {
  for (const auto& table : tables_) {
    if (!name.starts_with(table.schema.view + ".")) continue;
    const auto wanted = name.substr(table.schema.view.size() + 1);
    for (const RowColumn& row : table.layout.columns) {
      const bool is_value =
          row.source == RowColumn::Source::kPath || row.source == RowColumn::Source::kValue;
      if (!is_value) continue;
      const Column& column = table.column_of(row);
      if (wanted != row.name && wanted != sql_name(column.display_name())) continue;
      const bool is_text = column.type == ColumnType::kText || column.type == ColumnType::kBlob;
      if (!is_text || row.key) {
        return fail(ErrorCode::kUsage,
                    fmt::format("{} cannot be emptied: it is {}", name,
                                row.key ? "what tells the rows apart" : "no text"),
                    "drop the table, or ig session anonymize the file");
      }
      goes_.columns[table.schema.view].insert(row.name);
      return true;
    }
  }
  return false;
}

Result<> Pruning::choose(const std::string& name) {
  if (name == kInventory) return goes_.inventory = true, Result<>{};
  if (name == kDeniedCalls) return goes_.denied_calls = true, Result<>{};
  bool found = false;
  const auto choose_tables = [&](auto member) {
    for (const auto& table : tables_) {
      if (table.schema.*member != name) continue;
      goes_.tables.insert(table.schema.view);
      found = true;
    }
  };
  choose_tables(&EventSchema::gadget);
  if (!found) choose_tables(&EventSchema::view);
  if (found) return {};
  IG_ASSIGN(const bool column, choose_column(name));
  if (column) return {};
  return std::unexpected(unknown(name));
}

Result<> Pruning::choose() {
  for (const auto& name : request_.drop) IG_TRY(choose(name));
  return {};
}

// --- the cuts

// Rows that meet `condition`, which are evidence of each workload that had some.
Result<> Pruning::cut_rows(const std::string& table, const std::string& what,
                           const std::string& gadget, const std::string& condition,
                           const RowTimes& times, const std::string& why) {
  const auto quoted = quote_identifier(table);
  IG_ASSIGN(auto sums, database_.prepare(fmt::format(
                           "SELECT workload_id, count(*), coalesce(min({}), 0), "
                           "coalesce(max({}), 0) FROM {} WHERE {} GROUP BY 1",
                           times.first.empty() ? "NULL" : times.first,
                           times.last.empty() ? "NULL" : times.last, quoted, condition)));
  while (true) {
    IG_ASSIGN(const bool row, sums.step());
    if (!row) break;
    lose(gadget, sums.integer(0), sums.unsigned_integer(1), sums.integer(2), sums.integer(3), why);
    note(what, sums.unsigned_integer(1));
  }
  return database_.execute(fmt::format("DELETE FROM {} WHERE {}", quoted, condition));
}

Result<> Pruning::drop_tables() {
  std::set<std::string> gadgets;  // that keep a table
  for (const auto& table : tables_) {
    if (!goes_.tables.contains(table.schema.view)) gadgets.insert(table.schema.gadget);
  }
  for (const auto& [schema, layout] : tables_) {
    if (!goes_.tables.contains(schema.view)) continue;
    const auto why = fmt::format("the table {}", schema.view);
    if (gadgets.contains(schema.gadget)) {
      IG_TRY(cut_rows(layout.table, schema.view, schema.gadget, "1", {}, why));
    } else {
      IG_ASSIGN(const auto rows,
                execute("DELETE FROM " + quote_identifier(layout.table) + " WHERE 1"));
      note(schema.view, rows);
      IG_TRY(drop_gadget(schema.gadget));
      lose(schema.gadget, 0, rows, 0, 0, why);
    }
    IG_TRY(database_.execute(fmt::format(
        "DROP VIEW {}; DROP TABLE {}; DELETE FROM data_source WHERE view = {};"
        "DELETE FROM enum_name WHERE substr(enum, 1, {}) = {}",
        quote_identifier(schema.view), quote_identifier(layout.table), quote_text(schema.view),
        schema.view.size() + 1, quote_text(schema.view + "."))));
  }
  std::erase_if(tables_,
                [&](const auto& table) { return goes_.tables.contains(table.schema.view); });
  return {};
}

// Of a gadget that has no table left nobody shall think that it ran and saw nothing.
Result<> Pruning::drop_gadget(const std::string& gadget) {
  return database_.execute(
      fmt::format("DELETE FROM loss WHERE gadget = {0};"
                  "DELETE FROM gadget_program WHERE gadget_run_id IN (SELECT id FROM gadget_run "
                  "WHERE gadget = {0});"
                  "DELETE FROM gadget_run WHERE gadget = {0}",
                  quote_text(gadget)));
}

Result<> Pruning::cut_workloads() {
  IG_ASSIGN(auto count, database_.prepare("SELECT count(*) FROM workload"));
  IG_TRY(count.step());
  pruned_.workloads_left = count.unsigned_integer(0);
  if (!request_.keep) return {};
  const auto others = fmt::format("workload_id NOT IN ({})", fmt::join(*request_.keep, ", "));
  std::uint64_t rows = 0;
  std::string used;  // by rows of the machine
  for (const auto& table : tables_) {
    const auto quoted = quote_identifier(table.layout.table);
    auto condition = others;
    if (!names_a_workload(table)) {
      pruned_.of_the_machine.push_back(table.schema.view);
      condition += " AND workload_id NOT IN (SELECT id FROM workload WHERE kind = 'host')";
      used += fmt::format(" AND id NOT IN (SELECT workload_id FROM {})", quoted);
    }
    IG_ASSIGN(const auto gone, execute(fmt::format("DELETE FROM {} WHERE {}", quoted, condition)));
    note(table.schema.view, gone);
    rows += gone;
  }
  IG_ASSIGN(const auto denied, execute(fmt::format("DELETE FROM denied_syscall WHERE {}", others)));
  note(std::string(kDeniedCalls), denied);
  IG_TRY(execute(fmt::format("DELETE FROM loss WHERE workload_id <> 0 AND {}", others)));
  IG_ASSIGN(pruned_.workloads_gone,
            execute(fmt::format("DELETE FROM workload WHERE id NOT IN ({}){}",
                                fmt::join(*request_.keep, ", "), used)));
  const auto all = pruned_.workloads_left;
  pruned_.workloads_left -= pruned_.workloads_gone;
  lose("", 0, rows + denied, 0, 0,
       fmt::format("{} of {} workloads were kept", request_.keep->size(), all));
  return {};
}

Result<> Pruning::cut_times() {
  if (!request_.from_ns && !request_.to_ns) return {};
  const auto outside = [&](const RowTimes& times) {
    std::vector<std::string> parts;
    if (request_.from_ns) parts.push_back(fmt::format("{} < {}", times.last, *request_.from_ns));
    if (request_.to_ns) parts.push_back(fmt::format("{} > {}", times.first, *request_.to_ns));
    return join(parts, " OR ");
  };
  lose("", 0, 0, 0, 0, window_text());
  for (const auto& table : tables_) {
    const auto times = times_of(table);
    if (times.first.empty()) {
      pruned_.without_times.push_back(table.schema.view);
      continue;
    }
    IG_TRY(cut_rows(table.layout.table, table.schema.view, table.schema.gadget, outside(times),
                    times, window_text()));
  }
  const RowTimes denied = {"time_ns", "time_ns"};
  return cut_rows(std::string(kDeniedCalls), std::string(kDeniedCalls),
                  std::string(kGadgetOfDeniedCalls), outside(denied), denied, window_text());
}

Result<> Pruning::empty_column(const StoredTable& table, const std::string& column) {
  const auto quoted = quote_identifier(table.layout.table), name = quote_identifier(column);
  const auto what = fmt::format("{}.{}", table.schema.view, column);
  IG_ASSIGN(auto sums,
            database_.prepare(fmt::format("SELECT workload_id, count(*) FROM {} WHERE {} IS NOT "
                                          "NULL GROUP BY 1",
                                          quoted, name)));
  while (true) {
    IG_ASSIGN(const bool row, sums.step());
    if (!row) break;
    lose(table.schema.gadget, sums.integer(0), sums.unsigned_integer(1), 0, 0,
         "the column " + what);
    note(what, sums.unsigned_integer(1));
  }
  return database_.execute(fmt::format("UPDATE {} SET {} = NULL", quoted, name));
}

Result<> Pruning::empty_columns() {
  for (const auto& table : tables_) {
    const auto found = goes_.columns.find(table.schema.view);
    if (found == goes_.columns.end()) continue;
    for (const auto& column : found->second) IG_TRY(empty_column(table, column));
  }
  return {};
}

// --- what is left

Result<> Pruning::drop_orphans() {
  IG_TRY(
      database_.execute("CREATE TEMP TABLE used_process (id INTEGER PRIMARY KEY);"
                        "CREATE TEMP TABLE used_path (id INTEGER PRIMARY KEY)"));
  for (const auto& table : tables_) {
    for (const RowColumn& row : table.layout.columns) {
      const bool is_process = row.source == RowColumn::Source::kProcess;
      if (!is_process && row.source != RowColumn::Source::kPath) continue;
      IG_TRY(database_.execute(fmt::format(
          "INSERT OR IGNORE INTO used_{0} SELECT {1} FROM {2} WHERE typeof({1}) = 'integer'",
          is_process ? "process" : "path", quote_identifier(row.name),
          quote_identifier(table.layout.table))));
    }
  }
  IG_ASSIGN(pruned_.processes_gone,
            execute("DELETE FROM process WHERE id NOT IN (SELECT id FROM used_process)"));
  IG_ASSIGN(pruned_.texts_gone,
            execute("DELETE FROM path WHERE id NOT IN (SELECT id FROM used_path)"));
  return database_.execute("DROP TABLE used_process; DROP TABLE used_path");
}

// In a merged file a cut is of the recording that its workload is of; without a workload, of each.
Result<> Pruning::write_losses() {
  IG_ASSIGN(auto last, database_.prepare("SELECT coalesce(max(id), 0) FROM loss"));
  IG_TRY(last.step());
  const auto before = last.integer(0);
  for (const Loss& loss : losses_) IG_TRY(insert_loss(database_, loss));
  return database_.execute(fmt::format(
      "UPDATE loss SET session_id = coalesce((SELECT session_id FROM workload w WHERE w.id = "
      "loss.workload_id), (SELECT min(id) FROM session)) WHERE id > {0};"
      "INSERT INTO loss (gadget, kind, workload_id, count, from_ns, to_ns, detail, session_id) "
      "SELECT gadget, kind, 0, 0, from_ns, to_ns, detail, s.id FROM loss l JOIN session s "
      "ON s.id <> l.session_id WHERE l.id > {0} AND l.workload_id = 0",
      before));
}

Result<PruneResult> Pruning::run() {
  IG_ASSIGN(tables_, stored_tables(database_));
  IG_TRY(choose());
  IG_TRY(drop_tables());
  if (goes_.inventory) {
    IG_ASSIGN(const auto rows, execute("DELETE FROM inventory WHERE 1"));
    IG_TRY(database_.execute("DELETE FROM inventory_source"));
    note(std::string(kInventory), rows);
    lose("", 0, rows, 0, 0, "the inventory");
  }
  if (goes_.denied_calls) {
    IG_TRY(cut_rows(std::string(kDeniedCalls), std::string(kDeniedCalls),
                    std::string(kGadgetOfDeniedCalls), "1", {}, "calls learned from audit logs"));
  }
  IG_TRY(cut_workloads());
  IG_TRY(cut_times());
  IG_TRY(empty_columns());
  IG_TRY(drop_orphans());
  IG_TRY(write_losses());
  return std::move(pruned_);
}

}  // namespace

Result<PruneResult> prune(Database& database, const PruneRequest& request) {
  return Pruning(database, request).run();
}

}  // namespace ig
