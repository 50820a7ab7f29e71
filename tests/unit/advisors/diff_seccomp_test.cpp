// SPDX-License-Identifier: Apache-2.0
#include "advisors/seccomp/diff_seccomp.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/support/diff.h"
#include "tests/support/fake_session.h"

namespace ig::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Kind = SeccompChange::Kind;

std::string profile(const std::string& rules, const std::string& archs = "\"SCMP_ARCH_X86_64\"",
                    const std::string& head = R"("defaultErrnoRet":38)") {
  return fmt::format(R"({{"defaultAction":"SCMP_ACT_ERRNO",{},"architectures":[{}],)"
                     R"("syscalls":[{}]}})",
                     head, archs, rules);
}
std::string allow(const std::string& names, const std::string& arguments = "") {
  return fmt::format(R"({{"names":[{}],"action":"SCMP_ACT_ALLOW","args":[{}]}})", names, arguments);
}
std::string argument(unsigned index, const std::string& op, std::uint64_t value,
                     std::uint64_t two = 0) {
  return fmt::format(R"({{"index":{},"value":{},"valueTwo":{},"op":"SCMP_CMP_{}"}})", index, value,
                     two, op);
}
std::string refuse(const std::string& names, int error) {
  return fmt::format(R"({{"names":[{}],"action":"SCMP_ACT_ERRNO","errnoRet":{}}})", names, error);
}

// --- profiles: same meaning, no difference ---

TEST(DiffSeccomp, OrderAndGroupingOfNamesDoNotMatter) {
  EXPECT_THAT(texts(Differ().profiles(profile(allow(R"("read","write")")),
                                      profile(allow(R"("write")") + "," + allow(R"("read")")))),
              IsEmpty());
}

TEST(DiffSeccomp, OneRuleOfRangesIsTheSameAsManyOfValues) {
  std::string each;
  for (const int value : {3, 1, 0, 2}) {
    each += (each.empty() ? "" : ",") + allow(R"("socket")", argument(0, "EQ", value));
  }
  EXPECT_THAT(
      texts(Differ().profiles(profile(each), profile(allow(R"("socket")", argument(0, "LT", 4))))),
      IsEmpty());
}

// As runc: several comparisons of one argument are alternatives.
TEST(DiffSeccomp, ComparisonsOfOneArgumentAreAlternatives) {
  EXPECT_THAT(texts(Differ().profiles(
                  profile(allow(R"("socket")", argument(0, "EQ", 1) + "," + argument(0, "EQ", 2))),
                  profile(allow(R"("socket")", argument(0, "EQ", 1)) + "," +
                          allow(R"("socket")", argument(0, "EQ", 2))))),
              IsEmpty());
}

TEST(DiffSeccomp, ARuleThatRepeatsTheDefaultActionSaysNothing) {
  EXPECT_THAT(texts(Differ().profiles(profile(allow(R"("read")") + "," + refuse(R"("bpf")", 38)),
                                      profile(allow(R"("read")")))),
              IsEmpty());
}

TEST(DiffSeccomp, AnArgumentRuleBesideOneWithoutSaysNothing) {
  EXPECT_THAT(texts(Differ().profiles(
                  profile(allow(R"("socket")") + "," + allow(R"("socket")", argument(0, "EQ", 1))),
                  profile(allow(R"("socket")")))),
              IsEmpty());
}

TEST(DiffSeccomp, NoArchitecturesMeansTheMachinesOwn) {
  EXPECT_THAT(texts(Differ("x86_64").profiles(profile(allow(R"("read")"), ""),
                                              profile(allow(R"("read")")))),
              IsEmpty());
}

// --- profiles: what is new ---

TEST(DiffSeccomp, AnAllowedNameIsAdded) {
  const auto diff =
      Differ().profiles(profile(allow(R"("read")")), profile(allow(R"("read","bpf")")));
  ASSERT_THAT(texts(diff), ElementsAre("added bpf"));
  EXPECT_TRUE(diff.gains());
  EXPECT_EQ(diff.changes[0].before, "ENOSYS");
  EXPECT_EQ(diff.changes[0].after, "allow");
  EXPECT_THAT(diff.changes[0].groups, ElementsAre("@privileged"));
  EXPECT_EQ(diff.changes[0].danger, "loads programs into the kernel");
}

