// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "advisors/advisor.h"
#include "advisors/capabilities/kernel_asker.h"
#include "tests/support/advise.h"
#include "tests/support/fake_session.h"

namespace ig::test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::uint64_t kHostMntns = 4026531832;
constexpr std::uint64_t kOwnUserns = 4026532300;
constexpr std::uint64_t bit(unsigned number) { return std::uint64_t{1} << number; }

Result<std::vector<Advice>> advise(FakeSession& session, const std::string& format = "",
                                   bool tolerate_loss = false) {
  AdviceRequest request;
  request.format = format;
  request.tolerate_loss = tolerate_loss;
  return test::advise("capabilities", {&session}, request);
}

Advice one_advice(FakeSession& session, const std::string& format = "",
                  bool tolerate_loss = false) {
  auto advice = advise(session, format, tolerate_loss);
  EXPECT_TRUE(advice) << advice.error().message;
  EXPECT_EQ(advice->size(), 1U);
  return advice->front();
}

// The line of the summary that says what is added.
std::string decision(FakeSession& session) { return one_advice(session).summary.at(1); }

Workload& container(FakeSession& session) {
  Workload& web = session.workload("web");
  web.mntns_id = kMntns;
  session.mark(web, "entry_exec", 5);
  return web;
}

// The first thing that each program is asked: the kernel counts its memory.
CapabilityUse& starts(FakeSession& session, const Workload& workload, const std::string& comm,
                      std::uint32_t uid = 0, std::uint64_t effective = 0) {
  CapabilityUse& use = session.asked(workload, "CAP_SYS_ADMIN", "mmap", comm, 6, 6);
  use.audit = 0;
  use.granted = false;
  use.uid = uid;
  use.effective = effective;
  return use;
}

TEST(CapabilitiesAdvisor, AddsWhatWasGrantedAndAudited) {
  FakeSession session;
  const Workload& web = container(session);
  session.asked(web, "CAP_SETUID", "setuid", "nginx");
  session.asked(web, "CAP_NET_BIND_SERVICE", "bind", "nginx");
  EXPECT_EQ(decision(session), "drop ALL, add CAP_NET_BIND_SERVICE, CAP_SETUID");
}

TEST(CapabilitiesAdvisor, AProbeIsNoNeed) {
  FakeSession session;
  const Workload& web = container(session);
  session.asked(web, "CAP_SYS_PTRACE", "read", "ps").audit = 0;
  const Advice advice = one_advice(session);
  EXPECT_EQ(advice.summary.at(1), "drop ALL, add nothing");
  EXPECT_THAT(advice.summary, Contains("not added, probed only: CAP_SYS_PTRACE (4)"));
  EXPECT_THAT(advice.document, Not(HasSubstr("add:")));
}

// Without no_new_privs seccomp() fails where CAP_SYS_ADMIN is missing, and audits nothing.
TEST(CapabilitiesAdvisor, LoadingAFilterNeedsWhatItAsksForWithoutAudit) {
  FakeSession session;
  const Workload& web = container(session);
  session.asked(web, "CAP_SYS_ADMIN", "seccomp", "sandbox").audit = 0;
  EXPECT_EQ(decision(session), "drop ALL, add CAP_SYS_ADMIN");
}

TEST(CapabilitiesAdvisor, ThePlaceInTheKernelTellsAProbeWhereTheKernelDoesNot) {
  FakeSession session;
  const Workload& web = container(session);
  CapabilityUse& mount = session.asked(web, "CAP_SYS_CHROOT", "chroot", "daemon");
  mount.audit = -1;
  mount.kernel_stack = "do_syscall_64;__x64_sys_chroot;ns_capable;security_capable;cap_capable";
  CapabilityUse& memory = session.asked(web, "CAP_SYS_ADMIN", "mmap", "daemon");
  memory.audit = -1;
  memory.kernel_stack = "do_mmap;__mmap_region;security_vm_enough_memory_mm;cap_capable";
  const Advice advice = one_advice(session);
  EXPECT_EQ(advice.summary.at(1), "drop ALL, add CAP_SYS_CHROOT");
  EXPECT_THAT(advice.caveats, IsEmpty());
}

