// SPDX-License-Identifier: Apache-2.0
#include "store/session_anonymize.h"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <set>

#include "store/session_check.h"
#include "store/session_edit.h"
#include "store/session_file.h"
#include "tests/unit/store/session_fixture.h"

namespace ig {
namespace {

using testing::IsEmpty;

bool holds(const std::string& path, std::string_view text) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  return bytes.find(text) != bytes.npos;
}

// Of a gadget that nobody here knows: every type and meaning that holds text.
EventSchema foreign_schema() {
  EventSchema schema;
  schema.gadget = schema.view = "stranger";
  schema.data_source = "things";
  schema.kind = EventSchema::Kind::kMap;
  schema.columns = {text_column("key"),
                    text_column("peer", Meaning::kAddress),
                    text_column("note"),
                    text_column("where", Meaning::kPath),
                    text_column("kstack_raw", Meaning::kStack),
                    text_column("ustack", Meaning::kStack),
                    text_column("latency", Meaning::kHistogram),
                    text_column("false_latency", Meaning::kHistogram),
                    integer_column("count"),
                    text_column("bytes")};
  schema.columns[0].key = schema.columns[1].key = true;
  schema.columns[5].type_name = "gadget_user_stack";
  schema.columns[9].type = ColumnType::kBlob;
  return schema;
}

class SessionAnonymize : public testing::Test {
 protected:
  SessionAnonymize() {
    auto info = some_session();
    info.host_name = "hunter2-host";
    info.command_line = "ig record -- hunter2-tool --password hunter2";
    info.kernel_release = "6.1.0";
    writer_ = std::move(*SessionWriter::create(path_, info, {}));
    auto workload = some_workload(1, "hunter2-web");
    workload.labels = {{"app", "hunter2-web"}, {"hunter2-key", "1"}};
    expect_ok(writer_->workload(workload));
    expect_ok(writer_->data_source(foreign_));
    row("hunter2-a", "10.9.8.7", "/home/hunter2/x");
    row("hunter2-b", "10.9.8.6", "/home/hunter2/x");
    expect_ok(writer_->loss(
        {.gadget = "stranger", .count = 1, .detail = "no room for hunter2-web in ig_ustack"}));
    expect_ok(writer_->close("duration"));
  }
  void row(std::string_view key, std::string_view peer, std::string_view path) {
    const std::array values = {Value::of(key),
                               Value::of(peer),
                               Value::of(std::string_view("hunter2")),
                               Value::of(path),
                               Value::of(std::string_view("do_syscall_64;ns_capable")),
                               Value::of(std::string_view("main;hunter2_function")),
                               Value::of(std::string_view("[1, 2, 0]")),
                               Value::of(std::string_view("hunter2")),
                               Value::of(std::int64_t{42}),
                               Value::blob("hunter2 bytes")};
    expect_ok(writer_->event({.schema = foreign_, .workload = 1, .values = values}));
  }
  void anonymized(std::set<Secret> kept = {}) {
    Pseudonyms pseudonyms(Pseudonyms::random_key(), std::move(kept));
    expect_ok(write_changed_session(
        path_, out_, [&](Database& database) { return anonymize(database, pseudonyms); }));
  }
  std::string one(const std::string& sql) {
    const auto reader = open_session(out_);
    if (!reader) return reader.error().message;
    return ask_one(**reader, sql);
  }

