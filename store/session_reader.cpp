// SPDX-License-Identifier: Apache-2.0
#include "store/session_reader.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <optional>

#include "base/text.h"
#include "store/answered_names.h"
#include "store/inventory_table.h"
#include "store/learned_rows.h"
#include "store/session_file.h"
#include "store/session_queries.h"
#include "store/session_recording.h"
#include "store/session_rows.h"

namespace ig {
namespace {

// Steps of SQLite's machine between two questions of stop_when: a few milliseconds.
constexpr int kStepsBetween = 200'000;

// What is said of several recordings by one who does not tell them apart.
SessionInfo together(const std::vector<SessionInfo>& recordings) {
  using Info = SessionInfo;
  SessionInfo all = recordings.front();
  for (std::string Info::*text :
       {&Info::tool_version, &Info::host_name, &Info::kernel_release, &Info::architecture,
        &Info::command_line, &Info::boot_id, &Info::machine_id, &Info::btf, &Info::preset,
        &Info::selectors, &Info::backend, &Info::end_reason}) {
    std::vector<std::string> texts;
    for (const auto& one : recordings) {
      if (std::ranges::find(texts, one.*text) == texts.end()) texts.push_back(one.*text);
    }
    all.*text = join(texts, ", ");
  }
  for (const auto& one : recordings) {
    all.started_ns = std::min(all.started_ns, one.started_ns);
    all.ended_ns =
        all.ended_ns == 0 || one.ended_ns == 0 ? 0 : std::max(all.ended_ns, one.ended_ns);
    all.complete = all.complete && one.complete;
  }
  return all;
}

class SqliteReader : public SessionReader {
 public:
  explicit SqliteReader(Database database) : database_(std::move(database)) {}

  Result<SessionInfo> info() override;
  Result<std::vector<SessionInfo>> recordings() override {
    return collect(queries::kSession, session_of);
  }
  Result<std::vector<GadgetRun>> gadget_runs() override;
  Result<std::vector<Workload>> workloads(const Selector& selector) override;
  Result<std::vector<Loss>> losses() override;
  Result<std::vector<TableInfo>> tables() override;
  Result<std::vector<Enrichment>> enrichments() override;
  Result<std::vector<SyscallUse>> syscalls(WorkloadId workload) override;
  Result<std::vector<SyscallArgumentUse>> syscall_arguments(WorkloadId workload) override;
  Result<std::vector<SetupMark>> setup_marks(WorkloadId workload) override;
  Result<std::vector<CapabilityUse>> capabilities(WorkloadId workload) override;
  Result<std::vector<Flow>> flows(WorkloadId workload) override;
  Result<std::vector<ResolvedName>> resolved_names(WorkloadId workload) override;
  Result<std::vector<Translation>> translations() override;
  Result<Inventory> inventory() override { return read_inventory(database_); }
  Result<> query(const std::string& sql, std::vector<std::string>& columns,
                 const std::function<bool(const QueryRow&)>& on_row) override;
  Result<> scan(const std::string& sql,
                const std::function<bool(std::span<const Value>)>& on_row) override;
  void stop_when(std::function<bool()> should_stop) override;

 private:
  // Every row of a question whose parameters, if any, are `arguments`.
  template <typename Function, typename... Args>
  auto collect(std::string_view sql, Function&& row_of, const Args&... arguments)
      -> Result<std::vector<decltype(row_of(std::declval<const Statement&>()))>>;

  // Answers a question about a gadget's table: nothing where the gadget did not run.
  template <typename Row, typename... Args>
  Result<std::vector<Row>> of_view(std::string_view view,
                                   Result<std::string> (*question)(const EventSchema&),
                                   Row (*row_of)(const EventSchema&, const Statement&),
                                   const Args&... arguments);

  // Null where the gadget did not run.
  Result<const EventSchema*> schema_of(std::string_view view);
  Result<bool> has_process(const Workload& workload, const Selector& selector);

