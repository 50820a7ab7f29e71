// SPDX-License-Identifier: Apache-2.0
// Session files as an enemy, or an accident, makes them.
#include <gmock/gmock.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <cstring>
#include <fstream>

#include "tests/unit/store/session_fixture.h"

namespace ig {
namespace {

using testing::HasSubstr;

class HostileSessionTest : public testing::Test {
 protected:
  HostileSessionTest() {
    auto writer = SessionWriter::create(path_, some_session(), {});
    expect_ok((*writer)->workload(some_workload()));
    expect_ok((*writer)->data_source(schema_));
    for (std::int64_t n = 0; n < 500; ++n) expect_ok((*writer)->event(OpenEvent(n).of(schema_)));
    expect_ok((*writer)->close("duration"));
  }

  // Changes the file with all of SQLite's power.
  void change(const std::string& sql) {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(path_.c_str(), &database), SQLITE_OK);
    char* message = nullptr;
    sqlite3_exec(database, sql.c_str(), nullptr, nullptr, &message);
    EXPECT_EQ(message, nullptr) << message;
    sqlite3_close(database);
  }
  void expect_refused(const std::string& words) {
    const auto reader = open_session(path_);
    ASSERT_FALSE(reader);
    EXPECT_EQ(reader.error().code, ErrorCode::kInvalid);
    EXPECT_THAT(reader.error().message, HasSubstr(words));
    EXPECT_NE(reader.error().hint, "");
  }

  TemporaryFolder folder_;
  std::string path_ = folder_.file("s.db");
  EventSchema schema_ = open_schema();
};

TEST_F(HostileSessionTest, UntouchedFileOpens) { expect_ok(open_session(path_)); }

TEST_F(HostileSessionTest, AddedObjectsAreRefused) {
  const std::string before = folder_.file("before.db");
  std::filesystem::copy_file(path_, before);
  for (const std::string sql :
       {"CREATE TRIGGER t AFTER INSERT ON workload BEGIN DELETE FROM loss; END",
        "CREATE TABLE more (x)", "CREATE INDEX i ON workload (name)",
        "CREATE VIEW v AS SELECT randomblob(1000000000)", "CREATE VIRTUAL TABLE f USING fts5(x)",
        "ANALYZE"}) {
    std::filesystem::copy_file(before, path_, std::filesystem::copy_options::overwrite_existing);
    change(sql);
    expect_refused("not one of ours");
  }
}

TEST_F(HostileSessionTest, ChangedCoreTableIsRefused) {
  change("ALTER TABLE workload ADD COLUMN evil TEXT DEFAULT 'x'");
  expect_refused("core tables");
}

TEST_F(HostileSessionTest, CoreTableReplacedByAViewIsRefused) {
  change(
      "DROP TABLE data_source;"
      "CREATE VIEW data_source AS SELECT 1 AS id, load_extension('x') AS schema");
  expect_refused("core tables");
}

TEST_F(HostileSessionTest, ChangedViewIsRefused) {
  change("DROP VIEW trace_open; CREATE VIEW trace_open AS SELECT 1");
  expect_refused("not one of ours");
}

TEST_F(HostileSessionTest, MissingViewIsRefused) {
  change("DROP VIEW trace_open");
  expect_refused("missing");
}

TEST_F(HostileSessionTest, MalformedDescriptionIsRefused) {
  change("UPDATE data_source SET schema = '{\"columns\": 7'");
  expect_refused("malformed");
}

TEST_F(HostileSessionTest, DescriptionThatNamesACoreTableIsRefused) {
  change(
      "UPDATE data_source SET view = 'loss', schema = replace(schema, '\"view\":\"trace_open\"',"
      " '\"view\":\"loss\"')");
  expect_refused("tampered");
}

// Files of an export are named after tables.
TEST_F(HostileSessionTest, ATableThatIsCalledLikeAPathIsRefused) {
  change(
      "UPDATE data_source SET view = '../open', schema = replace(schema, '\"view\":\"trace_open\"',"
      " '\"view\":\"../open\"')");
  expect_refused("has a name that no table can have");
}

TEST_F(HostileSessionTest, HugeTextIsAnErrorAndNotMemory) {
  change("UPDATE workload SET name = hex(zeroblob(20000000))");
  auto reader = open_session(path_);
  expect_ok(reader);
  const auto workloads = (*reader)->workloads({});
  ASSERT_FALSE(workloads);
  EXPECT_EQ(workloads.error().code, ErrorCode::kInvalid);
}

TEST_F(HostileSessionTest, WrongTypesInCellsDoNoHarm) {
  change(
      "UPDATE workload SET kind = x'00ff', pid = 'many', labels = '[1', first_seen_ns = 1.5;"
      "UPDATE trace_open_rows SET timestamp_raw = 'x', process_id = 'y', flags_raw = x'41',"
      " error_raw = -9223372036854775807 - 1, fname = 1e300, mode_raw = 'z';"
      "INSERT INTO loss VALUES (1, 'g', 'no such kind', 0, -1, 0, 0, '', 1)");
  auto reader = open_session(path_);
  expect_ok(reader);
  const auto workloads = (*reader)->workloads({});
  expect_ok(workloads);
  EXPECT_TRUE(workloads->front().labels.empty());
  EXPECT_EQ((*reader)->losses()->front().kind, Loss::Kind::kMalformed);
  EXPECT_EQ(ask(**reader, "SELECT * FROM trace_open").size(), 501u);
}

TEST_F(HostileSessionTest, FileOfNoRecordingOrOfTooManyIsRefused) {
  change("DELETE FROM session");
  EXPECT_FALSE(open_recordings(path_));
  change(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1001) INSERT INTO "
      "session SELECT i, 1, '', 0, 0, 0, '', '', '', '', '', '', '', '', '', '', '', '' FROM n");
  EXPECT_FALSE(open_recordings(path_));
}