  TemporaryFolder folder_;
  std::string path_ = folder_.file("s.db"), out_ = folder_.file("out.db");
  EventSchema foreign_ = foreign_schema();
  std::unique_ptr<SessionWriter> writer_;
};

TEST_F(SessionAnonymize, NoByteOfWhatWasReplacedIsLeft) {
  ASSERT_TRUE(holds(path_, "hunter2"));
  anonymized();
  EXPECT_FALSE(holds(out_, "hunter2"));
  EXPECT_FALSE(holds(out_, "10.9.8."));
  EXPECT_THAT(*find_damage(out_), IsEmpty());
}

TEST_F(SessionAnonymize, NumbersHistogramsAndTheKernelsFunctionsStay) {
  anonymized();
  EXPECT_EQ(one("SELECT DISTINCT latency || count || kstack FROM stranger"),
            "[1, 2, 0]42do_syscall_64;ns_capable");
  EXPECT_EQ(one("SELECT kernel_release || end_reason FROM session"), "6.1.0duration");
  EXPECT_EQ(one("SELECT count(*) FROM stranger WHERE length(bytes) = 0"), "2");
}

TEST_F(SessionAnonymize, EqualStaysEqualAcrossTables) {
  anonymized();
  EXPECT_EQ(one("SELECT count(DISTINCT \"where\") FROM stranger"), "1");
  EXPECT_EQ(one("SELECT count(*) FROM workload WHERE json_extract(labels, '$.app') = name"), "1");
  EXPECT_EQ(one("SELECT count(*) FROM loss, workload WHERE instr(detail, name) AND detail LIKE "
                "'no room for % in ig_ustack'"),
            "1");
}

TEST_F(SessionAnonymize, WhatIsKeptIsKeptAndNothingElse) {
  anonymized({Secret::kAddresses});
  EXPECT_EQ(one("SELECT count(*) FROM stranger WHERE peer LIKE '10.9.8.%'"), "2");
  EXPECT_FALSE(holds(out_, "hunter2"));
}

TEST_F(SessionAnonymize, KeysMayBecomeOneAnothersNames) {
  // Many addresses of one network: a row's new key is another's old one.
  writer_ = std::move(*SessionWriter::create(folder_.file("many.db"), some_session(), {}));
  path_ = folder_.file("many.db");
  expect_ok(writer_->workload(some_workload()));
  expect_ok(writer_->data_source(foreign_));
  for (int i = 0; i < 256; ++i) row("k", fmt::format("10.0.0.{}", i), "/x");
  expect_ok(writer_->close("duration"));
  anonymized();
  EXPECT_EQ(one("SELECT count(DISTINCT peer) FROM stranger WHERE peer LIKE '10.%'"), "256");
}

// A text column that a later version of the core tables adds is replaced until somebody says here
// and in the code that it need not be.
// Words of ours or of the kernel, with a space after each.
constexpr std::string_view kOurs =
    "session.end_reason session.tool_version session.kernel_release session.architecture "
    "session.btf session.preset session.backend gadget_run.gadget gadget_run.backend "
    "gadget_run.variant gadget_program.name gadget_program.section "
    "gadget_program.leaves_empty data_source.gadget data_source.name data_source.view "
    "data_source.schema workload.kind workload.runtime loss.gadget loss.kind enum_name.enum "
    "enum_name.name syscall_name.arch syscall_name.name enrichment.kind "
    "enrichment.tool_version denied_syscall.matched_by denied_syscall.arch "
    "inventory_source.kind inventory_source.tool_version inventory.kind inventory.owner_kind ";

TEST_F(SessionAnonymize, EveryTextOfTheCoreTablesIsReplacedButOurOwn) {
  auto database = std::move(*Database::in_memory());
  expect_ok(migrate(database, kSchemaFiles, latest_version(kSchemaFiles)));
  std::vector<std::array<std::string, 3>> columns;
  auto list = std::move(*database.prepare(
      "SELECT t.name, c.name, c.type FROM sqlite_schema t, pragma_table_info(t.name) c "
      "WHERE t.type = 'table' AND t.name <> 'path'"));
  std::map<std::string, std::pair<std::string, std::string>> inserts;
  while (*list.step()) {
    auto& [names, values] = inserts[list.text(0)];
    names += (names.empty() ? "" : ", ") + list.text(1);
    values += values.empty() ? "" : ", ";
    values += list.text(2) == "TEXT" ? "'/secret'" : "1";
    columns.push_back({list.text(0), list.text(1), list.text(2)});
  }
  inserts.erase("data_source");
  for (const auto& [table, row] : inserts) {
    expect_ok(database.execute("INSERT INTO " + table + " (" + row.first + ") VALUES (" +
                               row.second + ")"));
  }
  Pseudonyms pseudonyms(Pseudonyms::random_key());
  expect_ok(anonymize(database, pseudonyms));
  for (const auto& [table, column, type] : columns) {
    if (type != "TEXT" || table == "data_source") continue;
    auto cell = std::move(*database.prepare("SELECT " + column + " FROM " + table));
    ASSERT_TRUE(*cell.step());
    EXPECT_EQ(cell.text(0) == "/secret", kOurs.contains(table + "." + column + " "))
        << table << "." << column << " = " << cell.text(0);
  }
}

}  // namespace
}  // namespace ig
