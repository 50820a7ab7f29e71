// SPDX-License-Identifier: Apache-2.0
#include "store/session_check.h"

#include <fmt/format.h>

#include "base/text.h"
#include "store/data_source_ddl.h"
#include "store/session_file.h"
#include "store/stored_tables.h"

namespace ig {
namespace {

constexpr int kMostPages = 20;  // of damage that are listed

Result<> check_pages(Database& database, std::vector<std::string>& damage) {
  IG_ASSIGN(auto check, database.prepare(fmt::format("PRAGMA integrity_check({})", kMostPages)));
  while (true) {
    IG_ASSIGN(const bool row, check.step());
    if (!row) return {};
    if (check.text(0) != "ok") damage.push_back(check.text(0));
  }
}

const char* table_of(RowColumn::Source source) {
  switch (source) {
    case RowColumn::Source::kWorkload:
      return "workload";
    case RowColumn::Source::kProcess:
      return "process";
    case RowColumn::Source::kPath:
      return "path";
    case RowColumn::Source::kValue:
      break;
  }
  return nullptr;
}

Result<> check_references(Database& database, const RowLayout& layout,
                          std::vector<std::string>& damage) {
  for (const RowColumn& column : layout.columns) {
    const char* table = table_of(column.source);
    if (table == nullptr) continue;
    const auto name = quote_identifier(column.name);
    IG_ASSIGN(auto count, database.prepare(fmt::format(
                              "SELECT count(*) FROM {} r WHERE r.{} <> 0 AND NOT EXISTS "
                              "(SELECT 1 FROM {} x WHERE x.id = r.{})",
                              quote_identifier(layout.table), name, table, name)));
    IG_TRY(count.step());
    if (count.integer(0) == 0) continue;
    damage.push_back(fmt::format("{} rows of {} name a {} that is not there",
                                 format_count(count.unsigned_integer(0)), layout.table, table));
  }
  return {};
}

}  // namespace

Result<std::vector<std::string>> find_damage(const std::string& path) {
  IG_ASSIGN(auto database, open_session_file(path));
  IG_TRY(database.lift_restriction());
  std::vector<std::string> damage;
  IG_TRY(check_pages(database, damage));
  if (!damage.empty()) return damage;
  IG_ASSIGN(const auto tables, stored_tables(database));
  for (const auto& table : tables) IG_TRY(check_references(database, table.layout, damage));
  return damage;
}

}  // namespace ig
