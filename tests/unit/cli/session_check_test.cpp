// SPDX-License-Identifier: Apache-2.0
// What a script goes by: the exit status of ig session check.
#include <gmock/gmock.h>

#include <fstream>

#include "store/session_writer.h"
#include "tests/support/run_command.h"
#include "tests/support/scratch_folder.h"

namespace ig::test {
namespace {

using testing::HasSubstr;

class SessionCheckCommand : public testing::Test {
 protected:
  std::string session(const std::string& name, bool closed, bool lossy = false) {
    const auto path = (folder_.path() / name).string();
    SessionInfo info;
    info.started_ns = 1;
    auto writer = SessionWriter::create(path, info, {});
    EXPECT_TRUE(writer);
    if (lossy) {
      EXPECT_TRUE((*writer)->loss({.gadget = "trace_open",
                                   .kind = Loss::Kind::kRingFull,
                                   .workload = 0,
                                   .count = 300,
                                   .from_ns = 1,
                                   .to_ns = 2,
                                   .detail = ""}));
    }
    EXPECT_TRUE(closed ? (*writer)->close("duration") : (*writer)->flush());
    return path;
  }

  ScratchFolder folder_;
};

TEST_F(SessionCheckCommand, IsContentWithAWholeRecording) {
  const auto outcome = run({"session", "check", session("a.db", true)});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_THAT(outcome.out, HasSubstr("a.db: whole, closed in order, nothing lost\n"));
}

TEST_F(SessionCheckCommand, TellsARecordingThatIsNotAll) {
  const auto outcome = run({"session", "check", session("a.db", true, true)});
  EXPECT_EQ(outcome.status, 3);
  EXPECT_THAT(outcome.out, HasSubstr("closed in order, lost: trace_open: ring full, 300 times\n"));
  EXPECT_EQ(run({"session", "check", session("b.db", false)}).status, 3);
}

TEST_F(SessionCheckCommand, FailsForOneDamagedFileOfMany) {
  std::ofstream((folder_.path() / "x.db").string()) << "text";
  const auto outcome =
      run({"session", "check", (folder_.path() / "x.db").string(), session("a.db", true, true)});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.out, HasSubstr("x.db is not a session file"));
  EXPECT_THAT(outcome.out, HasSubstr("a.db: whole"));
}

}  // namespace
}  // namespace ig::test