TEST_F(HostileSessionTest, OtherFilesAreNamedAsSuch) {
  const auto message = [&](const std::string& path) {
    const auto reader = open_session(path);
    EXPECT_FALSE(reader);
    return reader ? "" : reader.error().message;
  };
  std::ofstream(folder_.file("text")) << std::string(200, 'x');
  std::ofstream(folder_.file("empty"));
  ::mkfifo(folder_.file("pipe").c_str(), 0600);
  EXPECT_THAT(message(folder_.file("none")), HasSubstr("No such file"));
  EXPECT_THAT(message(folder_.path()), HasSubstr("not a regular file"));
  EXPECT_THAT(message(folder_.file("pipe")), HasSubstr("not a regular file"));
  EXPECT_THAT(message(folder_.file("text")), HasSubstr("not an SQLite file"));
  EXPECT_THAT(message(folder_.file("empty")), HasSubstr("not an SQLite file"));
  change("PRAGMA application_id = 7");
  EXPECT_THAT(message(path_), HasSubstr("some other SQLite file"));
}

// SQLite would play it back into the file, and delete the file that it names.
TEST_F(HostileSessionTest, RollbackJournalIsNotTouched) {
  const std::string journal = path_ + "-journal";
  std::ofstream(journal) << std::string("\xd9\xd5\x05\xf9\x20\xa1\x63\xd7", 8)
                         << std::string(4096, '\0');
  expect_ok(open_session(path_));
  EXPECT_EQ(std::filesystem::file_size(journal), 4104u);
}

TEST_F(HostileSessionTest, NewerVersionIsNamedAsSuch) {
  change("PRAGMA user_version = 999");
  const auto reader = open_session(path_);
  ASSERT_FALSE(reader);
  EXPECT_EQ(reader.error().code, ErrorCode::kUnsupported);
  EXPECT_THAT(reader.error().message, HasSubstr("newer ig"));
}

// Whatever byte is wrong: an answer or an error, never a crash. Every 97th byte of the file.
TEST_F(HostileSessionTest, DamagedBytesNeverCrash) {
  std::ifstream in(path_, std::ios::binary);
  const std::string good((std::istreambuf_iterator<char>(in)), {});
  int refused = 0;
  for (std::size_t at = 0; at < good.size(); at += good.size() / 150 + 1) {
    std::string bad = good;
    bad[at] = static_cast<char>(~bad[at]);
    std::ofstream(path_, std::ios::binary) << bad;
    auto reader = open_session(path_);
    if (!reader) {
      ++refused;
      continue;
    }
    (void)(*reader)->info();
    (void)(*reader)->workloads({});
    std::vector<std::string> columns;
    (void)(*reader)->query("SELECT * FROM trace_open", columns,
                           [](const QueryRow&) { return true; });
  }
  EXPECT_GT(refused, 0);
}

TEST_F(HostileSessionTest, QueriesCanOnlyRead) {
  auto reader = open_session(path_);
  std::vector<std::string> columns;
  const auto none = [](const QueryRow&) { return true; };
  for (const std::string sql :
       {"DELETE FROM workload", "PRAGMA query_only = OFF", "ATTACH 'x.db' AS x",
        "SELECT load_extension('x')", "CREATE TEMP TABLE t (x)", "VACUUM INTO 'copy.db'", "COMMIT",
        "SELECT 1; SELECT 2", "", "SELECT"}) {
    EXPECT_FALSE((*reader)->query(sql, columns, none)) << sql;
  }
  expect_ok((*reader)->query("SELECT 1; ", columns, none));
}

TEST_F(HostileSessionTest, EndlessQueriesCanBeStopped) {
  auto reader = open_session(path_);
  int asked = 0;
  (*reader)->stop_when([&] { return ++asked == 3; });
  std::vector<std::string> columns;
  EXPECT_FALSE((*reader)->query(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
      columns, [](const QueryRow&) { return true; }));
  EXPECT_EQ(asked, 3);
}

TEST_F(HostileSessionTest, ReadingChangesNothing) {
  const auto bytes = [&] {
    std::ifstream in(path_, std::ios::binary);
    return std::string((std::istreambuf_iterator<char>(in)), {});
  };
  const std::string before = bytes();
  {
    auto first = open_session(path_);
    auto second = open_session(path_);
    EXPECT_EQ(ask(**first, "SELECT * FROM trace_open"), ask(**second, "SELECT * FROM trace_open"));
  }
  EXPECT_EQ(bytes(), before);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_.path()), {}), 1);
}

}  // namespace
}  // namespace ig
