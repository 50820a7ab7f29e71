// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <cerrno>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/support/fake_session.h"
#include "tests/unit/advisors/seccomp_advice.h"

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

std::vector<std::string> names(const Advice& advice, std::size_t rule = 0) {
  return json::parse(advice.document)["syscalls"][rule]["names"];
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

// Node.js called it in one run of two.
TEST(SeccompAdvisor, AllowsThreadsToYield) {
  FakeSession alone, threads;
  alone.calls(alone.workload("web"), "startup", {"futex"});
  threads.calls(threads.workload("web"), "startup", {"clone3", "futex"});
  const AdviceRequest request = with("no-start-block", "true");
  EXPECT_THAT(names(one_advice(alone, request)), Not(Contains("sched_yield")));
  EXPECT_THAT(names(one_advice(threads, request)), Contains("sched_yield"));
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
  ASSERT_EQ(rules.size(), 3U);
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
  EXPECT_EQ(json::parse(advice.document)["syscalls"].size(), 2U) << "allowed, denied";
}

TEST(SeccompAdvisor, HasNoStartBlockWhereTheStartWasSeen) {
  FakeSession session;
  const Workload& web = session.workload("web");
  session.calls(web, "setup", {"close"}).calls(web, "startup", {"read"});
  EXPECT_EQ(json::parse(one_advice(session).document)["syscalls"].size(), 2U) << "allowed, denied";
}

TEST(SeccompAdvisor, TakesTheDefaultActionAsked) {
  FakeSession session;
  session.calls(session.workload("web"), "startup", {"read"});
  const auto document = [&](AdviceRequest request) {
    return json::parse(one_advice(session, std::move(request)).document);
  };
  EXPECT_EQ(document({})["defaultAction"], "SCMP_ACT_ERRNO");
  EXPECT_EQ(document(with("default-action", "kill"))["defaultAction"], "SCMP_ACT_KILL_PROCESS");
  EXPECT_FALSE(document(with("default-action", "kill")).contains("defaultErrnoRet"));
  EXPECT_EQ(document(with("default-action", "log"))["defaultAction"], "SCMP_ACT_LOG");
  EXPECT_EQ(document(with("default-action", "SCMP_ACT_TRAP"))["defaultAction"], "SCMP_ACT_TRAP");
  EXPECT_EQ(advise(session, with("default-action", "explode")).error().code, ErrorCode::kUsage);
}

// moby#42680: a newer libc falls back from clone3 only if it is told that there is none.
TEST(SeccompAdvisor, DeniesWhatTheKernelKnewAndMissesWhatItDidNot) {
  FakeSession session;  // of Linux 6.1
  session.calls(session.workload("web"), "startup", {"read"});
  const json document = json::parse(one_advice(session).document);
  EXPECT_EQ(document["defaultErrnoRet"], ENOSYS);
  const json& denied = document["syscalls"].back();
  EXPECT_EQ(denied["action"], "SCMP_ACT_ERRNO");
  EXPECT_EQ(denied["errnoRet"], EPERM);
  const std::vector<std::string> names = denied["names"];
  EXPECT_THAT(names, IsSupersetOf({"landlock_restrict_self", "mount"}));
  EXPECT_THAT(names, AllOf(Not(Contains("read")), Not(Contains("cachestat"))));
  EXPECT_THAT(names, Not(Contains("clone3"))) << "known, but a newer libc falls back from ENOSYS";
  session.session().kernel_release = "5.4.0";
  const std::vector<std::string> older =
      json::parse(one_advice(session).document)["syscalls"].back()["names"];
  EXPECT_THAT(older, AllOf(Contains("mount"), Not(Contains("landlock_restrict_self"))));
}

TEST(SeccompAdvisor, GivesTheErrorThatIsAskedForToWhatTheKernelKnew) {
  FakeSession session;
  session.calls(session.workload("web"), "startup", {"read"});
  const json acces = json::parse(one_advice(session, with("default-errno", "EACCES")).document);
  EXPECT_EQ(acces["syscalls"].back()["errnoRet"], EACCES);
  const json nosys = json::parse(one_advice(session, with("default-errno", "ENOSYS")).document);
  EXPECT_EQ(nosys["defaultErrnoRet"], ENOSYS);
  EXPECT_EQ(nosys["syscalls"].back()["action"], "SCMP_ACT_ALLOW");
}

TEST(SeccompAdvisor, KillsOnlyForCallsThatTheKernelKnew) {
  FakeSession session;
  session.calls(session.workload("web"), "startup", {"read"});
  const json document = json::parse(one_advice(session, with("default-action", "kill")).document);
  EXPECT_EQ(document["syscalls"].back()["errnoRet"], ENOSYS);
  const std::vector<std::string> newer = document["syscalls"].back()["names"];
  EXPECT_THAT(newer, AllOf(Contains("clone3"), Not(Contains("mount"))));
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
  EXPECT_EQ(json::parse(advice.document)["syscalls"].size(), 3U);
  EXPECT_THAT(advice.document, Not(HasSubstr("\x1b")));
}

// ---- arguments

std::vector<json> rules_of(const Advice& advice, const std::string& name) {
  std::vector<json> rules;
  const json document = json::parse(advice.document);
  for (const json& rule : document["syscalls"]) {
    const std::vector<std::string> names = rule["names"];
    if (rule["action"] == "SCMP_ACT_ALLOW" && std::ranges::count(names, name) > 0) {
      rules.push_back(rule);
    }
  }
  return rules;
}

// libseccomp#383: the upper half of the register is chance where the kernel takes an int.
TEST(SeccompAdvisor, AllowsOnlyTheSocketDomainsThatWereSeenWithTheUpperHalfMasked) {
  FakeSession session;
  session.values(session.workload("web"), "startup", "socket", 0, {1, 2});
  const auto rules = rules_of(one_advice(session), "socket");
  ASSERT_EQ(rules.size(), 2U) << "values are alternatives: one entry each";
  EXPECT_EQ(rules[0]["args"], json::parse(R"([{"index": 0, "value": 4294967295, "valueTwo": 1,
                                               "op": "SCMP_CMP_MASKED_EQ"}])"));
  EXPECT_EQ(rules[1]["args"][0]["valueTwo"], 2);
}