TEST(DiffSeccomp, AnAllowedNameThatIsGoneIsRemovedAndNothingNew) {
  const auto diff =
      Differ().profiles(profile(allow(R"("read","bpf")")), profile(allow(R"("read")")));
  ASSERT_THAT(texts(diff), ElementsAre("removed bpf"));
  EXPECT_FALSE(diff.gains());
}

TEST(DiffSeccomp, AFurtherArgumentValueWidens) {
  const auto diff = Differ().profiles(profile(allow(R"("socket")", argument(0, "EQ", 1))),
                                      profile(allow(R"("socket")", argument(0, "EQ", 1)) + "," +
                                              allow(R"("socket")", argument(0, "EQ", 10))));
  ASSERT_THAT(texts(diff), ElementsAre("widened socket"));
  EXPECT_TRUE(diff.gains());
  EXPECT_EQ(diff.changes[0].gained, "argument 1: AF_INET6");
  EXPECT_EQ(diff.changes[0].lost, "");
}

TEST(DiffSeccomp, AnArgumentValueThatIsGoneNarrows) {
  const auto diff = Differ().profiles(profile(allow(R"("socket")")),
                                      profile(allow(R"("socket")", argument(0, "NE", 40))));
  ASSERT_THAT(texts(diff), ElementsAre("narrowed socket"));
  EXPECT_FALSE(diff.gains());
  EXPECT_EQ(diff.changes[0].lost, "argument 1: AF_VSOCK");
}

TEST(DiffSeccomp, ValuesForOthersAreBothToldAndNew) {
  const auto diff = Differ().profiles(profile(allow(R"("socket")", argument(0, "EQ", 1))),
                                      profile(allow(R"("socket")", argument(0, "EQ", 2))));
  ASSERT_THAT(texts(diff), ElementsAre("widened socket"));
  EXPECT_EQ(diff.changes[0].gained, "argument 1: AF_INET");
  EXPECT_EQ(diff.changes[0].lost, "argument 1: AF_UNIX");
}

TEST(DiffSeccomp, AnAddedCallTellsItsRulesOnArguments) {
  const auto diff =
      Differ().profiles(profile(""), profile(allow(R"("socket")", argument(0, "NE", 40))));
  ASSERT_THAT(texts(diff), ElementsAre("added socket"));
  EXPECT_EQ(diff.changes[0].gained, "argument 1: all but AF_VSOCK");
}

TEST(DiffSeccomp, ANamespaceFlagThatIsFreedIsNamed) {
  constexpr std::uint64_t kAll = 0x7e020000, kButUser = 0x6e020000;
  const auto diff =
      Differ().profiles(profile(allow(R"("clone")", argument(0, "MASKED_EQ", kAll, 0))),
                        profile(allow(R"("clone")", argument(0, "MASKED_EQ", kButUser, 0))));
  ASSERT_THAT(texts(diff), ElementsAre("widened clone"));
  EXPECT_TRUE(diff.changes[0].gained.ends_with(" == CLONE_NEWUSER")) << diff.changes[0].gained;
}

// Another process may let the call go on.
TEST(DiffSeccomp, ACallThatIsNowAskedForIsAdded) {
  const auto diff =
      Differ().profiles(profile(""), profile(R"({"names":["mount"],"action":"SCMP_ACT_NOTIFY"})"));
  EXPECT_THAT(texts(diff), ElementsAre("added mount"));
}

// --- profiles: denied in another way ---

TEST(DiffSeccomp, AnotherErrnoOfADeniedCallIsNotNew) {
  const auto diff = Differ().profiles(profile(refuse(R"("mount")", 1)), profile(""));
  ASSERT_THAT(texts(diff), ElementsAre("answered otherwise mount"));
  EXPECT_FALSE(diff.gains());
  EXPECT_EQ(diff.changes[0].before, "EPERM");
  EXPECT_EQ(diff.changes[0].after, "ENOSYS");
}

