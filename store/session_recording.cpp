// SPDX-License-Identifier: Apache-2.0
#include "store/session_recording.h"

#include <fmt/format.h>

#include "store/data_source_ddl.h"
#include "store/stored_tables.h"

namespace ig {
namespace {

constexpr std::string_view kSaysItself[] = {"gadget_run",    "workload",  "loss",
                                            "enrichment",    "inventory", "inventory_source",
                                            "denied_syscall"};

// A temporary name goes before the file's own.
Result<> show(Database& database, std::string_view table, const std::string& condition) {
  const auto name = quote_identifier(table);
  return database.execute(
      fmt::format("CREATE TEMP VIEW {0} AS SELECT * FROM main.{0} WHERE {1}", name, condition));
}

Result<> show_core(Database& database, const std::string& workloads, std::int64_t id) {
  IG_TRY(show(database, "session", fmt::format("id = {}", id)));
  for (const auto table : kSaysItself) {
    IG_TRY(show(database, table, fmt::format("session_id = {}", id)));
  }
  const auto runs = fmt::format("FROM main.gadget_run WHERE session_id = {}", id);
  IG_TRY(show(database, "gadget_program", fmt::format("gadget_run_id IN (SELECT id {})", runs)));
  IG_TRY(show(database, "data_source", fmt::format("gadget IN (SELECT gadget {})", runs)));
  return show(database, "process", workloads);
}

Result<> show_events(Database& database, const std::string& workloads) {
  IG_ASSIGN(const auto tables, stored_tables(database));
  for (const auto& [schema, layout] : tables) {
    IG_TRY(show(database, layout.table, workloads));
    constexpr std::string_view kCreate = "CREATE ";
    const auto view = create_view(schema, layout);
    IG_TRY(database.execute("CREATE TEMP " + view.substr(kCreate.size())));
  }
  return {};
}

}  // namespace

Result<std::vector<std::int64_t>> recording_ids(Database& database) {
  IG_ASSIGN(auto select, database.prepare("SELECT id FROM session ORDER BY id"));
  std::vector<std::int64_t> ids;
  while (true) {
    IG_ASSIGN(const bool row, select.step());
    if (!row) return ids;
    ids.push_back(select.integer(0));
  }
}

Result<> keep_to_recording(Database& database, std::int64_t id) {
  IG_TRY(database.lift_restriction());
  const auto workloads =
      fmt::format("workload_id IN (SELECT id FROM main.workload WHERE session_id = {})", id);
  IG_TRY(show_events(database, workloads));
  IG_TRY(show_core(database, workloads, id));
  return database.restrict_to_reading();
}

}  // namespace ig
