// SPDX-License-Identifier: Apache-2.0
// What the tests of the store share: a small gadget like trace_open, its events, and files that are
// gone when the test is.
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "store/database.h"
#include "store/migrations.h"
#include "store/session_reader.h"
#include "store/session_writer.h"

namespace ig {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    path_ = (std::filesystem::temp_directory_path() / "ig-test-XXXXXX").string();
    if (::mkdtemp(path_.data()) == nullptr) std::abort();
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::string file(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Fails the test with the error's words.
template <typename T>
void expect_ok(const Result<T>& result) {
  if (!result) ADD_FAILURE() << result.error().message << " / " << result.error().hint;
}

// Leaves the tables of schemas/*.sql as that version had them, without what came later.
inline void make_older(Database& session, int version) {
  auto older = Database::in_memory(), newer = Database::in_memory();
  expect_ok(migrate(*older, kSchemaFiles, version));
  expect_ok(migrate(*newer, kSchemaFiles, latest_version(kSchemaFiles)));
  const auto each = [](Database& database, const std::string& sql, const auto& on_row) {
    auto rows = database.prepare(sql);
    expect_ok(rows);
    while (*rows->step()) on_row(*rows);
  };
  const std::string tables = "SELECT name, sql FROM sqlite_schema WHERE sql LIKE 'CREATE TABLE%'";
  std::string change;
  each(*newer, tables, [&](const Statement& row) {
    const auto name = row.text(0);
    change += fmt::format("CREATE TABLE kept_{0} AS SELECT * FROM {0}; DROP TABLE {0};", name);
  });
  each(*older, tables, [&](const Statement& row) {
    const auto name = row.text(0);
    std::vector<std::string> columns;
    each(*older, "SELECT name FROM pragma_table_info('" + name + "')",
         [&](const Statement& column) { columns.push_back(column.text(0)); });
    change += fmt::format("{0}; INSERT INTO {1} SELECT {2} FROM kept_{1};", row.text(1), name,
                          fmt::join(columns, ", "));
  });
  each(*newer, tables,
       [&](const Statement& row) { change += "DROP TABLE kept_" + row.text(0) + ";"; });
  expect_ok(session.execute(change + fmt::format("PRAGMA user_version = {}", version)));
}

inline SessionInfo some_session() {
  SessionInfo info;
  info.tool_version = "0.1.0";
  info.host_name = "testhost";
  info.architecture = "x86_64";
  info.started_ns = 1'000'000'000;
  return info;
}

inline Workload some_workload(WorkloadId id = 1, std::string name = "web") {
  Workload workload;
  workload.id = id;
  workload.kind = WorkloadKind::kContainer;
  workload.name = std::move(name);
  workload.labels = {{"app", "shop"}};
  return workload;
}

inline Column integer_column(std::string name, Meaning meaning = Meaning::kPlain) {
  Column column;
  column.name = std::move(name);
  column.meaning = meaning;
  return column;
}

inline Column text_column(std::string name, Meaning meaning = Meaning::kPlain) {
  Column column = integer_column(std::move(name), meaning);
  column.type = ColumnType::kText;
  return column;
}

inline Column process_column(Column column, ProcessPart part, std::string process = "proc") {
  column.process_part = part;
  column.process = std::move(process);
  return column;
}

// Like gadgets/trace_open.
inline EventSchema open_schema() {
  EventSchema schema;
  schema.gadget = "trace_open";
  schema.data_source = "open";
  schema.view = "trace_open";
  schema.description = "files that were opened";
  schema.columns = {
      integer_column("timestamp_raw", Meaning::kTimestamp),
      process_column(text_column("proc.comm"), ProcessPart::kComm),
      process_column(integer_column("proc.pid"), ProcessPart::kPid),
      process_column(integer_column("proc.tid"), ProcessPart::kTid),
      process_column(integer_column("proc.creds.uid"), ProcessPart::kUid),
      process_column(integer_column("proc.creds.gid"), ProcessPart::kGid),
      process_column(text_column("proc.parent.comm"), ProcessPart::kParentComm),
      process_column(integer_column("proc.parent.pid"), ProcessPart::kParentPid),
      integer_column("error_raw", Meaning::kErrno),
      integer_column("fd"),
      text_column("fname", Meaning::kPath),
      integer_column("flags_raw", Meaning::kFileFlags),
      integer_column("mode_raw", Meaning::kFileMode),
  };
  return schema;
}

// Event number `n` of that gadget: 40 processes, 400 files.
class OpenEvent {
 public:
  explicit OpenEvent(std::int64_t n) : OpenEvent(n, fmt::format("/usr/share/doc/{}", n % 400)) {}
  OpenEvent(std::int64_t n, std::string path) : path_(std::move(path)) {
    const std::int64_t pid = 3'000'000 + n / 7 % 40;
    values_ = {Value::of(1'700'000'000'000'000'000 + n * 1000),
               Value::of(std::string_view("nginx")),
               Value::of(pid),
               Value::of(pid),
               Value::of(std::int64_t{1000}),
               Value::of(std::int64_t{1000}),
               Value::of(std::string_view("containerd-shim")),
               Value::of(std::int64_t{4711}),
               Value::of(n % 5 == 0 ? std::int64_t{2} : std::int64_t{0}),
               Value::of(n % 5 == 0 ? std::int64_t{0} : std::int64_t{3}),
               Value::of(std::string_view(path_)),
               Value::of(std::int64_t{02000101}),
               Value::of(std::int64_t{0644})};
  }
  Event of(const EventSchema& schema, WorkloadId workload = 1) const {
    return {.schema = schema, .workload = workload, .values = values_};
  }

 private:
  std::string path_;
  std::array<Value, 13> values_;
};

// All rows of a query; its columns' names are the first.
inline std::vector<TextRow> ask(SessionReader& reader, const std::string& sql) {
  std::vector<std::string> columns;
  std::vector<TextRow> rows = {{}};
  expect_ok(reader.query(sql, columns, [&](const QueryRow& row) {
    rows.push_back(row.text);
    return true;
  }));
  rows.front() = columns;
  return rows;
}

inline std::string ask_one(SessionReader& reader, const std::string& sql) {
  const auto rows = ask(reader, sql);
  return rows.size() == 2 && !rows[1].empty() ? rows[1][0]
                                              : fmt::format("{} rows", rows.size() - 1);
}

}  // namespace ig
