// SPDX-License-Identifier: Apache-2.0
// Each rule of the linter finds what it is for, and says nothing of a profile that is right.
#include "advisors/seccomp/lint_seccomp.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <fstream>
#include <set>
#include <sstream>

namespace ig::test {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

struct Case {
  const char* rule;
  LintSeverity severity;
  const char* call;
  std::string profile;  // rules beside those that every profile here has
  const char* target = "";
};

constexpr const char* kNeeded =
    R"({"names":["execve","exit","exit_group","rt_sigreturn","restart_syscall"],"action":"SCMP_ACT_ALLOW"})";

std::string with_rules(const std::string& rules) {
  return fmt::format(R"({{"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":38,
    "architectures":["SCMP_ARCH_X86_64","SCMP_ARCH_X86"],"syscalls":[{},{}]}})",
                     R"({"names":["sigreturn"],"action":"SCMP_ACT_ALLOW"})",
                     rules.empty() ? kNeeded : std::string(kNeeded) + ',' + rules);
}

std::string allow(const char* call, const char* arguments = "") {
  return fmt::format(R"({{"names":["{}"],"action":"SCMP_ACT_ALLOW","args":[{}]}})", call,
                     arguments);
}

Result<std::vector<LintFinding>> lint(const std::string& text, const std::string& target = "") {
  LintSubject subject;
  subject.arch = "x86_64";
  subject.bytes = text.size();
  if (!target.empty()) {
    EXPECT_TRUE(add_target_versions(subject.target, target));
  }
  auto profile = SeccompProfile::from_json(text, {.capabilities = {}, .arch = "x86_64"});
  if (!profile) return std::unexpected(profile.error());
  subject.profile = *profile;
  return lint_seccomp(subject);
}

std::vector<std::string> rules_of(const std::vector<LintFinding>& findings) {
  std::vector<std::string> rules;
  for (const auto& finding : findings) rules.emplace_back(finding.rule);
  return rules;
}

constexpr const char* kEq8 = R"({"index":0,"value":8,"op":"SCMP_CMP_EQ"})";
constexpr const char* kMasked8 =
    R"({"index":0,"value":4294967295,"valueTwo":8,"op":"SCMP_CMP_MASKED_EQ"})";

const std::vector<Case>& cases() {
  using enum LintSeverity;
  static const std::string deny_eq8 =
      fmt::format(R"({{"names":["getppid"],"action":"SCMP_ACT_TRAP","args":[{}]}})", kEq8);
  static const std::vector<Case> all = {
      {"unknown-name", kWarning, "reed", with_rules(allow("reed"))},
      {"target-unknown-name", kNote, "mseal", with_rules(allow("mseal")), "libseccomp=2.5.4"},
      {"target-unsupported", kError, "", R"({"defaultAction":"SCMP_ACT_LOG","syscalls":[]})",
       "libseccomp=2.3.0"},
      {"does-not-compile", kError, "",
       R"({"defaultAction":"SCMP_ACT_ERRNO","architectures":["SCMP_ARCH_PDP11"],"syscalls":[]})"},
      {"does-not-compile", kError, "", R"({"defaultAction":"SCMP_ACT_NOTIFY","syscalls":[]})"},
      {"contradiction", kError, "getppid", with_rules(allow("getppid", kEq8) + ',' + deny_eq8)},
      {"missing-needed-call", kError, "exit_group",
       R"({"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["read"],"action":"SCMP_ACT_ALLOW"}]})"},
      {"missing-architecture", kNote, "",
       R"({"defaultAction":"SCMP_ACT_ERRNO","architectures":["SCMP_ARCH_X86_64"],"syscalls":[]})"},
      {"no-architectures", kNote, "", R"({"defaultAction":"SCMP_ACT_ERRNO","syscalls":[]})"},
      {"permissive-default", kWarning, "", R"({"defaultAction":"SCMP_ACT_ALLOW","syscalls":[]})"},
      {"errno-fallback", kWarning, "clone3", R"({"defaultAction":"SCMP_ACT_ERRNO","syscalls":[]})",
       "crun=1.8.1"},
      {"newer-calls", kNote, "", R"({"defaultAction":"SCMP_ACT_ERRNO","syscalls":[]})",
       "kernel=5.4,crun=1.8.1"},
      {"dangerous-call", kWarning, "bpf", with_rules(allow("bpf"))},
      {"clone3-unlimited", kWarning, "clone3",
       with_rules(allow("clone", kEq8) + ',' + allow("clone3"))},
      {"denied-twin", kWarning, "open",
       R"({"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["open"],"action":"SCMP_ACT_ERRNO"}]})"},
      {"allowed-twin", kNote, "openat", with_rules(allow("open"))},
      {"socketcall-unlimited", kWarning, "socket", with_rules(allow("socket", kMasked8))},
      {"upper-half", kNote, "personality", with_rules(allow("personality", kEq8))},
      {"upper-half", kWarning, "socket",
       with_rules(allow("socket", R"({"index":0,"value":40,"op":"SCMP_CMP_NE"})"))},
      {"repeated-argument", kWarning, "personality",
       with_rules(allow("personality", R"({"index":0,"value":8,"op":"SCMP_CMP_EQ"},
                                          {"index":0,"value":9,"op":"SCMP_CMP_EQ"})"))},
      {"repeats-default", kNote, "read",
       with_rules(R"({"names":["read"],"action":"SCMP_ACT_ERRNO","errnoRet":38})")},
      {"shadowed-rule", kWarning, "getppid", with_rules(allow("getppid") + ',' + deny_eq8)},
      {"overlapping-rules", kWarning, "getppid",
       with_rules(allow("getppid", R"({"index":1,"value":3,"op":"SCMP_CMP_EQ"})") + ',' +
                  deny_eq8)},
      {"repeated-name", kNote, "read", with_rules(allow("read") + ',' + allow("read"))},
      {"base-profile", kNote, "",
       R"({"defaultAction":"SCMP_ACT_ERRNO","baseProfileName":"runc","syscalls":[]})"},
      {"notify", kNote, "mount", with_rules(R"({"names":["mount"],"action":"SCMP_ACT_NOTIFY"})")},
  };
  return all;
}

