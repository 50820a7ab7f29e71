// SPDX-License-Identifier: Apache-2.0
#include "advisors/session_diff.h"

#include <gmock/gmock.h>

#include "tests/support/fake_session.h"

namespace ig::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class SessionDiffTest : public testing::Test {
 protected:
  SessionDiffTest() {
    for (FakeSession* session : {&before, &after}) {
      for (const char* gadget : {"advise_seccomp", "advise_networkpolicy"}) {
        session->runs().push_back({.gadget = gadget,
                                   .origin = "built-in",
                                   .backend = "bpf",
                                   .variant = "",
                                   .parameters = "",
                                   .ring_bytes = 0,
                                   .programs = {}});
      }
    }
  }
  SessionDiff diff(const std::set<std::string>& kinds = {}) {
    const Recording old_one{&before, "old.db"}, new_one{&after, "new.db"};
    auto found = diff_sessions(std::span(&old_one, 1), std::span(&new_one, 1), {}, kinds);
    EXPECT_TRUE(found) << found.error().message;
    return found ? *found : SessionDiff{};
  }

  FakeSession before, after;
};

TEST_F(SessionDiffTest, TellsWhatIsNewAndWhatIsGone) {
  before.calls(before.workload("web"), "steady", {"read", "acct"});
  after.calls(after.workload("web"), "steady", {"read", "bind"});
  const auto changes = diff({"syscall"}).changes;
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_TRUE(changes[0].added);
  EXPECT_EQ(changes[0].what, "bind");
  EXPECT_FALSE(changes[1].added);
  EXPECT_EQ(changes[1].what, "acct");
}

TEST_F(SessionDiffTest, ComparesPeersByWhatWorked) {
  before.flow(before.workload("web"), true, "TCP", "203.0.113.7", 443);
  auto& web = after.workload("web");
  after.flow(web, true, "TCP", "203.0.113.7", 443);
  after.flow(web, true, "TCP", "203.0.113.8", 443);
  after.flow(web, true, "TCP", "203.0.113.9", 443).error = "ECONNREFUSED";
  const auto changes = diff({"peer"}).changes;
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].what, "egress TCP 203.0.113.8 port 443");
}

// A container is called otherwise in the next release.
TEST_F(SessionDiffTest, TakesTheOnlyWorkloadOfEachAsTheSame) {
  before.calls(before.workload("web-1.4"), "steady", {"read"});
  after.calls(after.workload("web-1.5"), "steady", {"read"});
  EXPECT_THAT(diff({"syscall"}).changes, IsEmpty());
}

TEST_F(SessionDiffTest, MatchesSeveralWorkloadsByName) {
  before.calls(before.workload("web"), "steady", {"read"});
  before.calls(before.workload("db"), "steady", {"read"});
  after.calls(after.workload("web"), "steady", {"read"});
  after.calls(after.workload("cache"), "steady", {"read"});
  const auto found = diff({"syscall"});
  ASSERT_EQ(found.changes.size(), 2U);
  EXPECT_EQ(found.changes[0].workload, "cache");
  EXPECT_TRUE(found.changes[0].added);
  EXPECT_EQ(found.changes[1].workload, "db");
  EXPECT_FALSE(found.changes[1].added);
  EXPECT_THAT(found.caveats, Contains("cache is only in new.db: all of it is new"));
}

TEST_F(SessionDiffTest, SaysWhatOneOfThemDidNotRecord) {
  before.workload("web");
  after.workload("web");
  EXPECT_THAT(diff({"program"}).caveats,
              ElementsAre("program is not compared: old.db did not record trace_exec"));
}

}  // namespace
}  // namespace ig::test
