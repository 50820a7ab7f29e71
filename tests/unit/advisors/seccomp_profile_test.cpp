// SPDX-License-Identifier: Apache-2.0
#include "advisors/seccomp/seccomp_profile.h"

#include <gmock/gmock.h>

#include "advisors/seccomp/start_block.h"
#include "store/syscall_table.h"

namespace ig::test {
namespace {

using testing::HasSubstr;

Result<SeccompProfile> read(std::string_view text, SeccompProfile::Conditions conditions = {}) {
  return SeccompProfile::from_json(text, conditions);
}

TEST(SeccompProfile, ReadsBackWhatItWrites) {
  SeccompProfile profile{.default_action = {.name = "SCMP_ACT_ERRNO", .errno_ret = 38},
                         .architectures = {"SCMP_ARCH_X86_64"}};
  profile.rules.push_back({.names = {"close", "read"}});
  profile.rules.push_back({.names = {"personality"},
                           .arguments = {{.index = 0, .value = 8, .op = "SCMP_CMP_EQ"}},
                           .comment = "why"});
  const auto again = read(profile.to_json());
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->to_json(), profile.to_json());
}

TEST(SeccompProfile, ReadsTheProfileOfAConfigJson) {
  const auto profile = read(R"({"ociVersion":"1.0.2","linux":{"seccomp":
      {"defaultAction":"SCMP_ACT_KILL","syscalls":[{"names":["read"],"action":"SCMP_ACT_ALLOW"}]}}})");
  ASSERT_TRUE(profile) << profile.error().message;
  EXPECT_EQ(profile->default_action.name, "SCMP_ACT_KILL");
  EXPECT_EQ(profile->rules.size(), 1U);
}

TEST(SeccompProfile, DecidesTheConditionsOfDockerAndPodman) {
  constexpr std::string_view text = R"({"defaultAction":"SCMP_ACT_ERRNO",
    "archMap":[{"architecture":"SCMP_ARCH_X86_64","subArchitectures":["SCMP_ARCH_X86"]},
               {"architecture":"SCMP_ARCH_AARCH64","subArchitectures":["SCMP_ARCH_ARM"]}],
    "syscalls":[
      {"names":["mount"],"action":"SCMP_ACT_ALLOW","includes":{"caps":["CAP_SYS_ADMIN"]}},
      {"names":["clone"],"action":"SCMP_ACT_ALLOW","excludes":{"caps":["CAP_SYS_ADMIN"]}},
      {"names":["arch_prctl"],"action":"SCMP_ACT_ALLOW","includes":{"arches":["amd64"]}}]})";
  const auto plain = read(text, {.capabilities = {}, .arch = "x86_64"});
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->rules.size(), 2U);
  EXPECT_EQ(plain->rules[0].names[0], "clone");
  EXPECT_EQ(plain->architectures, (std::vector<std::string>{"SCMP_ARCH_X86_64", "SCMP_ARCH_X86"}));
  const auto admin = read(text, {.capabilities = {"CAP_SYS_ADMIN"}, .arch = "aarch64"});
  EXPECT_EQ(admin->rules.size(), 1U);
  EXPECT_EQ(admin->rules[0].names[0], "mount");
}

TEST(SeccompProfile, SaysWhatIsWrong) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"", "parse error"},
      {"[]", "not a JSON object"},
      {"{}", "defaultAction is missing"},
      {R"({"defaultAction":3})", "defaultAction is not a string"},
      {R"({"defaultAction":"ALLOW"})", "does not exist"},
      {R"({"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":-1})", "defaultErrnoRet"},
      {R"({"defaultAction":"SCMP_ACT_ERRNO","syscalls":{}})", "syscalls is not a list"},
      {R"({"defaultAction":"SCMP_ACT_ERRNO","syscalls":[1]})", "not an object"},
      {R"({"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"action":"SCMP_ACT_ALLOW"}]})",
       "no names"},
      {R"({"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["read"],"action":"SCMP_ACT_ALLOW",
           "args":[{"index":6,"value":0,"op":"SCMP_CMP_EQ"}]}]})",
       "index is too large"},
      {R"({"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["read"],"action":"SCMP_ACT_ALLOW",
           "args":[{"index":0,"value":0,"op":"="}]}]})",
       "does not exist"},
  };
  for (const auto& [text, message] : cases) {
    const auto profile = read(text);
    ASSERT_FALSE(profile) << text;
    EXPECT_EQ(profile.error().code, ErrorCode::kInvalid);
    EXPECT_THAT(profile.error().message, HasSubstr(std::string(message))) << text;
  }
}

// A name with a slip of the pen would be passed over by every runtime.
TEST(StartBlock, HasOnlyNamesThatLibseccompKnows) {
  Workload workload;
  for (const bool no_new_privileges : {true, false}) {
    workload.no_new_privileges = no_new_privileges;
    for (const std::string& name : start_block(workload).names) {
      EXPECT_TRUE(syscall_number("x86_64", name)) << name;
    }
  }
  EXPECT_EQ(start_block(workload).owners, "runc, crun, glibc, musl, go");
}

}  // namespace
}  // namespace ig::test