TEST(LintSeccomp, FindsWhatEachRuleIsFor) {
  for (const Case& one : cases()) {
    const auto findings = lint(one.profile, one.target);
    ASSERT_TRUE(findings) << one.profile << findings.error().message;
    const auto found = std::ranges::find_if(*findings, [&](const LintFinding& finding) {
      return finding.rule == one.rule && finding.call == one.call;
    });
    ASSERT_NE(found, findings->end())
        << one.rule << ' ' << testing::PrintToString(rules_of(*findings)) << one.profile;
    EXPECT_EQ(found->severity, one.severity) << one.rule << ' ' << one.call;
    EXPECT_NE(found->text, "") << one.rule;
    EXPECT_NE(found->hint, "") << one.rule;
  }
}

TEST(LintSeccomp, HasNothingToSayOfACarefulProfile) {
  const auto findings = lint(with_rules(allow("read") + ',' + allow("personality", kMasked8)),
                             "kernel=6.1,libseccomp=2.5.4,runc=1.1.5");
  ASSERT_TRUE(findings);
  EXPECT_THAT(rules_of(*findings), IsEmpty());
}

// A name that runtimes pass over leaves open what it was to close.
TEST(LintSeccomp, TakesADenialThatNothingResolvesForAnError) {
  const auto findings = lint(
      R"({"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mounnt"],"action":"SCMP_ACT_ERRNO"}]})");
  ASSERT_TRUE(findings);
  EXPECT_EQ(findings->front().rule, "unknown-name");
  EXPECT_EQ(findings->front().severity, LintSeverity::kError);
  EXPECT_THAT(findings->front().hint, HasSubstr("did you mean mount?"));
}

TEST(LintSeccomp, KnowsThatRuncSaysEnosysAboveTheLargestNumber) {
  const std::string text =
      R"({"defaultAction":"SCMP_ACT_ERRNO","architectures":["SCMP_ARCH_X86_64"],
          "syscalls":[{"names":["exit_group"],"action":"SCMP_ACT_ALLOW"}]})";
  EXPECT_THAT(rules_of(*lint(text, "crun=1.8.1")), Contains("errno-fallback"));
  EXPECT_THAT(rules_of(*lint(text, "runc=1.1.5")), Not(Contains("errno-fallback")));
}

