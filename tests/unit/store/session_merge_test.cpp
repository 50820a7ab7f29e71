// SPDX-License-Identifier: Apache-2.0
// Merging keeps recordings apart: their numbers, their facts, their losses.
#include "store/session_merge.h"

#include <gmock/gmock.h>

#include <fstream>

#include "store/inventory_table.h"
#include "store/session_file.h"
#include "tests/unit/store/session_fixture.h"

namespace ig {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr auto kNever = [] { return false; };

GadgetRun trace_open_run() {
  GadgetRun run;
  run.gadget = "trace_open";
  run.origin = "built-in";
  return run;
}

InventoryUpdate pod_at(const std::string& address) {
  InventoryUpdate update;
  update.source.source = {
      .kind = "file", .source = "pods.yaml", .from_ns = 1, .to_ns = 1, .caveats = {}};
  InventoryRow row;
  row.key = {.kind = "Pod", .kube_namespace = "shop", .name = "web", .uid = "1"};
  row.valid = {.from_ns = 1};
  row.labels = "{}";
  row.addresses = "[\"" + address + "\"]";
  row.containers = "[]";
  row.spec = "{}";
  update.added.push_back(row);
  return update;
}

class SessionMergeTest : public testing::Test {
 protected:
  TemporaryFolder folder_;
  EventSchema schema_ = open_schema();
  std::string merged_ = folder_.file("fleet.db");

  // A recording of `events` opens by a workload called as its host.
  std::string record(const std::string& host, std::int64_t events, std::int64_t started_ns = 1000,
                     const std::string& file = "") {
    const auto path = folder_.file((file.empty() ? host : file) + ".db");
    auto info = some_session();
    info.host_name = host;
    info.started_ns = started_ns;
    auto writer = SessionWriter::create(path, info, {});
    expect_ok(writer);
    expect_ok((*writer)->gadget_run(trace_open_run()));
    expect_ok((*writer)->workload(some_workload(1, host)));
    expect_ok((*writer)->data_source(schema_));
    for (std::int64_t n = 0; n < events; ++n) {
      expect_ok((*writer)->event(OpenEvent(n, "/of/" + host).of(schema_)));
    }
    expect_ok((*writer)->loss({.gadget = "trace_open",
                               .kind = Loss::Kind::kRingFull,
                               .workload = 1,
                               .count = static_cast<std::uint64_t>(events),
                               .from_ns = 1,
                               .to_ns = 2,
                               .detail = {}}));
    expect_ok((*writer)->inventory(pod_at(host == "a" ? "10.0.0.1" : "10.0.0.2")));
    expect_ok((*writer)->close("duration"));
    return path;
  }
  Result<MergedSession> merge(const std::vector<std::string>& paths) {
    return merge_sessions(paths, merged_, kNever);
  }
  std::vector<std::unique_ptr<SessionReader>> recordings() {
    auto opened = open_recordings(merged_);
    expect_ok(opened);
    return opened ? std::move(*opened) : std::vector<std::unique_ptr<SessionReader>>{};
  }
};

TEST_F(SessionMergeTest, TellsTheRecordingsByTheirFiles) {
  const auto merged = merge({record("a", 3), record("b", 4)});
  expect_ok(merged);
  EXPECT_THAT(merged->recordings, ElementsAre("a", "b"));
  EXPECT_EQ(merged->rows, 7U);
}

TEST_F(SessionMergeTest, EachRecordingIsAsItWasAlone) {
  expect_ok(merge({record("a", 3), record("b", 4)}));
  const auto parts = recordings();
  ASSERT_EQ(parts.size(), 2U);
  for (const auto& [part, host, events] : {std::tuple(0, "a", 3), std::tuple(1, "b", 4)}) {
    SessionReader& one = *parts[static_cast<std::size_t>(part)];
    auto alone = open_session(folder_.file(std::string(host) + ".db"));
    expect_ok(alone);
    for (const auto* sql :
         {"SELECT workload, comm, pid, fname, flags FROM trace_open",
          "SELECT fname, count(*) FROM trace_open_rows r JOIN path ON path.id = r.fname GROUP BY "
          "text",
          "SELECT count(*), min(pid), max(pid), min(comm) FROM process",
          "SELECT gadget, kind, count FROM loss", "SELECT name, labels FROM workload",
          "SELECT addresses FROM inventory", "SELECT host_name, started_ns FROM session",
          "SELECT gadget, origin FROM gadget_run", "SELECT view FROM data_source"}) {
      auto in_merged = ask(one, sql), in_own = ask(**alone, sql);
      if (std::string_view(sql).starts_with("SELECT fname")) {  // a number of the file's own
        for (auto* rows : {&in_merged, &in_own}) (*rows)[1][0].clear();
      }
      EXPECT_EQ(in_merged, in_own) << sql;
    }
    EXPECT_EQ(one.info()->host_name, host);
    EXPECT_EQ(one.losses()->front().count, static_cast<std::uint64_t>(events));
    EXPECT_EQ(one.inventory()->pods.size(), 1U);
  }
}

TEST_F(SessionMergeTest, TheWholeFileHasThemAll) {
  expect_ok(merge({record("a", 3), record("b", 4)}));
  auto whole = open_session(merged_);
  expect_ok(whole);
  EXPECT_EQ(ask_one(**whole,
                    "SELECT group_concat(workload || n) FROM (SELECT workload, count(*) "
                    "AS n FROM trace_open GROUP BY workload ORDER BY workload)"),
            "a3,b4");
  EXPECT_EQ((*whole)->info()->host_name, "a, b");
  EXPECT_EQ((*whole)->recordings()->size(), 2U);
  const auto workloads = (*whole)->workloads({});
  ASSERT_EQ(workloads->size(), 2U);
  EXPECT_EQ((*workloads)[1].recording, 2);
}

TEST_F(SessionMergeTest, WhatIsMergedIsMergedAgain) {
  expect_ok(merge({record("a", 3), record("b", 4)}));
  const auto three = folder_.file("three.db");
  const auto again = merge_sessions({merged_, record("c", 5)}, three, kNever);
  expect_ok(again);
  EXPECT_THAT(again->recordings, ElementsAre("a", "b", "c"));
  const auto opened = open_recordings(three);
  ASSERT_EQ(opened->size(), 3U);
  EXPECT_EQ(ask_one(*(*opened)[2], "SELECT count(*) FROM trace_open"), "5");
}

TEST_F(SessionMergeTest, RecordingsOfOneNameAreToldApart) {
  std::filesystem::create_directory(folder_.file("x"));
  const auto merged = merge({record("a", 1), record("b", 1, 2000, "x/a")});
  expect_ok(merged);
  EXPECT_THAT(merged->recordings, ElementsAre("a", "a-2"));
}

TEST_F(SessionMergeTest, TheSameRecordingTwiceIsAnError) {
  const auto path = record("a", 1);
  const auto copy = folder_.file("copy.db");
  std::filesystem::copy_file(path, copy);
  const auto merged = merge({path, copy});
  ASSERT_FALSE(merged);
  EXPECT_THAT(merged.error().message, HasSubstr("hold the same recording"));
}

TEST_F(SessionMergeTest, NothingIsOverwritten) {
  const auto a = record("a", 1), b = record("b", 1);
  std::ofstream(merged_) << "mine";
  ASSERT_FALSE(merge({a, b}));
  EXPECT_EQ(std::filesystem::file_size(merged_), 4U);
}

TEST_F(SessionMergeTest, WhatIsStoppedLeavesNothing) {
  const auto stopped =
      merge_sessions({record("a", 1), record("b", 1)}, merged_, [] { return true; });
  ASSERT_FALSE(stopped);
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
    EXPECT_THAT(entry.path().filename().string(), testing::MatchesRegex("[ab]\\.db"));
  }
}

