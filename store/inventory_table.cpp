// SPDX-License-Identifier: Apache-2.0
#include "store/inventory_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/json.h"
#include "store/inventory_history.h"
#include "store/session_file.h"

namespace ig {
namespace {

constexpr std::string_view kSelectRows = R"(
  SELECT kind, kube_namespace, name, uid, valid_from_ns, valid_to_ns, seen_ns, source_id, labels,
    owner_kind, owner_name, owner_uid, addresses, containers, spec
  FROM inventory ORDER BY kind, kube_namespace, name, uid, valid_from_ns LIMIT ?)";

constexpr std::string_view kInsertRow = R"(
  INSERT OR REPLACE INTO inventory (kind, kube_namespace, name, uid, valid_from_ns, valid_to_ns,
    seen_ns, source_id, labels, owner_kind, owner_name, owner_uid, addresses, containers, spec)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?))";

constexpr std::string_view kDeleteRow = R"(
  DELETE FROM inventory WHERE kind = ? AND kube_namespace = ? AND name = ? AND uid = ?
    AND valid_from_ns = ?)";

constexpr std::string_view kSelectSources = R"(
  SELECT id, kind, source, from_ns, to_ns, caveats FROM inventory_source ORDER BY id)";

constexpr std::string_view kInsertSource = R"(
  INSERT INTO inventory_source
    (kind, source, sha256, from_ns, to_ns, caveats, tool_version, added_ns)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?))";

constexpr std::string_view kUpdateSource = R"(
  UPDATE inventory_source SET to_ns = ?, caveats = ? WHERE id = ?)";

InventoryRow row_of(const Statement& cells) {
  InventoryRow row;
  int column = 0;
  for (std::string* text : {&row.key.kind, &row.key.kube_namespace, &row.key.name, &row.key.uid}) {
    *text = cells.text(column++);
  }
  for (std::int64_t* number : {&row.valid.from_ns, &row.valid.to_ns, &row.seen_ns, &row.source}) {
    *number = cells.integer(column++);
  }
  for (std::string* text : {&row.labels, &row.owner.kind, &row.owner.name, &row.owner.uid,
                            &row.addresses, &row.containers, &row.spec}) {
    *text = cells.text(column++);
  }
  return row;
}

int bind_key(Statement& statement, const InventoryRow& row) {
  int parameter = 0;
  for (const std::string* text :
       {&row.key.kind, &row.key.kube_namespace, &row.key.name, &row.key.uid}) {
    statement.bind(++parameter, *text);
  }
  statement.bind(++parameter, row.valid.from_ns);
  return parameter;
}

Result<> insert_row(Statement& insert, const InventoryRow& row, std::int64_t own_source) {
  int parameter = bind_key(insert, row);
  insert.bind(++parameter, row.valid.to_ns);
  insert.bind(++parameter, row.seen_ns);
  insert.bind(++parameter, row.source == 0 ? own_source : row.source);
  for (const std::string* text : {&row.labels, &row.owner.kind, &row.owner.name, &row.owner.uid,
                                  &row.addresses, &row.containers, &row.spec}) {
    insert.bind(++parameter, *text);
  }
  return insert.run();
}

Result<> insert_rows(Database& database, const std::vector<InventoryRow>& rows,
                     std::int64_t own_source) {
  IG_ASSIGN(auto insert, database.prepare(kInsertRow, true));
  for (const auto& row : rows) IG_TRY(insert_row(insert, row, own_source));
  return {};
}

Result<> delete_rows(Database& database, const std::vector<InventoryRow>& rows) {
  IG_ASSIGN(auto remove, database.prepare(kDeleteRow, true));
  for (const auto& row : rows) {
    bind_key(remove, row);
    IG_TRY(remove.run());
  }
  return {};
}