TEST(CapabilitiesAdvisor, WhatMayBeAProbeIsAddedAndSaid) {
  FakeSession session;
  const Workload& web = container(session);
  session.asked(web, "CAP_SYSLOG", "openat", "dmesg").audit = -1;
  const Advice advice = one_advice(session);
  EXPECT_EQ(advice.summary.at(1), "drop ALL, add CAP_SYSLOG");
  EXPECT_THAT(advice.caveats,
              ElementsAre("added, though the kernel may only have probed for it: CAP_SYSLOG"));
}

TEST(CapabilitiesAdvisor, ARefusalIsToldWithItsCountAndNotAdded) {
  FakeSession session;
  const Workload& web = container(session);
  session.asked(web, "CAP_DAC_READ_SEARCH", "openat", "nginx").granted = false;
  const Advice advice = one_advice(session);
  EXPECT_EQ(advice.summary.at(1), "drop ALL, add nothing");
  EXPECT_THAT(advice.summary, Contains("not added, refused: CAP_DAC_READ_SEARCH (4)"));
}

// As root a need, as the worker a refusal: it is needed, and is not told as refused.
TEST(CapabilitiesAdvisor, WhatIsNeededOnceIsAdded) {
  FakeSession session;
  const Workload& web = container(session);
  session.asked(web, "CAP_KILL", "kill", "nginx");
  CapabilityUse& worker = session.asked(web, "CAP_KILL", "kill", "nginx");
  worker.granted = false;
  worker.uid = 33;
  const Advice advice = one_advice(session);
  EXPECT_EQ(advice.summary.at(1), "drop ALL, add CAP_KILL");
  EXPECT_THAT(advice.summary, Not(Contains(HasSubstr("refused"))));
  EXPECT_EQ(advice.evidence.size(), 2U);
}

TEST(CapabilitiesAdvisor, TheRuntimesSetUpIsLeftOutByItsTime) {
  FakeSession session;
  const Workload& web = container(session);
  session.asked(web, "CAP_SYS_ADMIN", "mount", "runc:[2:INIT]", 1, 4).program_mntns = 0;
  session.asked(web, "CAP_SETUID", "setuid", "nginx");
  const Advice advice = one_advice(session);
  EXPECT_EQ(advice.summary.at(1), "drop ALL, add CAP_SETUID");
  EXPECT_THAT(advice.summary, Contains("not added, the runtime's set-up: CAP_SYS_ADMIN (4)"));
}

// crun's program lies on the host, runc's in memory; both come again for exec sessions.
TEST(CapabilitiesAdvisor, TheSetUpOfExecSessionsIsLeftOutByItsProgram) {
  FakeSession session;
  const Workload& web = container(session);
  session.asked(web, "CAP_SYS_ADMIN", "setns", "crun", 60, 60).program_mntns = kHostMntns;
  session.asked(web, "CAP_SETGID", "setgid", "runc:[2:INIT]", 1, 60).program_mntns = 0;
  session.asked(web, "CAP_CHOWN", "fchownat", "chown", 61, 61);
  EXPECT_EQ(decision(session), "drop ALL, add CAP_CHOWN");
}

TEST(CapabilitiesAdvisor, AProgramFromMemoryIsTheWorkloadsOwn) {
  FakeSession session;
  const Workload& web = container(session);
  session.asked(web, "CAP_CHOWN", "chown", "packed", 10, 20).program_mntns = 0;
  EXPECT_EQ(decision(session), "drop ALL, add CAP_CHOWN");
}

TEST(CapabilitiesAdvisor, ARuntimeInsideTheContainerIsPartOfIt) {
  FakeSession session;
  const Workload& web = container(session);
  session.asked(web, "CAP_DAC_OVERRIDE", "mkdirat", "runc");
  session.asked(web, "CAP_SYS_ADMIN", "unshare", "runc:[1:CHILD]").program_mntns = 0;
  EXPECT_EQ(decision(session), "drop ALL, add CAP_DAC_OVERRIDE, CAP_SYS_ADMIN");
}

TEST(CapabilitiesAdvisor, AUserNamespaceOfItsOwnMakingIsNotTheContainers) {
  FakeSession session;
  const Workload& web = container(session);
  starts(session, web, "browser");
  CapabilityUse& inside = session.asked(web, "CAP_SYS_ADMIN", "mount", "browser");
  inside.current_userns = inside.target_userns = kOwnUserns;
  CapabilityUse& parent = session.asked(web, "CAP_SETUID", "write", "browser");
  parent.target_userns = kOwnUserns;
  const Advice advice = one_advice(session);
  EXPECT_EQ(advice.summary.at(1), "drop ALL, add nothing");
  EXPECT_THAT(advice.summary, Contains("not added, in a user namespace of its own making: "
                                       "CAP_SETUID (4), CAP_SYS_ADMIN (4)"));
}

