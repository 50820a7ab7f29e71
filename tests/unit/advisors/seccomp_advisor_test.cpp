// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "advisors/advisor.h"
#include "tests/support/fake_session.h"

namespace ig::test {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Not;

Result<std::vector<Advice>> advise(FakeSession& session, AdviceRequest request = {}) {
  request.options.try_emplace("default-errno", "EPERM");
  return find_advisor("seccomp-profile")->advise(session, request);
}

Advice one_advice(FakeSession& session, AdviceRequest request = {}) {
  auto advice = advise(session, std::move(request));
  EXPECT_TRUE(advice) << advice.error().message;
  EXPECT_EQ(advice->size(), 1U);
  return advice->front();
}

std::vector<std::string> names(const Advice& advice, std::size_t rule = 0) {
  return json::parse(advice.document)["syscalls"][rule]["names"];
}

AdviceRequest with(const std::string& option, const std::string& value) {
  AdviceRequest request;
  request.options[option] = value;
  return request;
}

TEST(SeccompAdvisor, AllowsWhatEachPhaseCalled) {
  FakeSession session;
  const Workload& web = session.workload("web");
  session.calls(web, "setup", {"close"})
      .calls(web, "startup", {"openat"})
      .calls(web, "steady", {"accept4"})
      .calls(web, "steady", {"poll"})
      .calls(web, "exec", {"write"});
  EXPECT_THAT(names(one_advice(session)),
              IsSupersetOf({"accept4", "close", "openat", "poll", "write"}));
}

TEST(SeccompAdvisor, SortsNamesAndGivesTheSameBytesEachTime) {
  FakeSession session;
  session.calls(session.workload("web"), "startup", {"write", "close", "accept4"});
  const Advice advice = one_advice(session);
  const auto sorted = names(advice);
  EXPECT_TRUE(std::ranges::is_sorted(sorted));
  EXPECT_EQ(advice.document, one_advice(session).document);
}

// A profile that let one container use another's system calls would still look right.
TEST(SeccompAdvisor, KeepsContainersApart) {
  FakeSession session;
  session.calls(session.workload("web"), "startup", {"accept4"});
  session.calls(session.workload("db"), "startup", {"fsync"});
  const auto advice = advise(session);
  ASSERT_TRUE(advice);
  ASSERT_EQ(advice->size(), 2U);
  EXPECT_THAT(names((*advice)[0]), AllOf(Contains("accept4"), Not(Contains("fsync"))));
  EXPECT_THAT(names((*advice)[1]), AllOf(Contains("fsync"), Not(Contains("accept4"))));
}

TEST(SeccompAdvisor, GivesContainersOfOneNameDifferentFileNames) {
  FakeSession session;
  session.calls(session.workload("Web_1"), "startup", {"read"});
  session.calls(session.workload("web/1"), "startup", {"read"});
  const auto advice = advise(session);
  EXPECT_EQ((*advice)[0].name, "web-1");
  EXPECT_EQ((*advice)[1].name, "web-1-2");
}

// kubernetes#85191: without exit_group a process cannot end and burns a core.
TEST(SeccompAdvisor, AlwaysAllowsToStartToEndAndToReturnFromASignal) {
  FakeSession session;
  session.calls(session.workload("web"), "startup", {"read"});
  const Advice advice = one_advice(session);
  EXPECT_THAT(names(advice),
              IsSupersetOf({"execve", "exit", "exit_group", "restart_syscall", "rt_sigreturn"}));
  EXPECT_THAT(advice.summary, Contains(HasSubstr("always needed, not recorded: execve, exit")));
}

// Go's scheduler: one start of runc in eight dies without them, though most never call them.
TEST(SeccompAdvisor, AllowsRuncWhatItCallsInSomeStartsOnly) {
  FakeSession session;
  const Workload& web = session.workload("web");
  session.calls(web, "setup", {"close"}, 1, 5).mark(web, "get_pdeathsig", 2);
  EXPECT_THAT(names(one_advice(session)), IsSupersetOf({"futex", "rt_sigreturn"}));
}

TEST(SeccompAdvisor, ListsTheArchitecturesSeenAndNoOther) {
  FakeSession session;
  const Workload& web = session.workload("web");
  session.calls(web, "startup", {"read"});
  EXPECT_EQ(json::parse(one_advice(session).document)["architectures"], json({"SCMP_ARCH_X86_64"}));
  session.calls(web, "startup", {"waitpid", "socketcall"}, 10, 20, "i386");
  EXPECT_EQ(json::parse(one_advice(session).document)["architectures"],
            json({"SCMP_ARCH_X86_64", "SCMP_ARCH_X86"}));
}

// Number 11 is munmap on x86_64 and execve on i386.
TEST(SeccompAdvisor, ReadsEachNumberInItsArchitecture) {
  FakeSession session;
  const Workload& web = session.workload("web");
  session.number_call(web, "startup", 7, 10, 20, "i386");
  EXPECT_THAT(names(one_advice(session)), AllOf(Contains("waitpid"), Not(Contains("poll"))));
}

TEST(SeccompAdvisor, WarnsThatNamesOfOneArchitectureOpenTheOther) {
  FakeSession session;
  const Workload& web = session.workload("web");
  session.calls(web, "startup", {"read"})
      .calls(web, "startup", {"read", "vhangup"}, 10, 20, "i386");
  EXPECT_THAT(one_advice(session).caveats,
              Contains(AllOf(HasSubstr("recorded on i386 only"), HasSubstr("vhangup"))));
}

TEST(SeccompAdvisor, NeverWritesANameThatLibseccompDoesNotKnow) {
  FakeSession session;
  const Workload& web = session.workload("web");
  session.calls(web, "startup", {"read"}).number_call(web, "startup", 4000);
  const Advice advice = one_advice(session);
  EXPECT_THAT(advice.document, Not(HasSubstr("4000")));
  EXPECT_THAT(advice.caveats, Contains(HasSubstr("no name for them: x86_64 4000")));
}

TEST(SeccompAdvisor, LeavesOutWhatTheRuntimeDoesBeforeTheFilter) {
  FakeSession session;
  const Workload& web = session.workload("web");
  session.calls(web, "setup", {"mount", "pivot_root"}, 1, 1).mark(web, "seccomp_filter", 2);
  session.calls(web, "startup", {"read"});
  const Advice advice = one_advice(session);
  EXPECT_THAT(names(advice), Not(Contains("mount")));
  EXPECT_THAT(advice.summary, Contains(HasSubstr("left out: 2 calls")));
}

TEST(SeccompAdvisor, LabelsTheStartBlockOfAPartialWorkload) {
  FakeSession session;
  Workload& web = session.workload("web");
  web.partial = true;
  session.calls(web, "running", {"read", "epoll_wait"});
  const Advice advice = one_advice(session);
  const json rules = json::parse(advice.document)["syscalls"];
  ASSERT_EQ(rules.size(), 2U);
  EXPECT_THAT(std::string(rules[1]["comment"]), HasSubstr("start block"));
  EXPECT_THAT(names(advice, 1), AllOf(Contains("set_tid_address"), Not(Contains("read"))));
  EXPECT_THAT(advice.caveats, Contains(HasSubstr("start it while `ig record` runs")));
}

TEST(SeccompAdvisor, FitsTheStartBlockToTheRuntime) {
  FakeSession session;
  Workload& web = session.workload("web");
  web.partial = true;
  web.runtime = "crun";
  web.no_new_privileges = true;
  session.calls(web, "running", {"read"});
  EXPECT_THAT(names(one_advice(session), 1), AllOf(Contains("close"), Not(Contains("fstatfs"))));
}

TEST(SeccompAdvisor, LeavesTheStartBlockOutWhenAsked) {
  FakeSession session;
  Workload& web = session.workload("web");
  web.partial = true;
  session.calls(web, "running", {"read"});
  const Advice advice = one_advice(session, with("no-start-block", "true"));
  EXPECT_EQ(json::parse(advice.document)["syscalls"].size(), 1U);
}

TEST(SeccompAdvisor, HasNoStartBlockWhereTheStartWasSeen) {
  FakeSession session;
  const Workload& web = session.workload("web");
  session.calls(web, "setup", {"close"}).calls(web, "startup", {"read"});
  EXPECT_EQ(json::parse(one_advice(session).document)["syscalls"].size(), 1U);
}

TEST(SeccompAdvisor, TakesTheDefaultActionAsked) {
  FakeSession session;
  session.calls(session.workload("web"), "startup", {"read"});
  const auto document = [&](AdviceRequest request) {
    return json::parse(one_advice(session, std::move(request)).document);
  };
  EXPECT_EQ(document({})["defaultAction"], "SCMP_ACT_ERRNO");
  EXPECT_EQ(document({})["defaultErrnoRet"], 1);
  EXPECT_EQ(document(with("default-errno", "ENOSYS"))["defaultErrnoRet"], 38);
  EXPECT_EQ(document(with("default-action", "kill"))["defaultAction"], "SCMP_ACT_KILL_PROCESS");
  EXPECT_FALSE(document(with("default-action", "kill")).contains("defaultErrnoRet"));
  EXPECT_EQ(document(with("default-action", "log"))["defaultAction"], "SCMP_ACT_LOG");
  EXPECT_EQ(document(with("default-action", "SCMP_ACT_TRAP"))["defaultAction"], "SCMP_ACT_TRAP");
  EXPECT_EQ(advise(session, with("default-action", "explode")).error().code, ErrorCode::kUsage);
}

TEST(SeccompAdvisor, RefusesOnLossAndLogsWhereItIsTolerated) {
  FakeSession session;
  session.calls(session.workload("web"), "startup", {"read"});
  session.lose("advise_seccomp", Loss::Kind::kMapFull);
  ASSERT_FALSE(advise(session));
  EXPECT_EQ(advise(session).error().code, ErrorCode::kRefused);
  AdviceRequest request;
  request.tolerate_loss = true;
  const json document = json::parse(one_advice(session, request).document);
  EXPECT_EQ(document["defaultAction"], "SCMP_ACT_LOG");
  EXPECT_THAT(std::string(document["syscalls"][0]["comment"]), HasSubstr("with losses"));
}

TEST(SeccompAdvisor, SaysWhyThereIsNoProfile) {
  FakeSession session;
  session.workload("idle");
  const Advice advice = one_advice(session);
  EXPECT_THAT(advice.document, IsEmpty());
  EXPECT_THAT(advice.caveats, ElementsAre(HasSubstr("no system call of it was recorded")));
}

TEST(SeccompAdvisor, LeavesTheHostOutUnlessAsked) {
  FakeSession session;
  session.calls(session.workload("host", WorkloadKind::kHost), "running", {"read"});
  ASSERT_FALSE(advise(session));
  EXPECT_EQ(advise(session).error().code, ErrorCode::kNotFound);
  AdviceRequest request;
  request.selector.host = true;
  EXPECT_THAT(names(one_advice(session, request)), Contains("read"));
}

TEST(SeccompAdvisor, TracesEachNameToItsEvidence) {
  FakeSession session;
  const Workload& web = session.workload("web");
  session.calls(web, "startup", {"openat"}, 10, 12).calls(web, "steady", {"openat"}, 15, 20);
  const Advice advice = one_advice(session);
  const auto openat =
      std::ranges::find(advice.evidence, "x86_64 openat", [](const Evidence& e) { return e.rule; });
  ASSERT_NE(openat, advice.evidence.end());
  EXPECT_EQ(openat->fact,
            "4 calls, 2025-11-03T14:00:10Z to 2025-11-03T14:00:20Z, startup and steady");
}

// A name in the file may be anything; the document stays JSON that says what it must.
TEST(SeccompAdvisor, IsNotLedAstrayByAHostileName) {
  FakeSession session;
  session.calls(session.workload("../\"}],\n\x1b[31m\xff"), "startup", {"read"});
  const Advice advice = one_advice(session);
  EXPECT_EQ(advice.name, "31m");
  EXPECT_EQ(json::parse(advice.document)["syscalls"].size(), 2U);
  EXPECT_THAT(advice.document, Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace ig::test