TEST(LintSeccomp, CountsInstructionsAndRulesAgainstTheirLimits) {
  std::string rules;
  for (int i = 0; i < 1500; ++i) {
    if (i > 0) rules += ',';
    rules += allow(
        "getppid",
        fmt::format(R"({{"index":0,"value":{},"op":"SCMP_CMP_EQ"}})", (i + 1ULL) << 32).c_str());
  }
  const auto findings = lint(with_rules(rules));
  ASSERT_TRUE(findings) << findings.error().message;
  EXPECT_THAT(rules_of(*findings), Contains("artifact-limits"));
  EXPECT_THAT(rules_of(*findings),
              testing::AnyOf(Contains("filter-size"), Contains("does-not-compile")));
}

TEST(LintSeccomp, ExplainsEveryRuleInTheManual) {
  std::ifstream file(IG_SOURCE_DIR "/docs/seccomp-lint.md");
  std::stringstream manual;
  manual << file.rdbuf();
  std::set<std::string_view> ids;
  for (const LintRule& rule : lint_rules()) {
    EXPECT_TRUE(ids.insert(rule.id).second) << rule.id;
    EXPECT_THAT(manual.str(), HasSubstr(fmt::format("`{}`", rule.id)));
  }
}

TEST(LintTarget, IsReadFromVersionsAndFeatures) {
  LintTarget target;
  ASSERT_TRUE(add_target_features(target, R"({"linux":{"seccomp":{"enabled":true,
      "actions":["SCMP_ACT_ALLOW"],"archs":["SCMP_ARCH_X86_64"],"operators":["SCMP_CMP_EQ"]}},
      "annotations":{"io.github.seccomp.libseccomp.version":"2.5.4",
                     "org.opencontainers.runc.version":"1.1.5+ds1"}})"));
  EXPECT_EQ(*target.libseccomp, (Version{2, 5, 4}));
  EXPECT_EQ(*target.runc, (Version{1, 1, 5}));
  EXPECT_TRUE(target.may_be_runc());
  EXPECT_FALSE(target.may_be_crun());
  EXPECT_THAT(target.actions, Contains("SCMP_ACT_ALLOW"));
  ASSERT_TRUE(add_target_versions(target, "kernel=6.1"));
  EXPECT_EQ(*target.kernel, (Version{6, 1, 0}));
}

TEST(LintTarget, RefusesWhatItIsNot) {
  LintTarget target;
  for (const auto* wrong : {"", "kernel", "kernel=", "glibc=2.36", "runc=new"}) {
    EXPECT_EQ(add_target_versions(target, wrong).error().code, ErrorCode::kUsage) << wrong;
  }
  for (const auto* wrong : {"", "[]", "{}", R"({"linux":3})", R"({"linux":{"seccomp":[]}})"}) {
    EXPECT_EQ(add_target_features(target, wrong).error().code, ErrorCode::kInvalid) << wrong;
  }
}

TEST(LintSeccomp, ReadsTheDefaultProfilesOfDockerAndPodman) {
  for (const char* name : {"moby-default.json", "podman-default.json"}) {
    std::ifstream file(std::string(IG_SOURCE_DIR "/../shared/fixtures/seccomp/") + name);
    std::stringstream text;
    text << file.rdbuf();
    if (text.str().empty()) GTEST_SKIP() << "no fixture " << name;
    const auto findings = lint(text.str(), "kernel=6.1,runc=1.1.5");
    ASSERT_TRUE(findings) << findings.error().message;
    std::set<std::string> told;
    for (const auto& finding : *findings) {
      EXPECT_NE(finding.severity, LintSeverity::kError) << finding.text;
      told.insert(fmt::format("{} {}", finding.rule, finding.call));
    }
    EXPECT_THAT(told, Contains("upper-half socket")) << name;
    EXPECT_THAT(told, Contains("socketcall-unlimited socket")) << name;
    EXPECT_THAT(told, Contains("dangerous-call ptrace")) << name;
    EXPECT_THAT(told, Not(Contains("errno-fallback clone3"))) << name;
    EXPECT_EQ(told.contains("shadowed-rule setns"), std::string_view(name).starts_with("podman"));
  }
}

}  // namespace
}  // namespace ig::test