TEST(CapabilitiesAdvisor, AContainersOwnUserNamespaceIsItsHome) {
  FakeSession session;
  const Workload& web = container(session);
  CapabilityUse& bind = session.asked(web, "CAP_NET_BIND_SERVICE", "bind", "nginx");
  bind.current_userns = bind.target_userns = bind.mntns_userns = kOwnUserns;
  bind.uid = 100000;
  const Advice advice = one_advice(session, "systemd");
  EXPECT_EQ(advice.summary.at(1), "drop ALL, add CAP_NET_BIND_SERVICE");
  EXPECT_THAT(advice.document, Not(HasSubstr("Ambient")));
  EXPECT_THAT(advice.caveats, ElementsAre(HasSubstr("whether it starts as root")));
}

TEST(CapabilitiesAdvisor, AnotherUserThanRootKeepsItsCapabilitiesByTheAmbientSet) {
  FakeSession session;
  const Workload& web = container(session);
  starts(session, web, "caddy", 33, bit(10));
  CapabilityUse& bind = session.asked(web, "CAP_NET_BIND_SERVICE", "bind", "caddy");
  bind.uid = 33;
  bind.effective = bit(10);
  EXPECT_THAT(one_advice(session, "systemd").document,
              HasSubstr("AmbientCapabilities=CAP_NET_BIND_SERVICE\n"));
  EXPECT_THAT(one_advice(session, "oci").document,
              HasSubstr("\"ambient\": [\n        \"CAP_NET_BIND_SERVICE\""));
  EXPECT_THAT(one_advice(session, "kubernetes").caveats,
              ElementsAre(AllOf(HasSubstr("user 33, not root"), HasSubstr("setcap"))));
}

TEST(CapabilitiesAdvisor, RootNeedsNoAmbientSet) {
  FakeSession session;
  const Workload& web = container(session);
  starts(session, web, "nginx", 0, bit(10));
  session.asked(web, "CAP_NET_BIND_SERVICE", "bind", "nginx");
  const std::string document = one_advice(session, "systemd").document;
  EXPECT_THAT(document, HasSubstr("CapabilityBoundingSet=\n"
                                  "CapabilityBoundingSet=CAP_NET_BIND_SERVICE\n"));
  EXPECT_THAT(document, Not(HasSubstr("Ambient")));
}

TEST(CapabilitiesAdvisor, WhatAFileBroughtInIsNotAmbientAndSaid) {
  FakeSession session;
  const Workload& web = container(session);
  starts(session, web, "sh", 1000);
  CapabilityUse& raw = session.asked(web, "CAP_NET_RAW", "socket", "ping");
  raw.uid = 1000;
  raw.effective = bit(13);
  const Advice advice = one_advice(session, "systemd");
  EXPECT_THAT(advice.document,
              AllOf(HasSubstr("CapabilityBoundingSet=CAP_NET_RAW"), Not(HasSubstr("Ambient"))));
  EXPECT_THAT(advice.caveats, ElementsAre(AllOf(HasSubstr("CAP_NET_RAW"),
                                                HasSubstr("no_new_privileges would forbid"))));
}

TEST(CapabilitiesAdvisor, APartialWorkloadsStartIsMissing) {
  FakeSession session;
  Workload& web = container(session);
  web.partial = true;
  session.asked(web, "CAP_KILL", "kill", "nginx");
  const Advice advice = one_advice(session);
  EXPECT_THAT(advice.caveats, ElementsAre(HasSubstr("what it needs to start was not seen")));
  EXPECT_THAT(advice.document, HasSubstr("# Its start was not recorded.\n"));
}

TEST(CapabilitiesAdvisor, RefusesWhatIsLossy) {
  FakeSession session;
  const Workload& web = container(session);
  session.asked(web, "CAP_KILL", "kill", "nginx");
  session.lose("trace_capabilities", Loss::Kind::kMapFull, web.id);
  const auto advice = advise(session);
  ASSERT_FALSE(advice);
  EXPECT_EQ(advice.error().code, ErrorCode::kRefused);
}

