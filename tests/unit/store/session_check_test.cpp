// SPDX-License-Identifier: Apache-2.0
#include "store/session_check.h"

#include <gmock/gmock.h>
#include <sqlite3.h>

#include <fstream>

#include "tests/unit/store/session_fixture.h"

namespace ig {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

class SessionCheckTest : public testing::Test {
 protected:
  SessionCheckTest() {
    auto writer = SessionWriter::create(path_, some_session(), {});
    expect_ok((*writer)->workload(some_workload()));
    expect_ok((*writer)->data_source(schema_));
    for (std::int64_t n = 0; n < 2000; ++n) expect_ok((*writer)->event(OpenEvent(n).of(schema_)));
    expect_ok((*writer)->close("duration"));
  }
  void change(const char* sql) {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(path_.c_str(), &database), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(database, sql, nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(database);
  }

  TemporaryFolder folder_;
  std::string path_ = folder_.file("s.db");
  EventSchema schema_ = open_schema();
};

TEST_F(SessionCheckTest, FindsNothingInAWholeFile) {
  const auto damage = find_damage(path_);
  expect_ok(damage);
  EXPECT_THAT(*damage, IsEmpty());
}

TEST_F(SessionCheckTest, FindsRowsWhoseProcessIsMissing) {
  change("DELETE FROM process");
  const auto damage = find_damage(path_);
  expect_ok(damage);
  EXPECT_THAT(*damage,
              ElementsAre("2,000 rows of trace_open_rows name a process that is not there"));
}

TEST_F(SessionCheckTest, FindsDamagedPages) {
  std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(std::filesystem::file_size(path_)) - 4096);
  file << std::string(4096, '\x55');
  file.close();
  const auto damage = find_damage(path_);
  EXPECT_TRUE(!damage || !damage->empty());
}

TEST_F(SessionCheckTest, TakesNoFileThatIsNoSession) {
  std::ofstream(folder_.file("x.db")) << "text";
  const auto damage = find_damage(folder_.file("x.db"));
  ASSERT_FALSE(damage);
  EXPECT_THAT(damage.error().message, Not(IsEmpty()));
}

}  // namespace
}  // namespace ig
