// SPDX-License-Identifier: Apache-2.0
// The timetables are those of real starts: runc 1.1.5, crun 1.8.1, podman 4.3.1.
#include "advisors/seccomp/filter_start.h"

#include <gmock/gmock.h>

#include "advisors/seccomp/needed_calls.h"
#include "tests/support/fake_session.h"

namespace ig::test {
namespace {

using testing::Contains;
using testing::IsSupersetOf;
using testing::Not;
using testing::UnorderedElementsAre;

std::vector<std::string> names(const std::vector<NeededCall>& calls) {
  std::vector<std::string> out;
  for (const NeededCall& call : calls) out.push_back(call.display_name());
  return out;
}

NeededCalls needed(FakeSession& session, const Workload& workload) {
  auto result = needed_calls(session, workload);
  EXPECT_TRUE(result);
  return *result;
}

TEST(FilterStart, IsWhereTheRecordedRunLoadedItsFilter) {
  FakeSession session;
  const Workload& web = session.workload("web");
  session.calls(web, "setup", {"mount", "pivot_root"}, 1, 2)
      .calls(web, "setup", {"close", "execve"}, 1, 6)
      .mark(web, "no_new_privs", 3)
      .mark(web, "seccomp_filter", 5)
      .mark(web, "entry_exec", 6);
  EXPECT_THAT(names(needed(session, web).calls), UnorderedElementsAre("close", "execve"));
  EXPECT_THAT(names(needed(session, web).outside), UnorderedElementsAre("mount", "pivot_root"));
}

// Loaded by the program itself, or by an exec session: not the container's filter.
TEST(FilterStart, PassesOverAFilterAfterTheEntryPoint) {
  FakeSession session;
  const Workload& web = session.workload("web");
  session.calls(web, "setup", {"close"}, 1, 4)
      .mark(web, "no_new_privs", 3)
      .mark(web, "entry_exec", 6)
      .mark(web, "seccomp_filter", 8);
  const auto start = needed(session, web).start;
  EXPECT_EQ(start.time_ns, at(3));
}

// What ig's child did while it was held back is not the command's.
TEST(FilterStart, OfACommandIsItsExecve) {
  FakeSession session;
  const Workload& command = session.workload("make", WorkloadKind::kCommand);
  session.calls(command, "setup", {"read"}, 1, 1).calls(command, "setup", {"execve"}, 2, 2);
  EXPECT_THAT(names(needed(session, command).calls), UnorderedElementsAre("execve"));
  EXPECT_TRUE(needed(session, command).start.known);
}

TEST(FilterStart, OfRuncWithNoNewPrivilegesIsItsLastGetppid) {
  FakeSession session;
  const Workload& web = session.workload("web");
  session.mark(web, "get_pdeathsig", 2)
      .mark(web, "no_new_privs", 3)
      .mark(web, "entry_exec", 9)
      .calls(web, "setup", {"setgroups", "capset", "chdir"}, 4, 4)
      .calls(web, "setup", {"getppid"}, 1, 5)
      .calls(web, "setup", {"close", "openat", "write", "execve"}, 1, 9);
  const auto result = needed(session, web);
  EXPECT_TRUE(result.start.scheduler_may_wake);
  EXPECT_THAT(names(result.calls),
              UnorderedElementsAre("getppid", "close", "openat", "write", "execve"));
}

TEST(FilterStart, OfRuncWithoutNoNewPrivilegesComesBeforePrivilegesAreDropped) {
  FakeSession session;
  const Workload& web = session.workload("web");
  session.calls(web, "setup", {"pivot_root", "mount"}, 1, 1)
      .mark(web, "get_pdeathsig", 2)
      .calls(web, "setup", {"setgroups", "capset", "chdir"}, 4, 4)
      .calls(web, "setup", {"execve"}, 9, 9);
  const auto result = needed(session, web);
  EXPECT_FALSE(result.start.no_new_privileges);
  EXPECT_THAT(names(result.calls), UnorderedElementsAre("setgroups", "capset", "chdir", "execve"));
}

TEST(FilterStart, OfCrunWithNoNewPrivilegesIsThatPrctl) {
  FakeSession session;
  const Workload& web = session.workload("web");
  session.calls(web, "setup", {"setresgid", "capset"}, 3, 3)
      .mark(web, "no_new_privs", 4)
      .calls(web, "setup", {"close", "execve"}, 1, 6);
  EXPECT_FALSE(needed(session, web).start.scheduler_may_wake);
  EXPECT_THAT(names(needed(session, web).calls), UnorderedElementsAre("close", "execve"));
}

TEST(FilterStart, OfCrunWithoutNoNewPrivilegesIsItsLastSetresgid) {
  FakeSession session;
  const Workload& web = session.workload("web");
  session.calls(web, "setup", {"mount", "setsid"}, 1, 2)
      .calls(web, "setup", {"setresgid", "setresuid", "capset", "execve"}, 3, 4);
  const auto result = needed(session, web);
  EXPECT_THAT(names(result.calls),
              UnorderedElementsAre("setresgid", "setresuid", "capset", "execve"));
}

// A range that goes on after the entry point (an exec session) must not move the start past what
// the runtime needs.
TEST(FilterStart, IsNotMovedByExecSessions) {
  FakeSession session;
  const Workload& web = session.workload("web");
  session.mark(web, "get_pdeathsig", 2, 100)
      .mark(web, "entry_exec", 9)
      .calls(web, "setup", {"setgroups", "execve"}, 4, 9);
  EXPECT_THAT(names(needed(session, web).calls), IsSupersetOf({"setgroups", "execve"}));
}

TEST(FilterStart, OfAnUnknownRuntimeTakesTheWholeSetUp) {
  FakeSession session;
  Workload& web = session.workload("web");
  web.runtime = "youki";
  session.calls(web, "setup", {"mount", "setresgid", "execve"}, 1, 2);
  EXPECT_FALSE(needed(session, web).start.known);
  EXPECT_THAT(names(needed(session, web).calls), Contains("mount"));
}

TEST(NeededCalls, TakesOfAnExecSessionsSetUpWhatMeetsTheFilter) {
  FakeSession session;
  Workload& web = session.workload("web");
  web.runtime = "crun";
  session.calls(web, "startup", {"read"}).calls(web, "exec_setup", {"setns", "setresuid"});
  EXPECT_THAT(names(needed(session, web).calls), UnorderedElementsAre("read", "setresuid"));
  web.runtime = "";  // unknown: everything
  EXPECT_THAT(names(needed(session, web).calls),
              UnorderedElementsAre("read", "setns", "setresuid"));
}

// A task of the runtime, which ran before the recording, comes in: no reason to allow its calls.
TEST(NeededCalls, TakesRunningTasksOfANewContainerForSetUp) {
  FakeSession session;
  Workload& web = session.workload("web");
  session.calls(web, "running", {"mount"}, 1, 1).mark(web, "seccomp_filter", 2);
  session.calls(web, "startup", {"read"});
  EXPECT_THAT(names(needed(session, web).calls), UnorderedElementsAre("read"));
  web.partial = true;
  EXPECT_THAT(names(needed(session, web).calls), UnorderedElementsAre("mount", "read"));
}

TEST(NeededCalls, LeavesOutOfOutsideWhatAnotherPhaseNeeds) {
  FakeSession session;
  const Workload& web = session.workload("web");
  session.calls(web, "setup", {"mount", "read"}, 1, 1)
      .mark(web, "seccomp_filter", 2)
      .calls(web, "steady", {"read"});
  EXPECT_THAT(names(needed(session, web).outside), UnorderedElementsAre("mount"));
  EXPECT_THAT(names(needed(session, web).calls), Not(Contains("mount")));
}

}  // namespace
}  // namespace ig::test