TEST(CapabilitiesAdvisor, ToleratedLossesDropNothing) {
  FakeSession session;
  const Workload& web = container(session);
  session.asked(web, "CAP_KILL", "kill", "nginx");
  session.lose("trace_capabilities", Loss::Kind::kMapFull, web.id);
  for (const char* format : {"kubernetes", "compose", "systemd"}) {
    const std::string document = one_advice(session, format, true).document;
    EXPECT_THAT(document, AllOf(HasSubstr("# With losses"), Not(HasSubstr("- ALL")),
                                Not(HasSubstr("\nCapabilityBoundingSet"))))
        << format;
  }
  const auto oci = advise(session, "oci", true);
  ASSERT_FALSE(oci);
  EXPECT_EQ(oci.error().code, ErrorCode::kRefused);
}

TEST(CapabilitiesAdvisor, AKernelThatDoesNotTellHowItAsksIsNoLoss) {
  FakeSession session;
  const Workload& web = container(session);
  session.asked(web, "CAP_KILL", "kill", "nginx");
  session.runs()[2].programs.push_back(
      {"entered", "fentry/cap_capable", false, "no fentry", "audit, insetid"});
  EXPECT_EQ(decision(session), "drop ALL, add CAP_KILL");
}

TEST(CapabilitiesAdvisor, ASessionWithoutThemIsAnError) {
  FakeSession session;
  container(session);
  session.runs().pop_back();
  const auto advice = advise(session);
  ASSERT_FALSE(advice);
  EXPECT_EQ(advice.error().code, ErrorCode::kNotFound);
}

TEST(CapabilitiesAdvisor, NothingAskedIsNoAdviceAndSaid) {
  FakeSession session;
  const Workload& web = container(session);
  session.asked(web, "CAP_SYS_ADMIN", "mount", "crun", 1, 4).program_mntns = kHostMntns;
  const Advice advice = one_advice(session);
  EXPECT_EQ(advice.document, "");
  EXPECT_THAT(advice.caveats, ElementsAre(HasSubstr("no advice")));
}

TEST(CapabilitiesAdvisor, EachWorkloadHasADocument) {
  FakeSession session;
  session.asked(session.workload("web"), "CAP_KILL", "kill", "nginx");
  session.asked(session.workload("web"), "CAP_CHOWN", "chown", "nginx");
  const auto advice = advise(session, "compose");
  ASSERT_TRUE(advice);
  ASSERT_EQ(advice->size(), 2U);
  EXPECT_THAT(advice->at(0).document, HasSubstr("\n  web:\n"));
  EXPECT_THAT(advice->at(1).document, HasSubstr("\n  web-2:\n"));
}

TEST(CapabilitiesAdvisor, NamesFromASessionCannotBreakOut) {
  FakeSession session;
  Workload& web = session.workload("web\nsecurityContext: {privileged: true}");
  session.asked(web, "CAP_KILL\n      - ALL", "kill", "a\nb");
  const Advice advice = one_advice(session);
  EXPECT_THAT(advice.document,
              AllOf(Not(HasSubstr("\nsecurityContext: {")), Not(HasSubstr("add:"))));
  EXPECT_THAT(advice.caveats, Contains(HasSubstr("they have no name here")));
}

TEST(KernelAsker, KnowsTheFunctionThatAsksInAnyOfItsForms) {
  EXPECT_TRUE(asked_without_audit("f;ns_capable_noaudit;security_capable;cap_capable"));
  EXPECT_TRUE(
      asked_without_audit("f;has_ns_capability_noaudit.part.0;security_capable;cap_capable"));
  EXPECT_TRUE(asked_without_audit("f;kallsyms_show_value;security_capable;cap_capable"));
  EXPECT_TRUE(
      asked_without_audit("f;security_vm_enough_memory_mm;cap_vm_enough_memory;cap_capable"));
}

TEST(KernelAsker, DoesNotTakeACallerFurtherOutForTheAsker) {
  EXPECT_FALSE(
      asked_without_audit("kallsyms_show_value;a;b;ns_capable;security_capable;cap_capable"));
  EXPECT_FALSE(asked_without_audit("cap_capable"));
  EXPECT_FALSE(asked_without_audit(""));
}

}  // namespace
}  // namespace ig::test
