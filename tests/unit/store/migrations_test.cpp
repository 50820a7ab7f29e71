// SPDX-License-Identifier: Apache-2.0
// Files of older versions stay readable and are left as they are.
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "store/session_file.h"
#include "tests/unit/store/session_fixture.h"

namespace ig {
namespace {

// Our migrations and one more, as a later ig would have.
std::vector<EmbeddedFile> with_one_more(const std::string& name, std::string_view sql) {
  std::vector<EmbeddedFile> files(kSchemaFiles.begin(), kSchemaFiles.end());
  files.push_back({name, sql});
  return files;
}

class MigrationsTest : public testing::Test {
 protected:
  std::string next_name_ = fmt::format("{:04}_more.sql", latest_version(kSchemaFiles) + 1);
  std::vector<EmbeddedFile> later_ =
      with_one_more(next_name_,
                    "ALTER TABLE workload ADD COLUMN zone TEXT NOT NULL DEFAULT 'here';"
                    "CREATE TABLE later (id INTEGER PRIMARY KEY, name TEXT NOT NULL);"
                    "INSERT INTO later (name) SELECT name FROM workload");
  TemporaryFolder folder_;
  std::string path_ = folder_.file("s.db");
  EventSchema schema_ = open_schema();

  void fill(SessionWriter& writer) {
    expect_ok(writer.workload(some_workload()));
    expect_ok(writer.data_source(schema_));
    for (int n = 0; n < 100; ++n) expect_ok(writer.event(OpenEvent(n).of(schema_)));
  }
  void expect_migrated() {
    auto database = open_session_file(path_, later_);
    expect_ok(database);
    auto asked = database->prepare(
        "SELECT zone || later.name || (SELECT count(*) FROM trace_open) "
        "FROM workload JOIN later USING (id)");
    expect_ok(asked);
    expect_ok(asked->step());
    EXPECT_EQ(asked->text(0), "hereweb100");
  }
};

TEST_F(MigrationsTest, FilesAreNumberedWithoutGaps) {
  int number = 0;
  for (const EmbeddedFile& file : kSchemaFiles) {
    EXPECT_TRUE(file.name.starts_with(fmt::format("{:04}_", ++number))) << file.name;
  }
  EXPECT_GE(number, 1);
}

TEST_F(MigrationsTest, OlderFileIsReadThroughAMigratedCopy) {
  auto writer = SessionWriter::create(path_, some_session(), {});
  fill(**writer);
  expect_ok((*writer)->close("duration"));
  const auto bytes = [&] {
    std::ifstream in(path_, std::ios::binary);
    return std::string((std::istreambuf_iterator<char>(in)), {});
  };
  const std::string before = bytes();
  expect_migrated();
  EXPECT_EQ(bytes(), before);
  expect_ok(open_session(path_));  // the ig of before still reads it
}

TEST_F(MigrationsTest, OlderFileOfAKilledRecorderIsReadToo) {
  const pid_t child = ::fork();
  if (child == 0) {
    auto writer = SessionWriter::create(path_, some_session(), {});
    fill(**writer);
    (void)(*writer)->flush();
    ::kill(::getpid(), SIGKILL);
  }
  ::waitpid(child, nullptr, 0);
  ASSERT_TRUE(std::filesystem::exists(path_ + "-wal"));
  expect_migrated();
}

class MigrationsFromTest : public MigrationsTest, public testing::WithParamInterface<int> {};

TEST_P(MigrationsFromTest, EveryReleasedVersionIsRead) {
  auto writer = SessionWriter::create(path_, some_session(), {});
  fill(**writer);
  expect_ok((*writer)->close("duration"));
  {
    auto database = Database::open_own(path_);
    expect_ok(database);
    make_older(*database, GetParam());
  }
  auto session = open_session(path_);
  expect_ok(session);
  EXPECT_EQ(ask_one(**session, "SELECT host_name FROM session"), "testhost");
  EXPECT_EQ(ask_one(**session, "SELECT count(*) FROM trace_open WHERE workload = 'web'"), "100");
}
INSTANTIATE_TEST_SUITE_P(Versions, MigrationsFromTest,
                         testing::Range(1, latest_version(kSchemaFiles)));

TEST_F(MigrationsTest, MigrationThatFailsIsAnError) {
  auto writer = SessionWriter::create(path_, some_session(), {});
  expect_ok((*writer)->close("duration"));
  const auto broken = with_one_more(next_name_, "ALTER TABLE nothing ADD COLUMN x");
  EXPECT_FALSE(open_session_file(path_, broken));
  expect_ok(open_session(path_));
}

}  // namespace
}  // namespace ig