TEST(SeccompAdvisor, ForbidsTheNamespaceFlagsThatWereNeverSet) {
  FakeSession session;
  constexpr std::uint64_t kNewUser = 0x10000000, kThread = 0x3d0f00;
  const Workload& web = session.workload("web");
  session.values(web, "startup", "clone", 0, {kThread, kNewUser | 17});
  const auto rules = rules_of(one_advice(session, with("no-start-block", "true")), "clone");
  ASSERT_EQ(rules.size(), 1U);
  EXPECT_EQ(rules[0]["args"][0]["value"], 0x6e020000) << "all but CLONE_NEWUSER";
  EXPECT_EQ(rules[0]["args"][0]["valueTwo"], 0);
}

TEST(SeccompAdvisor, LimitsCommandsOnlyWhenAllArgumentsAreAskedFor) {
  FakeSession session;
  session.values(session.workload("web"), "startup", "fcntl", 1, {4});
  const auto args = [&](const std::string& mode) {
    AdviceRequest request = with("args", mode);
    request.options["no-start-block"] = "true";
    return rules_of(one_advice(session, request), "fcntl").at(0).contains("args");
  };
  EXPECT_FALSE(args("none"));
  EXPECT_FALSE(args("safe"));
  EXPECT_TRUE(args("all"));
  EXPECT_EQ(advise(session, with("args", "some")).error().code, ErrorCode::kUsage);
}

TEST(SeccompAdvisor, AllowsAnyValueWhereTheRecordingDidNotKeepAll) {
  FakeSession session;
  const Workload& web = session.workload("web");
  session.values(web, "startup", "socket", 0, {1}).more_values(web, "startup", "socket", 0);
  const Advice advice = one_advice(session);
  EXPECT_FALSE(rules_of(advice, "socket").at(0).contains("args"));
  EXPECT_THAT(advice.caveats, Contains(HasSubstr("socket: argument 1 had more values")));
}

TEST(SeccompAdvisor, LimitsNothingThatTheStartBlockNeeds) {
  FakeSession session;
  Workload& web = session.workload("web");
  web.partial = true;
  session.values(web, "running", "prctl", 0, {15});
  for (const char* mode : {"none", "all"}) {
    const auto rules = rules_of(one_advice(session, with("args", mode)), "prctl");
    ASSERT_EQ(rules.size(), 1U) << mode;
    EXPECT_FALSE(rules[0].contains("args")) << mode;
  }
}