TEST(DiffSeccomp, AnotherDefaultErrnoIsOneChange) {
  const auto diff = Differ().profiles(
      profile(allow(R"("read")")),
      profile(allow(R"("read")"), R"("SCMP_ARCH_X86_64")", R"("defaultErrnoRet":1)"));
  ASSERT_THAT(texts(diff), ElementsAre("answered otherwise default action"));
  EXPECT_FALSE(diff.gains());
  EXPECT_GT(diff.changes[0].calls.size(), 300U);
}

TEST(DiffSeccomp, ADefaultActionThatLetsThroughIsNew) {
  const auto diff =
      Differ().profiles(profile(allow(R"("read")")),
                        R"({"defaultAction":"SCMP_ACT_LOG","architectures":["SCMP_ARCH_X86_64"]})");
  EXPECT_THAT(texts(diff), ElementsAre("widened default action", "answered otherwise read"));
  EXPECT_TRUE(diff.gains());
}

// --- architectures ---

TEST(DiffSeccomp, ADroppedArchitectureIsOneChange) {
  const std::string both = R"("SCMP_ARCH_X86_64","SCMP_ARCH_X86")";
  const auto before = profile(allow(R"("read","write")"), both);
  const auto diff = Differ().profiles(before, profile(allow(R"("read","write")")));
  ASSERT_THAT(texts(diff), ElementsAre("removed i386"));
  EXPECT_THAT(diff.changes[0].calls, ElementsAre("read", "write"));
  EXPECT_FALSE(diff.gains());
  EXPECT_TRUE(Differ().profiles(profile(allow(R"("read","write")")), before).gains());
}

TEST(DiffSeccomp, WhatChangesOnSeveralArchitecturesIsToldOnce) {
  const std::string both = R"("SCMP_ARCH_X86_64","SCMP_ARCH_X86")";
  const auto diff = Differ().profiles(profile("", both), profile(allow(R"("read")"), both));
  ASSERT_THAT(texts(diff), ElementsAre("added read"));
  EXPECT_THAT(diff.changes[0].archs, ElementsAre("i386", "x86_64"));
}

TEST(DiffSeccomp, AProfileForAnotherMachineIsReadForThatOne) {
  const std::string arm = R"("SCMP_ARCH_AARCH64")";
  EXPECT_THAT(texts(Differ().profiles(profile(allow(R"("read")"), arm),
                                      profile(allow(R"("read","openat")"), arm))),
              ElementsAre("added openat"));
}

TEST(DiffSeccomp, AnArchitectureThatCannotBeComparedIsTold) {
  const auto diff =
      Differ().profiles(profile(allow(R"("read")")),
                        profile(allow(R"("read")"), R"("SCMP_ARCH_X86_64","SCMP_ARCH_S390X")"));
  EXPECT_THAT(texts(diff), ElementsAre("added SCMP_ARCH_S390X"));
}

TEST(DiffSeccomp, ANameThatLibseccompDoesNotKnowIsACaveat) {
  const auto diff = Differ().profiles(profile(""), profile(allow("\"no_such\\u001bcall\"")));
  EXPECT_THAT(texts(diff), IsEmpty());
  ASSERT_EQ(diff.caveats.size(), 1U);
  EXPECT_THAT(diff.caveats[0], testing::EndsWith("not compared: no_such\\x1bcall"));
}

TEST(DiffSeccomp, AProfileThatNoKernelTakesIsAnError) {
  std::string rules;
  for (std::uint64_t value = 0; value < 3000; ++value) {
    rules += (rules.empty() ? "" : ",") + allow(R"("ioctl")", argument(1, "EQ", value << 31));
  }
  DecisionDiagrams diagrams;
  const auto document = SeccompDocument::of_profile(
      diagrams, profile(rules), {.capabilities = {}, .arch = "x86_64"}, "large.json");
  ASSERT_FALSE(document);
  EXPECT_THAT(document.error().message, testing::StartsWith("large.json: the filter would be"));
}

// --- order ---