  Database database_;
  std::map<std::string, std::optional<EventSchema>, std::less<>> schemas_;  // asked for, by view
  std::optional<AnsweredNames> names_;
  std::function<bool()> should_stop_;
};

template <typename Function, typename... Args>
auto SqliteReader::collect(std::string_view sql, Function&& row_of, const Args&... arguments)
    -> Result<std::vector<decltype(row_of(std::declval<const Statement&>()))>> {
  IG_ASSIGN(auto statement, database_.prepare(sql));
  int parameter = 0;
  (statement.bind(++parameter, arguments), ...);
  std::vector<decltype(row_of(std::declval<const Statement&>()))> rows;
  while (true) {
    IG_ASSIGN(const bool row, statement.step());
    if (!row) return rows;
    rows.push_back(row_of(statement));
  }
}

template <typename Row, typename... Args>
Result<std::vector<Row>> SqliteReader::of_view(std::string_view view,
                                               Result<std::string> (*question)(const EventSchema&),
                                               Row (*row_of)(const EventSchema&, const Statement&),
                                               const Args&... arguments) {
  IG_ASSIGN(const auto* schema, schema_of(view));
  if (schema == nullptr) return std::vector<Row>{};
  IG_ASSIGN(const std::string sql, question(*schema));
  return collect(
      sql, [&](const Statement& row) { return row_of(*schema, row); }, arguments...);
}

Result<const EventSchema*> SqliteReader::schema_of(std::string_view view) {
  const auto known = schemas_.find(view);
  if (known != schemas_.end()) return known->second ? &*known->second : nullptr;
  const auto text = [](const Statement& row) { return row.text(0); };
  IG_ASSIGN(const auto found, collect(queries::kDataSourceOfView, text, view));
  std::optional<EventSchema> schema;
  if (!found.empty()) {
    IG_ASSIGN(schema, EventSchema::from_json(found.front()));
  }
  const auto& kept = schemas_.emplace(view, std::move(schema)).first->second;
  return kept ? &*kept : nullptr;
}

Result<SessionInfo> SqliteReader::info() {
  IG_ASSIGN(const auto all, recordings());
  if (all.empty()) return fail(ErrorCode::kInvalid, "the session does not say what it is of");
  return together(all);
}

Result<std::vector<GadgetRun>> SqliteReader::gadget_runs() {
  const auto with_id = [](const Statement& row) {
    return std::pair(row.integer(0), gadget_run_of(row));
  };
  IG_ASSIGN(auto rows, collect(queries::kGadgetRuns, with_id));
  std::vector<GadgetRun> runs;
  for (auto& [id, run] : rows) {
    IG_ASSIGN(run.programs, collect(queries::kGadgetPrograms, program_of, id));
    runs.push_back(std::move(run));
  }
  return runs;
}

Result<bool> SqliteReader::has_process(const Workload& workload, const Selector& selector) {
  const auto comm_fits = [&](const std::string& comm) {
    return selector.comm.empty() || std::ranges::any_of(selector.comm, [&](const auto& pattern) {
             return ::fnmatch(pattern.c_str(), comm.c_str(), 0) == 0;
           });
  };
  const auto pid_fits = [&](std::int64_t pid) {
    return selector.pid.empty() || std::ranges::find(selector.pid, pid) != selector.pid.end();
  };
  if (selector.comm.empty() && pid_fits(workload.pid)) return true;
  const auto fits = [&](const Statement& row) {
    return comm_fits(row.text(0)) && pid_fits(row.integer(1));
  };
  IG_ASSIGN(const auto rows, collect(queries::kProcessesOfWorkload, fits, workload.id));
  return std::ranges::find(rows, true) != rows.end();
}

Result<std::vector<Workload>> SqliteReader::workloads(const Selector& selector) {
  IG_ASSIGN(auto all, collect(queries::kWorkloads, workload_of));
  std::vector<Workload> chosen;
  for (Workload& workload : all) {
    if (!selector.matches(workload)) continue;
    IG_ASSIGN(const bool fits, has_process(workload, selector));
    if (fits) chosen.push_back(std::move(workload));
  }
  return chosen;
}

Result<std::vector<Loss>> SqliteReader::losses() { return collect(queries::kLosses, loss_of); }

Result<std::vector<TableInfo>> SqliteReader::tables() {
  const auto text = [](const Statement& row) { return row.text(0); };
  IG_ASSIGN(const auto schemas, collect(queries::kDataSources, text));
  std::vector<TableInfo> tables;
  for (const std::string& json : schemas) {
    IG_ASSIGN(const EventSchema schema, EventSchema::from_json(json));
    IG_ASSIGN(const auto counts,
              collect(queries::count_rows(schema.view),
                      [](const Statement& row) { return row.unsigned_integer(0); }));
    tables.push_back(
        {.view = schema.view, .rows = counts.front(), .description = schema.description});
  }
  return tables;
}

Result<std::vector<Enrichment>> SqliteReader::enrichments() {
  return collect(queries::kEnrichments, enrichment_of);
}

Result<std::vector<SyscallUse>> SqliteReader::syscalls(WorkloadId workload) {
  auto uses =
      of_view<SyscallUse>(queries::kSyscallsView, queries::syscalls, syscall_use_of, workload);
  if (!uses) return uses;
  IG_ASSIGN(auto learned, collect(queries::kLearnedSyscalls, learned_syscall_of, workload));
  std::ranges::move(learned, std::back_inserter(*uses));
  return uses;
}

Result<std::vector<SyscallArgumentUse>> SqliteReader::syscall_arguments(WorkloadId workload) {
  auto uses =
      of_view<SyscallArgumentUse>(queries::kSyscallArgumentsView, queries::syscall_arguments,
                                  syscall_argument_use_of, workload);
  if (!uses) return uses;
  IG_ASSIGN(const auto learned, collect(queries::kLearnedSyscalls, learned_syscall_of, workload));
  add_unknown_values(*uses, learned);
  return uses;
}

Result<std::vector<SetupMark>> SqliteReader::setup_marks(WorkloadId workload) {
  return of_view<SetupMark>(queries::kMarksView, queries::setup_marks, setup_mark_of, workload);
}

Result<std::vector<CapabilityUse>> SqliteReader::capabilities(WorkloadId workload) {
  return of_view<CapabilityUse>(queries::kCapabilitiesView, queries::capabilities,
                                capability_use_of, workload);
}

Result<std::vector<Flow>> SqliteReader::flows(WorkloadId workload) {
  return of_view<Flow>(queries::kFlowsView, queries::flows, flow_of, workload);
}

Result<std::vector<ResolvedName>> SqliteReader::resolved_names(WorkloadId workload) {
  if (!names_) {
    IG_ASSIGN(const auto* schema, schema_of(queries::kNamesView));
    if (schema == nullptr) return std::vector<ResolvedName>{};
    IG_ASSIGN(const std::string sql, queries::answers(*schema));
    IG_ASSIGN(names_, AnsweredNames::read(database_, sql));
  }
  return names_->of(database_, workload);
}

Result<std::vector<Translation>> SqliteReader::translations() {
  return of_view<Translation>(queries::kTranslationsView, queries::translations, translation_of);
}

Result<> SqliteReader::query(const std::string& sql, std::vector<std::string>& columns,
                             const std::function<bool(const QueryRow&)>& on_row) {
  IG_ASSIGN(auto statement, database_.prepare(sql));
  columns.clear();
  for (int i = 0; i < statement.column_count(); ++i) columns.push_back(statement.column_name(i));
  QueryRow row{TextRow(columns.size()), std::vector<Value::Kind>(columns.size())};
  while (true) {
    IG_ASSIGN(const bool more, statement.step());
    if (!more) return {};
    for (std::size_t i = 0; i < columns.size(); ++i) {
      row.kinds[i] = statement.kind(static_cast<int>(i));
      row.text[i] = statement.text(static_cast<int>(i));
    }
    if (!on_row(row)) return {};
  }
}

Result<> SqliteReader::scan(const std::string& sql,
                            const std::function<bool(std::span<const Value>)>& on_row) {
  IG_ASSIGN(auto statement, database_.prepare(sql));
  std::vector<Value> row(static_cast<std::size_t>(statement.column_count()));
  while (true) {
    IG_ASSIGN(const bool more, statement.step());
    if (!more) return {};
    for (std::size_t i = 0; i < row.size(); ++i) row[i] = statement.value(static_cast<int>(i));
    if (!on_row(row)) return {};
  }
}

void SqliteReader::stop_when(std::function<bool()> should_stop) {
  should_stop_ = std::move(should_stop);
  const auto ask = [](void* self) noexcept {
    return static_cast<SqliteReader*>(self)->should_stop_() ? 1 : 0;
  };
  sqlite3_progress_handler(database_.get(), should_stop_ ? kStepsBetween : 0, ask, this);
}

}  // namespace

Result<std::unique_ptr<SessionReader>> open_session(const std::string& path) {
  IG_ASSIGN(auto database, open_session_file(path));
  return std::make_unique<SqliteReader>(std::move(database));
}

Result<std::vector<std::unique_ptr<SessionReader>>> open_recordings(const std::string& path) {
  std::vector<std::unique_ptr<SessionReader>> sessions;
  IG_ASSIGN(auto whole, open_session_file(path));
  IG_ASSIGN(const auto ids, recording_ids(whole));
  if (ids.size() == 1) {
    sessions.push_back(std::make_unique<SqliteReader>(std::move(whole)));
    return sessions;
  }
  for (const auto id : ids) {
    IG_ASSIGN(auto database, open_session_file(path));
    IG_TRY(keep_to_recording(database, id));
    sessions.push_back(std::make_unique<SqliteReader>(std::move(database)));
  }
  return sessions;
}

Result<std::unique_ptr<SessionReader>> read_session(SessionWriter& writer) {
  IG_ASSIGN(const std::string bytes, writer.snapshot());
  IG_ASSIGN(auto database, Database::deserialize(bytes));
  IG_ASSIGN(auto checked, check_session(std::move(database), "the session"));
  return std::make_unique<SqliteReader>(std::move(checked));
}

}  // namespace ig