// setns(fd, 0) joins a namespace of any kind.
TEST(SeccompAdvisor, TakesZeroForAnyKindOfNamespace) {
  FakeSession session;
  session.values(session.workload("web"), "startup", "setns", 1, {0, 0x40000000});
  EXPECT_FALSE(rules_of(one_advice(session), "setns").at(0).contains("args"));
}

// ---- many recordings

Result<std::vector<Advice>> advise_both(FakeSession& first, FakeSession& second,
                                        AdviceRequest request = {}) {
  return test::advise("seccomp-profile", {&first, &second}, std::move(request));
}

// SPM drops argument filters that differ, and so widens.
TEST(SeccompAdvisor, MergesRecordingsToTheExactUnion) {
  FakeSession first, second;
  const Workload& web = first.workload("web");
  first.calls(web, "startup", {"read"}).values(web, "startup", "socket", 0, {1});
  second.values(second.workload("web"), "startup", "socket", 0, {2});
  second.calls(second.workload("db"), "startup", {"fsync"});
  const auto advice = advise_both(first, second);
  ASSERT_TRUE(advice) << advice.error().message;
  ASSERT_EQ(advice->size(), 2U);
  const auto rules = rules_of(advice->front(), "socket");
  ASSERT_EQ(rules.size(), 2U);
  EXPECT_EQ(rules[0]["args"][0]["valueTwo"], 1);
  EXPECT_EQ(rules[1]["args"][0]["valueTwo"], 2);
  EXPECT_THAT(names(advice->front()), AllOf(Contains("read"), Not(Contains("fsync"))));
}

// A recording that kept no values says that any may be needed.
TEST(SeccompAdvisor, DoesNotLimitWhatOneOfTheRecordingsDidNotMeasure) {
  FakeSession first, second;
  first.values(first.workload("web"), "startup", "socket", 0, {1});
  second.calls(second.workload("web"), "startup", {"socket"});
  EXPECT_FALSE(rules_of(advise_both(first, second)->front(), "socket").at(0).contains("args"));
}

TEST(SeccompAdvisor, SaysWhichInstancesMadeACall) {
  FakeSession first, second;
  first.calls(first.workload("web"), "startup", {"read", "openat"});
  second.calls(second.workload("web"), "startup", {"read"});
  const auto advice = advise_both(first, second);
  const auto fact = [&](const std::string& rule) {
    return std::ranges::find(advice->front().evidence, rule, &Evidence::rule)->fact;
  };
  EXPECT_THAT(fact("x86_64 read"), HasSubstr("2 of 2 instances in 2 of 2 recordings"));
  EXPECT_THAT(fact("x86_64 openat"), HasSubstr("1 of 2 instances in 1 of 2 recordings"));
}

TEST(SeccompAdvisor, MergesReplicasOfOneOwnerWhenAsked) {
  FakeSession session;
  for (const char* pod : {"web-7d4b9-aaaaa", "web-7d4b9-bbbbb"}) {
    Workload& web = session.workload("nginx");
    web.kube_namespace = "shop";
    web.pod = pod;
    web.container = "nginx";
    web.labels = {{"pod-template-hash", "7d4b9"}};
    session.calls(web, "startup", {"read"});
  }
  EXPECT_EQ(advise(session)->size(), 2U);
  const auto merged = advise(session, with("by", "owner"));
  ASSERT_EQ(merged->size(), 1U);
  EXPECT_EQ(merged->front().name, "shop-web-nginx");
}

TEST(SeccompAdvisor, RefusesWhereOneOfTheRecordingsLost) {
  FakeSession first, second;
  first.calls(first.workload("web"), "startup", {"read"});
  second.calls(second.workload("web"), "startup", {"read"});
  second.lose("advise_seccomp", Loss::Kind::kMapFull);
  EXPECT_EQ(advise_both(first, second).error().code, ErrorCode::kRefused);
}

// ---- how it will be started