TEST(DiffSeccomp, WhatIsNewAndDangerousStandsFirst) {
  EXPECT_THAT(texts(Differ().profiles(profile(allow(R"("write","ptrace")")),
                                      profile(allow(R"("accept","mount")")))),
              ElementsAre("added mount", "added accept", "removed ptrace", "removed write"));
}

// --- recordings ---

TEST(DiffSeccomp, ARecordingHasNoDifferenceFromItself) {
  FakeSession session;
  const auto& web = session.workload("web");
  session.calls(web, "steady", {"read", "accept4"}).values(web, "steady", "socket", 0, {1, 2});
  Differ differ;
  EXPECT_THAT(texts(differ.diff(differ.recording(session), differ.recording(session))), IsEmpty());
}

TEST(DiffSeccomp, ACallThatIsSeenForTheFirstTimeIsAddedWithItsEvidence) {
  FakeSession before, after;
  before.calls(before.workload("web"), "steady", {"read"});
  after.calls(after.workload("web"), "steady", {"read", "io_uring_setup"});
  Differ differ;
  const auto diff = differ.diff(differ.recording(before), differ.recording(after));
  ASSERT_THAT(texts(diff), ElementsAre("added io_uring_setup"));
  EXPECT_EQ(diff.changes[0].evidence, "2 calls, steady");
  EXPECT_EQ(diff.changes[0].before, "not seen");
  EXPECT_EQ(diff.changes[0].subject, "web");
}

TEST(DiffSeccomp, AValueThatIsSeenForTheFirstTimeWidens) {
  FakeSession before, after;
  before.values(before.workload("web"), "steady", "socket", 0, {1});
  after.values(after.workload("web"), "steady", "socket", 0, {1, 16});
  Differ differ;
  const auto diff = differ.diff(differ.recording(before), differ.recording(after));
  ASSERT_THAT(texts(diff), ElementsAre("widened socket"));
  EXPECT_EQ(diff.changes[0].gained, "argument 1: AF_NETLINK");
}

TEST(DiffSeccomp, ArgumentValuesCountAsFarAsAskedFor) {
  FakeSession before, after;
  before.values(before.workload("web"), "steady", "ioctl", 1, {0x5401});
  after.values(after.workload("web"), "steady", "ioctl", 1, {0x5401, 0x5413});
  Differ differ;
  EXPECT_THAT(texts(differ.diff(differ.recording(before), differ.recording(after))), IsEmpty());
  differ.choice.arguments = ArgumentMode::kAll;
  const auto diff = differ.diff(differ.recording(before), differ.recording(after));
  ASSERT_THAT(texts(diff), ElementsAre("widened ioctl"));
  EXPECT_EQ(diff.changes[0].gained, "argument 2: TIOCGWINSZ");
}

TEST(DiffSeccomp, WorkloadsAreMatchedByNameAndOthersAreTold) {
  FakeSession before, after;
  before.calls(before.workload("web"), "steady", {"read"})
      .calls(before.workload("old"), "steady", {"read"});
  after.calls(after.workload("new"), "steady", {"read"})
      .calls(after.workload("web"), "steady", {"read"});
  Differ differ;
  const auto diff = differ.diff(differ.recording(before), differ.recording(after));
  EXPECT_THAT(texts(diff), ElementsAre("added new", "removed old"));
  EXPECT_TRUE(diff.gains());
}

TEST(DiffSeccomp, TwoSingleWorkloadsAreComparedWhateverTheirNames) {
  FakeSession before, after;
  before.calls(before.workload("web-1"), "steady", {"read"});
  after.calls(after.workload("web-2"), "steady", {"read"});
  Differ differ;
  const auto diff = differ.diff(differ.recording(before), differ.recording(after));
  EXPECT_THAT(texts(diff), IsEmpty());
  EXPECT_THAT(diff.caveats, ElementsAre("web-1 is compared with web-2"));
}

TEST(DiffSeccomp, RestartsOfOneNameAreOneWorkload) {
  FakeSession before, after;
  before.calls(before.workload("web"), "steady", {"read"})
      .calls(before.workload("web"), "steady", {"write"});
  after.calls(after.workload("web"), "steady", {"read", "write"});
  Differ differ;
  EXPECT_THAT(texts(differ.diff(differ.recording(before), differ.recording(after))), IsEmpty());
}

