// SPDX-License-Identifier: Apache-2.0
// What the advisor writes is compiled as a runtime does it, and the compiled program is asked about
// every number of every architecture: what was recorded is allowed, everything else is not.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <linux/audit.h>
#include <linux/seccomp.h>

#include <array>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>

#include "advisors/advisor.h"
#include "advisors/seccomp/fallback_calls.h"
#include "advisors/seccomp/lint_seccomp.h"
#include "advisors/seccomp/seccomp_filter.h"
#include "advisors/seccomp/syscall_versions.h"
#include "advisors/seccomp/verify_seccomp.h"
#include "tests/support/advise.h"
#include "tests/support/fake_session.h"

namespace ig::test {
namespace {

using testing::IsEmpty;

constexpr std::int64_t kLastNumber = 520;
constexpr std::int64_t kSocket = 41;  // on x86_64

// i386 has these calls twice: alone, and as operations of one that takes an argument.
bool is_multiplexer(std::string_view arch, std::int64_t number) {
  return arch == "i386" && (number == 102 || number == 117);
}

std::string advised(FakeSession& session, const std::string& action) {
  AdviceRequest request;
  request.options = {{"default-action", action}, {"default-errno", "EPERM"}};
  const auto advice = test::advise("seccomp-profile", {&session}, request);
  EXPECT_TRUE(advice) << advice.error().message;
  return advice->front().document;
}

SeccompProfile profile_of(const std::string& document) {
  auto profile = SeccompProfile::from_json(document, {.capabilities = {}, .arch = "x86_64"});
  EXPECT_TRUE(profile) << profile.error().message;
  return *profile;
}

void record_at_random(FakeSession& session, const Workload& web, unsigned seed,
                      const std::vector<std::string>& archs) {
  std::mt19937 random(seed);
  for (const std::string& arch : archs) {
    for (int i = 0; i < 60; ++i) {
      const auto number = static_cast<std::int64_t>(random() % kLastNumber);
      if (syscall_name(arch, number)) {
        session.number_call(web, "startup", number, 10, 20, arch);
      }
    }
  }
}

constexpr std::uint32_t kMissing = SECCOMP_RET_ERRNO | ENOSYS;

// What a profile that was recorded on Linux 6.1 answers to a call that it does not allow.
std::uint32_t denial(std::uint32_t otherwise, std::string_view arch,
                     const std::optional<std::string>& name) {
  const auto since = name ? syscall_since(*name, arch) : std::nullopt;
  const bool known = since && *since <= KernelVersion{6, 1, 0} && !has_fallback(*name);
  if (otherwise == SECCOMP_RET_KILL_PROCESS) return known || !name ? otherwise : kMissing;
  if (otherwise == (SECCOMP_RET_ERRNO | EPERM)) return known ? otherwise : kMissing;
  return otherwise;
}

void expect_exactly(const SeccompProfile& profile, std::uint32_t otherwise) {
  const auto filter = compile_profile(profile, "x86_64");
  ASSERT_TRUE(filter) << filter.error().message;
  EXPECT_THAT(filter->unknown_names, IsEmpty());
  std::set<std::string> allowed;
  for (const SeccompRule& rule : profile.rules) {
    if (rule.action.name != "SCMP_ACT_ALLOW") continue;
    allowed.insert(rule.names.begin(), rule.names.end());
  }
  for (const std::string_view arch_name : {"x86_64", "i386", "x32"}) {
    const SyscallArch& arch = *find_syscall_arch(arch_name);
    const bool listed =
        std::ranges::find(profile.architectures, arch.oci) != profile.architectures.end();
    for (std::int64_t number = 0; number <= kLastNumber; ++number) {
      if (is_multiplexer(arch_name, number)) continue;
      const auto answers = filter_answers(filter->program, arch.audit,
                                          static_cast<std::uint32_t>(number) | arch.number_bits);
      ASSERT_TRUE(answers) << answers.error().message;
      const auto name = syscall_name(arch_name, number);
      const bool is_allowed = listed && name && allowed.contains(*name);
      const std::uint32_t expected = is_allowed ? SECCOMP_RET_ALLOW
                                     : listed   ? denial(otherwise, arch_name, name)
                                                : SECCOMP_RET_KILL_THREAD;
      ASSERT_EQ(answers->size(), 1U) << arch_name << ' ' << number;
      ASSERT_EQ(answer_text(*answers->begin()), answer_text(expected))
          << arch_name << ' ' << number << ' ' << name.value_or("?");
    }
  }
}

class SeccompProof : public testing::TestWithParam<unsigned> {};

TEST_P(SeccompProof, AllowsExactlyWhatWasRecordedOnOneArchitecture) {
  FakeSession session;
  const Workload& web = session.workload("web");
  record_at_random(session, web, GetParam(), {"x86_64"});
  expect_exactly(profile_of(advised(session, "kill")), SECCOMP_RET_KILL_PROCESS);
  expect_exactly(profile_of(advised(session, "errno")), SECCOMP_RET_ERRNO | 1);
  expect_exactly(profile_of(advised(session, "log")), SECCOMP_RET_LOG);
}

TEST_P(SeccompProof, AllowsExactlyTheRecordedNamesOnTwoArchitectures) {
  FakeSession session;
  const Workload& web = session.workload("web");
  record_at_random(session, web, GetParam(), {"x86_64", "i386"});
  expect_exactly(profile_of(advised(session, "kill")), SECCOMP_RET_KILL_PROCESS);
}

TEST_P(SeccompProof, DeniesNothingThatWasRecorded) {
  FakeSession session;
  const Workload& web = session.workload("web");
  record_at_random(session, web, GetParam(), {"x86_64", "i386", "x32"});
  const auto verdict = verify_seccomp(profile_of(advised(session, "kill")), session, web);
  ASSERT_TRUE(verdict) << verdict.error().message;
  EXPECT_GT(verdict->checked, 50U);
  EXPECT_THAT(verdict->denied, IsEmpty());
  EXPECT_THAT(verdict->undecided, IsEmpty());
}

// Replicas, restarts, nodes: what any of them did is allowed, and nothing else.
TEST_P(SeccompProof, AllowsOfManyRecordingsTheExactUnion) {
  std::array<FakeSession, 3> sessions;
  std::set<std::string> recorded{"execve", "exit", "exit_group", "restart_syscall", "rt_sigreturn"};
  std::set<std::uint64_t> domains;
  for (unsigned i = 0; i < sessions.size(); ++i) {
    const Workload& web = sessions[i].workload("web");
    record_at_random(sessions[i], web, GetParam() * 100 + i, {"x86_64"});
    auto& calls = sessions[i].calls_of(web);
    std::erase_if(calls, [](const SyscallUse& use) { return use.number == kSocket; });
    for (const SyscallUse& use : calls) recorded.insert(*syscall_name("x86_64", use.number));
    sessions[i].values(web, "startup", "socket", 0, {GetParam() + i, GetParam() * 2 + i});
    domains.insert({GetParam() + i, GetParam() * 2 + i});
  }
  AdviceRequest request;
  request.options = {{"default-action", "kill"}, {"no-start-block", "true"}};
  const auto advice =
      test::advise("seccomp-profile", {&sessions[0], &sessions[1], &sessions[2]}, request);
  ASSERT_TRUE(advice) << advice.error().message;
  ASSERT_EQ(advice->size(), 1U);
  std::set<std::string> allowed;
  std::set<std::uint64_t> allowed_domains;
  for (const SeccompRule& rule : profile_of(advice->front().document).rules) {
    if (rule.action.name != "SCMP_ACT_ALLOW") continue;
    if (rule.arguments.empty()) allowed.insert(rule.names.begin(), rule.names.end());
    if (rule.names.front() == "socket") allowed_domains.insert(rule.arguments.at(0).value_two);
  }
  allowed.erase("sched_yield");  // comes with threads
  recorded.erase("sched_yield");
  EXPECT_EQ(allowed, recorded);
  EXPECT_EQ(allowed_domains, domains);
}

// The proof must be able to fail.
TEST_P(SeccompProof, FindsEachNameThatIsTakenAway) {
  FakeSession session;
  const Workload& web = session.workload("web");
  record_at_random(session, web, GetParam(), {"x86_64"});
  const SeccompProfile whole = profile_of(advised(session, "kill"));
  const auto uses = *session.syscalls(web.id);
  for (const SyscallUse& use : uses) {
    const std::string name = *syscall_name("x86_64", use.number);
    SeccompProfile profile = whole;
    for (SeccompRule& rule : profile.rules) std::erase(rule.names, name);
    const auto verdict = verify_seccomp(profile, session, web);
    ASSERT_TRUE(verdict);
    ASSERT_EQ(verdict->denied.size(), 1U) << name;
    EXPECT_EQ(verdict->denied[0].call.display_name(), name);
    EXPECT_EQ(verdict->denied[0].answer, "kill process");
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, SeccompProof, testing::Range(1U, 6U));

// What the linter warns of, the advisor does not write.
TEST(SeccompAdvice, LintsWithoutAWarning) {
  FakeSession session;
  const Workload& web = session.workload("web");
  session.calls(web, "startup", {"openat", "read", "mmap", "write"}).calls(web, "steady", {"poll"});
  session.values(web, "startup", "socket", 0, {1, 2});
  for (const char* action : {"errno", "kill"}) {
    const std::string document = advised(session, action);
    const auto findings = lint_seccomp({.profile = profile_of(document),
                                        .bytes = document.size(),
                                        .arch = "x86_64",
                                        .target = {}});
    ASSERT_TRUE(findings) << findings.error().message;
    for (const LintFinding& finding : *findings) {
      EXPECT_EQ(finding.severity, LintSeverity::kNote)
          << action << ": " << finding.rule << ' ' << finding.call << ' ' << finding.text;
    }
  }
}

std::string read_fixture(const std::string& path) {
  std::ifstream file(std::string(IG_SOURCE_DIR) + "/../shared/fixtures/" + path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(SeccompVerify, JudgesTheDefaultProfilesOfDockerAndPodman) {
  for (const char* path : {"seccomp/moby-default.json", "seccomp/podman-default.json"}) {
    const std::string text = read_fixture(path);
    if (text.empty()) GTEST_SKIP() << "no fixture " << path;
    FakeSession session;
    const Workload& web = session.workload("web");
    session.calls(web, "startup", {"read", "openat", "init_module", "personality"});
    const auto verdict = verify_seccomp(profile_of(text), session, web);
    ASSERT_TRUE(verdict) << verdict.error().message;
    ASSERT_EQ(verdict->denied.size(), 1U) << path;
    EXPECT_EQ(verdict->denied[0].call.display_name(), "init_module");
    EXPECT_EQ(verdict->denied[0].answer, "errno 1");
    ASSERT_EQ(verdict->undecided.size(), 1U) << path;
    EXPECT_EQ(verdict->undecided[0].call.display_name(), "personality");
  }
}

TEST(SeccompVerify, TakesAFilterWithoutTheArchitectureForADenial) {
  FakeSession session;
  const Workload& web = session.workload("web");
  session.calls(web, "startup", {"read"}, 10, 20, "i386");
  const auto verdict = verify_seccomp(
      profile_of(R"({"defaultAction":"SCMP_ACT_ERRNO","architectures":["SCMP_ARCH_X86_64"],
                     "syscalls":[{"names":["read"],"action":"SCMP_ACT_ALLOW"}]})"),
      session, web);
  ASSERT_TRUE(verdict);
  EXPECT_EQ(verdict->denied.size(), 1U);
}

// As much of JSON Schema as the runtime specification uses for seccomp.
class OciSchema {
 public:
  static bool available() { return !read_fixture("oci/config-linux.json").empty(); }

  std::string errors(const nlohmann::json& value, const nlohmann::json& schema,
                     const std::string& file, const std::string& where) {
    using nlohmann::json;
    if (schema.contains("$ref")) {
      const std::string reference = schema["$ref"];
      const auto hash = reference.find('#');
      const std::string target = hash == 0 ? file : "oci/" + reference.substr(0, hash);
      return errors(value, load(target).at(json::json_pointer(reference.substr(hash + 1))), target,
                    where);
    }
    std::string out;
    const std::string type = schema.value("type", "");
    if ((type == "object" && !value.is_object()) || (type == "array" && !value.is_array()) ||
        (type == "string" && !value.is_string()) ||
        (type == "integer" && !value.is_number_integer())) {
      return where + " is no " + type + "; ";
    }
    if (schema.contains("enum") &&
        std::ranges::find(schema["enum"], value) == schema["enum"].end()) {
      out += where + " has an unknown value; ";
    }
    if (schema.contains("minItems") && value.size() < schema["minItems"])
      out += where + " is short; ";
    for (const json& name : schema.value("required", json::array())) {
      if (!value.contains(std::string(name))) out += where + " lacks " + std::string(name) + "; ";
    }
    const json properties = schema.value("properties", json::object());
    for (const auto& [name, inner] : properties.items()) {
      if (value.contains(name)) out += errors(value[name], inner, file, where + "." + name);
    }
    if (value.is_array() && schema.contains("items")) {
      for (const json& item : value) out += errors(item, schema["items"], file, where + "[]");
    }
    return out;
  }

  const nlohmann::json& load(const std::string& file) {
    auto [entry, is_new] = files_.try_emplace(file);
    if (is_new) entry->second = nlohmann::json::parse(read_fixture(file));
    return entry->second;
  }

 private:
  std::map<std::string, nlohmann::json> files_;
};

TEST(SeccompProfileSchema, IsThatOfTheOciRuntimeSpecification) {
  if (!OciSchema::available()) GTEST_SKIP() << "no fixture oci/config-linux.json";
  FakeSession session;
  Workload& web = session.workload("web");
  web.partial = true;
  record_at_random(session, web, 1, {"x86_64", "i386", "x32"});
  OciSchema schema;
  const auto& rule = schema.load("oci/config-linux.json")["linux"]["properties"]["seccomp"];
  for (const char* action : {"errno", "kill", "log"}) {
    const auto profile = nlohmann::json::parse(advised(session, action));
    EXPECT_EQ(schema.errors(profile, rule, "oci/config-linux.json", "seccomp"), "");
  }
  EXPECT_NE(schema.errors({{"defaultAction", "ALLOW"}}, rule, "oci/config-linux.json", "x"), "");
}

}  // namespace
}  // namespace ig::test
