// SPDX-License-Identifier: Apache-2.0
// Recorded calls before a compiled profile: what counts are the values that arguments had.
#include "advisors/seccomp/verify_seccomp.h"

#include <gmock/gmock.h>

#include "advisors/seccomp/argument_names.h"
#include "advisors/seccomp/profile_trial.h"
#include "tests/support/fake_session.h"

namespace ig::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

SeccompProfile profile_of(const std::string& rules) {
  auto profile = SeccompProfile::from_json(
      R"({"defaultAction":"SCMP_ACT_ERRNO","architectures":["SCMP_ARCH_X86_64"],"syscalls":[)" +
          rules + "]}",
      {.capabilities = {}, .arch = "x86_64"});
  EXPECT_TRUE(profile) << profile.error().message;
  return *profile;
}

constexpr const char* kUnixSockets =
    R"({"names":["socket"],"action":"SCMP_ACT_ALLOW","args":[
        {"index":0,"value":4294967295,"valueTwo":1,"op":"SCMP_CMP_MASKED_EQ"}]})";
constexpr const char* kUnixStreams =
    R"({"names":["socket"],"action":"SCMP_ACT_ALLOW","args":[
        {"index":0,"value":4294967295,"valueTwo":1,"op":"SCMP_CMP_MASKED_EQ"},
        {"index":1,"value":4294967295,"valueTwo":1,"op":"SCMP_CMP_MASKED_EQ"}]})";

class VerifyValues : public testing::Test {
 protected:
  SeccompVerdict verdict(const std::string& rules) {
    const auto found = verify_seccomp(profile_of(rules), session_, web_);
    EXPECT_TRUE(found) << found.error().message;
    return *found;
  }

  FakeSession session_;
  const Workload& web_ = session_.workload("web");
};

TEST_F(VerifyValues, AllowsACallWhoseRecordedValuesAreAllowed) {
  session_.values(web_, "startup", "socket", 0, {1});
  const auto found = verdict(kUnixSockets);
  EXPECT_THAT(found.denied, IsEmpty());
  EXPECT_THAT(found.undecided, IsEmpty());
}

TEST_F(VerifyValues, NamesTheValueThatIsDenied) {
  session_.values(web_, "startup", "socket", 0, {1, 2, 40});
  const auto found = verdict(kUnixSockets);
  ASSERT_EQ(found.denied.size(), 1U);
  EXPECT_EQ(found.denied[0].answer, "errno 1");
  EXPECT_EQ(found.denied[0].why, "argument 1: AF_INET, AF_VSOCK");
  EXPECT_THAT(found.denied[0].values, ElementsAre(DeniedValue{0, 2}, DeniedValue{0, 40}));
}

TEST_F(VerifyValues, JudgesEveryCombinationOfTwoArguments) {
  session_.values(web_, "startup", "socket", 0, {1}).values(web_, "startup", "socket", 1, {1});
  EXPECT_THAT(verdict(kUnixStreams).denied, IsEmpty());
  EXPECT_THAT(verdict(kUnixStreams).undecided, IsEmpty());
  session_.values(web_, "startup", "socket", 1, {2});
  const auto found = verdict(kUnixStreams);
  ASSERT_EQ(found.denied.size(), 1U);
  EXPECT_EQ(found.denied[0].why, "argument 2: SOCK_DGRAM");
}

// Which values came together is not recorded.
TEST_F(VerifyValues, LeavesOpenWhatTheCombinationDecides) {
  session_.values(web_, "startup", "socket", 0, {1, 2})
      .values(web_, "startup", "socket", 1, {1, 2});
  const auto found = verdict(std::string(kUnixStreams) + R"(,
      {"names":["socket"],"action":"SCMP_ACT_ALLOW","args":[
        {"index":0,"value":4294967295,"valueTwo":2,"op":"SCMP_CMP_MASKED_EQ"},
        {"index":1,"value":4294967295,"valueTwo":2,"op":"SCMP_CMP_MASKED_EQ"}]})");
  EXPECT_THAT(found.denied, IsEmpty());
  ASSERT_EQ(found.undecided.size(), 1U);
  EXPECT_THAT(found.undecided[0].why, HasSubstr("combination"));
}

TEST_F(VerifyValues, LeavesOpenWhatWasNotKept) {
  session_.values(web_, "startup", "socket", 0, {1}).more_values(web_, "startup", "socket", 0);
  const auto found = verdict(kUnixSockets);
  EXPECT_THAT(found.denied, IsEmpty());
  ASSERT_EQ(found.undecided.size(), 1U);
  EXPECT_THAT(found.undecided[0].why, HasSubstr("did not keep"));
}