TEST(DiffSeccomp, AnI386CallThatWasNeverSeenIsANewArchitecture) {
  FakeSession before, after;
  before.calls(before.workload("web"), "steady", {"read"});
  const auto& web = after.workload("web");
  after.calls(web, "steady", {"read"}).calls(web, "steady", {"waitpid"}, 10, 20, "i386");
  Differ differ;
  const auto diff = differ.diff(differ.recording(before), differ.recording(after));
  ASSERT_THAT(texts(diff), ElementsAre("added i386"));
  EXPECT_THAT(diff.changes[0].calls, ElementsAre("waitpid"));
}

TEST(DiffSeccomp, AWorkloadWhoseStartWasNotSeenIsACaveat) {
  FakeSession session;
  auto& web = session.workload("web");
  web.partial = true;
  session.calls(web, "running", {"read"});
  Differ differ;
  EXPECT_THAT(differ.recording(session, "a.db").caveats,
              ElementsAre("a.db: web was running before the recording: its start was not seen"));
}

TEST(DiffSeccomp, LostRecordsAreRefusedUnlessTolerated) {
  FakeSession session;
  session.calls(session.workload("web"), "steady", {"read"})
      .lose("advise_seccomp", Loss::Kind::kMapFull);
  DecisionDiagrams diagrams;
  SeccompDocument::Choice choice;
  const auto refused = SeccompDocument::of_recording(diagrams, {&session, "a.db"}, choice);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kRefused);
  choice.tolerate_loss = true;
  const auto tolerated = SeccompDocument::of_recording(diagrams, {&session, "a.db"}, choice);
  ASSERT_TRUE(tolerated);
  EXPECT_EQ(tolerated->caveats.size(), 1U);
}

// --- a profile and a recording ---

TEST(DiffSeccomp, WhatARecordingNeedsAndAProfileDeniesIsAdded) {
  FakeSession session;
  session.calls(session.workload("web"), "steady", {"read", "mount"});
  Differ differ;
  const auto diff =
      differ.diff(differ.profile(profile(allow(R"("read","write")"))), differ.recording(session));
  EXPECT_THAT(texts(diff), ElementsAre("added mount", "removed write"));
  EXPECT_EQ(diff.changes[0].before, "ENOSYS");
  EXPECT_EQ(diff.changes[0].after, "seen");
}

// 32-bit arguments: the upper half of the register is chance, and profiles compare all of it.
TEST(DiffSeccomp, AProfileThatAllowsTheSeenValuesHasNoDifference) {
  FakeSession session;
  session.values(session.workload("web"), "steady", "socket", 0, {1, 2});
  Differ differ;
  const auto masked = profile(allow(R"("socket")", argument(0, "MASKED_EQ", 0xffffffff, 1)) + "," +
                              allow(R"("socket")", argument(0, "MASKED_EQ", 0xffffffff, 2)));
  const auto recording = differ.recording(session);
  EXPECT_THAT(texts(differ.diff(differ.profile(masked), recording)), IsEmpty());
  EXPECT_THAT(texts(differ.diff(recording, differ.profile(masked))), IsEmpty());
}

// A recording says nothing of what is denied.
TEST(DiffSeccomp, DeniedCallsOfAProfileAreNoDifferenceFromARecording) {
  FakeSession session;
  session.calls(session.workload("web"), "steady", {"read"});
  Differ differ;
  const auto denying = differ.profile(profile(allow(R"("read")") + "," + refuse(R"("bpf")", 1)));
  EXPECT_THAT(texts(differ.diff(denying, differ.recording(session))), IsEmpty());
}

TEST(DiffSeccomp, ACallWithoutANameIsComparedToo) {
  FakeSession session;
  session.number_call(session.workload("web"), "steady", 4000);
  Differ differ;
  EXPECT_THAT(texts(differ.diff(differ.profile(profile("")), differ.recording(session))),
              ElementsAre("added syscall 4000"));
}

}  // namespace
}  // namespace ig::test
