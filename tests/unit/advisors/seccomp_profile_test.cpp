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

TEST(SeccompProfile, DecidesTheConditionsByKernelVersion) {
  constexpr std::string_view text = R"({"defaultAction":"SCMP_ACT_ERRNO","syscalls":[
      {"names":["ptrace"],"action":"SCMP_ACT_ALLOW","includes":{"minKernel":"4.8"}},
      {"names":["bpf"],"action":"SCMP_ACT_ALLOW","excludes":{"minKernel":"5.8"}},
      {"names":["mount"],"action":"SCMP_ACT_ALLOW","includes":{"caps":["CAP_SYS_ADMIN"]}}]})";
  const auto names_on = [&](std::optional<Version> kernel) {
    const auto profile = read(text, {.capabilities = {}, .arch = "x86_64", .kernel = kernel});
    EXPECT_EQ(profile->missing_capabilities, (std::set<std::string>{"CAP_SYS_ADMIN"}));
    std::string names;
    for (const auto& rule : profile->rules) names += rule.names[0] + ' ';
    return names;
  };
  EXPECT_EQ(names_on(Version{4, 4, 0}), "bpf ");
  EXPECT_EQ(names_on(Version{4, 8, 0}), "ptrace bpf ");
  EXPECT_EQ(names_on(Version{6, 1, 0}), "ptrace ");
  EXPECT_EQ(names_on(std::nullopt), "ptrace ");
}

TEST(SeccompProfile, ReadsWhatKubernetesWrapsItIn) {
  const std::string_view texts[] = {
      R"(apiVersion: security-profiles-operator.x-k8s.io/v1beta1
kind: SeccompProfile
metadata:
  name: web
spec:
  defaultAction: SCMP_ACT_ERRNO
  baseProfileName: runc-v1.1.5
  architectures: [SCMP_ARCH_X86_64]
  syscalls:
    - action: SCMP_ACT_ALLOW
      names:
        - read
      args:
        - {index: 0, value: 0x8, op: SCMP_CMP_EQ}
)",
      R"({"kind":"SeccompProfile","spec":{"defaultAction":"SCMP_ACT_ERRNO","baseProfileName":"runc-v1.1.5",
          "architectures":["SCMP_ARCH_X86_64"],"syscalls":[{"action":"SCMP_ACT_ALLOW","names":["read"],
          "args":[{"index":0,"value":8,"op":"SCMP_CMP_EQ"}]}]}})",
      R"(kind: ConfigMap
data:
  web.json: |
    {"defaultAction":"SCMP_ACT_ERRNO","baseProfileName":"runc-v1.1.5","architectures":["SCMP_ARCH_X86_64"],
     "syscalls":[{"name":"read","action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":8,"op":"SCMP_CMP_EQ"}]}]}
)"};
  for (const auto text : texts) {
    const auto profile = read(text);
    ASSERT_TRUE(profile) << profile.error().message;
    EXPECT_EQ(profile->base_profile, "runc-v1.1.5");
    EXPECT_EQ(profile->architectures, (std::vector<std::string>{"SCMP_ARCH_X86_64"}));
    ASSERT_EQ(profile->rules.size(), 1U);
    EXPECT_EQ(profile->rules[0].names[0], "read");
    EXPECT_EQ(profile->rules[0].arguments.at(0).value, 8U);
  }
}

TEST(SeccompProfile, SaysWhatIsWrongWithYaml) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 10; ++i) {
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) bomb += (j ? ", *a" : "*a") + std::to_string(i - 1);
    bomb += "]\n";
  }
  const std::pair<std::string, std::string> cases[] = {
      {"defaultAction: [", "not a seccomp profile"},
      {"hello", "not a JSON object"},
      {"a: 1\n---\nb: 2\n", "several YAML documents"},
      {"# nothing\n", "it is empty"},
      {"kind: SeccompProfile\n", "has no spec"},
      {"kind: ConfigMap\ndata: {a: x, b: y}\n", "one entry"},
      {"[a]: b\n", "not a seccomp profile"},
      {"? [a]\n: b\n", "key of the YAML"},
      {bomb, "too large or deep"},
      {"a\"b\":\"c\",\"d\":[\n{\"e\":[\"f\"],\"g\":\"h\"},\n{\"i\":[ap\"j\"]",
       "not a seccomp profile"},
      {"x: " + std::string(300, '[') + std::string(300, ']'), "not a seccomp profile"},
  };
  for (const auto& [text, message] : cases) {
    const auto profile = read(text);
    ASSERT_FALSE(profile) << text;
    EXPECT_THAT(profile.error().message, HasSubstr(message)) << text.substr(0, 100);
  }
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