TEST_F(SessionMergeTest, AGadgetThatLearnedAColumnFits) {
  const auto a = record("a", 1);
  schema_.columns.push_back(integer_column("inode"));
  // Its events have no such value: stored as none.
  const auto path = folder_.file("b.db");
  auto info = some_session();
  info.host_name = "b";
  auto writer = SessionWriter::create(path, info, {});
  expect_ok((*writer)->gadget_run(trace_open_run()));
  expect_ok((*writer)->workload(some_workload(1, "b")));
  expect_ok((*writer)->data_source(schema_));
  expect_ok((*writer)->close("duration"));
  expect_ok(merge({a, path}));
  const auto parts = recordings();
  EXPECT_EQ(ask_one(*parts[0], "SELECT count(*) FROM trace_open WHERE inode IS NULL"), "1");
}

TEST_F(SessionMergeTest, AnotherGadgetOfTheNameIsAnError) {
  const auto a = record("a", 1);
  schema_.columns[9] = integer_column("fd", Meaning::kBytes);
  const auto merged = merge({a, record("b", 1)});
  ASSERT_FALSE(merged);
  EXPECT_THAT(merged.error().message, HasSubstr("trace_open"));
}

TEST_F(SessionMergeTest, EveryTableOfTheSchemaIsMerged) {
  const auto a = record("a", 3), b = record("b", 4);
  expect_ok(merge({a, b}));
  auto whole = open_session(merged_), one = open_session(a), other = open_session(b);
  for (const auto& row : ask(**whole,
                             "SELECT name FROM sqlite_schema WHERE type = 'table' AND "
                             "name NOT LIKE 'sqlite_%'")) {
    if (row[0] == "name" || row[0] == "data_source" || row[0].ends_with("_name")) continue;
    const auto count = "SELECT count(*) FROM " + row[0];
    EXPECT_EQ(std::stoi(ask_one(**whole, count)),
              std::stoi(ask_one(**one, count)) + std::stoi(ask_one(**other, count)))
        << row[0];
  }
}

}  // namespace
}  // namespace ig