std::string caveats_json(const std::vector<std::string>& caveats) {
  return nlohmann::json(caveats).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Result<std::int64_t> insert_source(Database& database, const InventorySourceRow& row) {
  const auto caveats = caveats_json(row.source.caveats);
  IG_ASSIGN(auto insert, database.prepare(kInsertSource));
  int parameter = 0;
  for (const std::string* text : {&row.source.kind, &row.source.source, &row.sha256}) {
    insert.bind(++parameter, *text);
  }
  insert.bind(++parameter, row.source.from_ns);
  insert.bind(++parameter, row.source.to_ns);
  insert.bind(++parameter, caveats);
  insert.bind(++parameter, row.tool_version);
  insert.bind(++parameter, row.added_ns);
  IG_TRY(insert.run());
  return sqlite3_last_insert_rowid(database.get());
}

// The id of a source that a recording told of before, brought up to date; or a new one.
Result<std::int64_t> upsert_source(Database& database, const InventorySourceRow& row) {
  IG_ASSIGN(auto find,
            database.prepare("SELECT id FROM inventory_source WHERE kind = ? AND source = ?"));
  find.bind(1, row.source.kind);
  find.bind(2, row.source.source);
  IG_ASSIGN(const bool found, find.step());
  if (!found) return insert_source(database, row);
  const auto id = find.integer(0);
  const auto caveats = caveats_json(row.source.caveats);
  IG_ASSIGN(auto update, database.prepare(kUpdateSource));
  update.bind(1, row.source.to_ns);
  update.bind(2, caveats);
  update.bind(3, id);
  IG_TRY(update.run());
  return id;
}

std::vector<std::string> texts_of(const std::string& cell) {
  const auto list = nlohmann::json::parse(cell, nullptr, false);
  std::vector<std::string> texts;
  if (!list.is_array()) return texts;
  for (const auto& item : list) {
    if (item.is_string()) texts.push_back(item.get<std::string>());
  }
  return texts;
}

using Sources = std::map<std::int64_t, InventorySource>;  // by id

Result<Sources> read_sources(Database& database) {
  IG_ASSIGN(auto select, database.prepare(kSelectSources));
  Sources sources;
  while (true) {
    IG_ASSIGN(const bool row, select.step());
    if (!row) return sources;
    sources[select.integer(0)] = {.kind = select.text(1),
                                  .source = select.text(2),
                                  .from_ns = select.integer(3),
                                  .to_ns = select.integer(4),
                                  .caveats = texts_of(select.text(5))};
  }
}

// Rows of each addition get the number of their source, counted down from -1: the sources have no
// ids before they are stored.
std::vector<InventoryRow> merged(const std::vector<InventoryRow>& stored,
                                 const std::vector<InventoryAddition>& additions) {
  InventoryHistory history;
  history.take_stored(stored);
  std::int64_t number = 0;
  for (const auto& addition : additions) {
    --number;
    for (InventoryRow row : addition.rows) {
      row.source = number;
      history.take(std::move(row));
    }
  }
  return history.rows();
}

Result<> replace_rows(Database& database, std::vector<InventoryRow> rows,
                      const std::vector<InventoryAddition>& additions) {
  std::vector<std::int64_t> ids;
  for (const auto& addition : additions) {
    IG_ASSIGN(const auto id, insert_source(database, addition.source));
    ids.push_back(id);
  }
  for (auto& row : rows) {
    if (row.source < 0) row.source = ids[static_cast<std::size_t>(-row.source) - 1];
  }
  IG_TRY(database.execute("DELETE FROM inventory"));
  return insert_rows(database, rows, 0);
}

}  // namespace

Result<> store_update(Database& database, const InventoryUpdate& update) {
  IG_ASSIGN(const auto id, upsert_source(database, update.source));
  IG_TRY(delete_rows(database, update.gone));
  return insert_rows(database, update.added, id);
}

Result<bool> add_inventory(SessionEdit& edit, const std::vector<InventoryAddition>& additions) {
  IG_ASSIGN(auto session, open_session_file(edit.path()));
  IG_ASSIGN(const auto stored, inventory_rows(session));
  auto rows = merged(stored, additions);
  if (rows == stored) return false;
  IG_TRY(edit.apply(
      [&](Database& database) { return replace_rows(database, std::move(rows), additions); }));
  return true;
}

Result<std::vector<InventoryRow>> inventory_rows(Database& database) {
  constexpr auto kMost = static_cast<std::int64_t>(InventoryHistory::kMostRows);
  IG_ASSIGN(auto select, database.prepare(kSelectRows));
  select.bind(1, kMost + 1);
  std::vector<InventoryRow> rows;
  while (true) {
    IG_ASSIGN(const bool row, select.step());
    if (!row) return rows;
    if (rows.size() == InventoryHistory::kMostRows) {
      return fail(ErrorCode::kInvalid, fmt::format("the inventory has more than {} rows", kMost),
                  "ig writes no such session");
    }
    rows.push_back(row_of(select));
  }
}

Result<Inventory> read_inventory(Database& database) {
  IG_ASSIGN(auto sources, read_sources(database));
  IG_ASSIGN(const auto rows, inventory_rows(database));
  Inventory inventory;
  std::map<std::int64_t, std::size_t> damaged;  // by source
  for (const auto& row : rows) {
    if (!sources.contains(row.source)) {
      return fail(ErrorCode::kInvalid,
                  fmt::format("nobody told the inventory of {} '{}'", row.key.kind, row.key.name),
                  "the session is damaged or was tampered with");
    }
    if (!take_row(row, inventory)) ++damaged[row.source];
  }
  for (auto& [id, source] : sources) {
    if (damaged[id] > 0) {
      source.caveats.push_back(
          fmt::format("{} of its rows are damaged and were left out", damaged[id]));
    }
    inventory.sources.push_back(std::move(source));
  }
  return inventory;
}

}  // namespace ig