TEST_F(VerifyValues, LeavesOpenWhatHasNoRecordedArguments) {
  session_.calls(web_, "startup", {"personality"});
  const auto found = verdict(R"({"names":["personality"],"action":"SCMP_ACT_ALLOW","args":[
      {"index":0,"value":8,"op":"SCMP_CMP_EQ"}]})");
  ASSERT_EQ(found.undecided.size(), 1U);
  EXPECT_EQ(found.undecided[0].answer, "errno 1 or allow");
}

// All bits of ioctl's command above the lower 32 are chance.
TEST_F(VerifyValues, TellsWhereAProfileComparesTheUpperHalf) {
  session_.values(web_, "startup", "ioctl", 1, {0x5401});
  const auto found = verdict(R"({"names":["ioctl"],"action":"SCMP_ACT_ALLOW","args":[
      {"index":1,"value":21505,"op":"SCMP_CMP_EQ"}]})");
  EXPECT_THAT(found.denied, IsEmpty());
  EXPECT_THAT(found.undecided, IsEmpty());
  EXPECT_THAT(found.compares_upper_half, ElementsAre("ioctl"));
}

// A command with its highest bit set is extended with ones by some programs, by others with zeros.
TEST_F(VerifyValues, LeavesOpenWhatTheSignDecides) {
  session_.values(web_, "startup", "ioctl", 1, {0x80045430});
  const auto found = verdict(R"({"names":["ioctl"],"action":"SCMP_ACT_ALLOW","args":[
      {"index":1,"value":2147767344,"op":"SCMP_CMP_EQ"}]})");
  EXPECT_THAT(found.denied, IsEmpty());
  EXPECT_EQ(found.undecided.size(), 1U);
}

TEST_F(VerifyValues, KnowsTheStubOfRunc) {
  session_.calls(web_, "startup", {"clone3"});
  const auto profile = profile_of(R"({"names":["write"],"action":"SCMP_ACT_ALLOW"})");
  const auto runc = verify_seccomp(profile, session_, web_, FilterRuntime::kRunc);
  const auto crun = verify_seccomp(profile, session_, web_, FilterRuntime::kCrun);
  EXPECT_EQ(runc->denied.at(0).answer, "errno 38");
  EXPECT_EQ(crun->denied.at(0).answer, "errno 1");
}

TEST(ProfileTrial, TellsWhereTheRuntimesAnswerDifferently) {
  const auto compiled =
      try_profile(profile_of(R"({"names":["read","futex_waitv"],"action":"SCMP_ACT_ALLOW"})"),
                  "x86_64", {FilterRuntime::kRunc, FilterRuntime::kCrun});
  ASSERT_TRUE(compiled) << compiled.error().message;
  ASSERT_EQ(compiled->differences.size(), 1U);
  const RuntimeDifference& one = compiled->differences[0];
  EXPECT_EQ(one.arch + ", " + one.runc + ", " + one.crun, "x86_64, errno 38, errno 1");
  EXPECT_THAT(one.calls, testing::Contains("set_mempolicy_home_node"));
  EXPECT_EQ(compiled->grid.wrong, 0U);
}

TEST(ProfileTrial, RefusesRulesThatContradictEachOther) {
  const auto compiled = try_profile(
      profile_of(
          R"({"names":["dup"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":1,"op":"SCMP_CMP_EQ"}]},
                    {"names":["dup"],"action":"SCMP_ACT_LOG","args":[{"index":0,"value":1,"op":"SCMP_CMP_EQ"}]})"),
      "x86_64", {FilterRuntime::kRunc});
  ASSERT_FALSE(compiled);
  EXPECT_EQ(compiled.error().code, ErrorCode::kRefused);
  EXPECT_THAT(compiled.error().message, HasSubstr("dup"));
}

TEST(ArgumentNames, AreThoseOfTheHeaders) {
  EXPECT_EQ(argument_text("socket", 0, 1), "AF_UNIX");
  EXPECT_EQ(argument_text("socket", 1, 0x80001), "SOCK_STREAM|0x80000");
  EXPECT_EQ(argument_text("clone", 0, 0x10000000 | 17), "CLONE_NEWUSER|0x11");
  EXPECT_EQ(argument_text("prctl", 0, 38), "PR_SET_NO_NEW_PRIVS");
  EXPECT_EQ(argument_text("prctl", 0, 0xdead), "0xdead");
  EXPECT_EQ(argument_text("mmap", 2, 5), "PROT_READ|PROT_EXEC");
  EXPECT_EQ(argument_text("setns", 1, 0), "0x0");
  EXPECT_EQ(argument_text("read", 2, 16), "0x10");
}

}  // namespace
}  // namespace ig::test