// inspektor-gadget#267: the place where runc loads the filter depends on it.
TEST(SeccompAdvisor, FitsTheStartToThePrivilegesThatItWillHave) {
  FakeSession session;
  Workload& web = session.workload("web");
  web.runtime = "runc";
  web.no_new_privileges = true;
  session.calls(web, "setup", {"epoll_ctl"}, 1, 5).mark(web, "no_new_privs", 2);
  session.mark(web, "get_pdeathsig", 1).calls(web, "startup", {"read"});
  const auto all_names = [&](const std::string& value) {
    std::set<std::string> all;
    const json document =
        json::parse(one_advice(session, with("allow-privilege-escalation", value)).document);
    for (const json& rule : document["syscalls"]) {
      if (rule["action"] != "SCMP_ACT_ALLOW") continue;
      for (const std::string name : rule["names"]) all.insert(name);
    }
    return all;
  };
  EXPECT_THAT(all_names("false"), AllOf(Contains("epoll_ctl"), Not(Contains("setgroups"))));
  EXPECT_THAT(all_names("true"), Contains("setgroups"));
}

TEST(SeccompAdvisor, GivesAnotherRuntimeItsOwnCalls) {
  FakeSession session;
  Workload& web = session.workload("web");
  web.runtime = "runc";
  session.calls(web, "setup", {"getdents64"}, 1, 5).mark(web, "get_pdeathsig", 1);
  session.calls(web, "startup", {"read"});
  const auto document = [&](const std::string& runtime) {
    return one_advice(session, with("runtime", runtime));
  };
  EXPECT_THAT(rules_of(document("crun"), "getdents64"), IsEmpty());
  EXPECT_THAT(rules_of(document("crun"), "setresuid"), Not(IsEmpty()));
  EXPECT_THAT(rules_of(document("any"), "getdents64"), Not(IsEmpty()));
  EXPECT_THAT(rules_of(document("any"), "setresuid"), Not(IsEmpty()));
}

// ---- architectures

TEST(SeccompAdvisor, TranslatesToAnotherArchitectureByNames) {
  FakeSession session;
  session.calls(session.workload("web"), "startup", {"open", "epoll_wait", "read", "iopl"});
  const Advice advice = one_advice(session, with("target-arch", "aarch64"));
  EXPECT_EQ(json::parse(advice.document)["architectures"], json({"SCMP_ARCH_AARCH64"}));
  EXPECT_THAT(names(advice), IsSupersetOf({"openat", "epoll_pwait", "read"}));
  EXPECT_THAT(names(advice), Not(Contains("open")));
  EXPECT_THAT(advice.caveats, Contains(AllOf(HasSubstr("aarch64 has no such"), HasSubstr("iopl"))));
}

TEST(SeccompAdvisor, AddsTheCompatArchitecturesWhenAsked) {
  FakeSession session;
  session.calls(session.workload("web"), "startup", {"read"});
  EXPECT_EQ(json::parse(one_advice(session, with("keep-compat", "true")).document)["architectures"],
            json({"SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"}));
}

// ---- steps and phases

TEST(SeccompAdvisor, WritesTheLadderFromLoggingToEnforcing) {
  FakeSession session;
  session.calls(session.workload("web"), "startup", {"read"});
  const auto ladder = advise(session, with("ladder", "true"));
  ASSERT_EQ(ladder->size(), 3U);
  const json log = json::parse((*ladder)[0].document);
  const json errno_log = json::parse((*ladder)[1].document);
  const json enforce = json::parse((*ladder)[2].document);
  EXPECT_EQ(log["defaultAction"], "SCMP_ACT_LOG");
  EXPECT_EQ(errno_log["flags"], json({"SECCOMP_FILTER_FLAG_LOG"}));
  EXPECT_EQ(errno_log["syscalls"], enforce["syscalls"]);
  EXPECT_FALSE(enforce.contains("flags"));
}

TEST(SeccompAdvisor, TellsWhatCouldBeDroppedAfterStartUp) {
  FakeSession session;
  const Workload& web = session.workload("web");
  session.calls(web, "startup", {"bind", "read"}).calls(web, "steady", {"read"});
  const Advice advice = one_advice(session, with("phases", "true"));
  EXPECT_EQ(advice.extension, "txt");
  EXPECT_THAT(advice.document, HasSubstr("could be dropped after start-up: bind\n"));
}

TEST(SeccompAdvisor, StatesWhatItsEstimatesAssume) {
  FakeSession session;
  session.calls(session.workload("web"), "startup", {"read"});
  EXPECT_THAT(one_advice(session).summary,
              Contains(AllOf(HasSubstr("Good-Turing"), HasSubstr("independent"))));
}

}  // namespace
}  // namespace ig::test
