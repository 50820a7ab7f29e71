// SPDX-License-Identifier: Apache-2.0
#include "advisors/seccomp/seccomp_dialect.h"

#include <gmock/gmock.h>

namespace ig::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const SeccompAction kErrno = {.name = "SCMP_ACT_ERRNO", .errno_ret = 1};

SeccompRule masked(const std::string& name, unsigned index, std::uint64_t mask,
                   std::uint64_t value) {
  return {.names = {name}, .arguments = {{index, mask, value, "SCMP_CMP_MASKED_EQ"}}};
}

SeccompRule equal(const std::string& name, unsigned index, std::uint64_t value) {
  return masked(name, index, 0xffffffff, value);
}

SeccompProfile profile_of(std::vector<SeccompRule> rules, SeccompAction otherwise = kErrno) {
  rules.push_back({.names = {"read", "execve", "exit_group"}});
  return {.default_action = otherwise,
          .architectures = {"SCMP_ARCH_X86_64"},
          .rules = std::move(rules)};
}

DialectText write(std::string_view dialect, const SeccompProfile& profile) {
  const auto text = find_seccomp_dialect(dialect)->write(
      profile, {.name = "web", .native_arch = "x86_64", .header = {}});
  EXPECT_TRUE(text) << text.error().message;
  return text ? *text : DialectText{};
}

std::string systemd(std::vector<SeccompRule> rules) {
  return write("systemd", profile_of(std::move(rules))).text;
}

TEST(SystemdDialect, SaysTheDomainsOfSocketsAsAddressFamilies) {
  EXPECT_THAT(systemd({equal("socket", 0, 1), equal("socket", 0, 10)}),
              HasSubstr("RestrictAddressFamilies=\nRestrictAddressFamilies=AF_UNIX AF_INET6\n"));
}

TEST(SystemdDialect, SaysNoAddressFamiliesWhereADomainHasNoName) {
  EXPECT_THAT(systemd({equal("socket", 0, 1), equal("socket", 0, 300)}),
              Not(HasSubstr("RestrictAddressFamilies")));
  EXPECT_THAT(systemd({equal("socket", 0, 1), equal("socket", 1, 1)}),
              Not(HasSubstr("RestrictAddressFamilies")));
  EXPECT_THAT(systemd({{.names = {"socket"}}}), Not(HasSubstr("RestrictAddressFamilies")));
}

TEST(SystemdDialect, SaysTheNamespacesThatCloneMayMake) {
  EXPECT_THAT(systemd({masked("clone", 0, 0x7e020000, 0)}),
              HasSubstr("RestrictNamespaces=\nRestrictNamespaces=yes\n"));
  EXPECT_THAT(systemd({masked("clone", 0, 0x7e020000, 0), equal("unshare", 0, 0x20000)}),
              HasSubstr("RestrictNamespaces=mnt\n"));
  EXPECT_THAT(systemd({{.names = {"clone"}}}), Not(HasSubstr("RestrictNamespaces")));
}

// RestrictNamespaces= denies setns() without flags, whatever it lists.
TEST(SystemdDialect, SaysNoNamespacesWhereSetnsMayHaveNoFlags) {
  EXPECT_THAT(systemd({masked("clone", 0, 0x7e020000, 0), {.names = {"setns"}}}),
              Not(HasSubstr("RestrictNamespaces")));
  EXPECT_THAT(systemd({masked("clone", 0, 0x7e020000, 0), equal("setns", 1, 0x40000000)}),
              HasSubstr("RestrictNamespaces=net\n"));
}

TEST(SystemdDialect, LocksThePersonalityOnlyWhereNoOtherIsAllowed) {
  EXPECT_THAT(systemd({equal("personality", 0, 0)}), HasSubstr("LockPersonality=yes\n"));
  // The question for the personality, which the lock denies too.
  EXPECT_THAT(systemd({equal("personality", 0, 0), equal("personality", 0, 0xffffffff)}),
              Not(HasSubstr("LockPersonality")));
}

TEST(SystemdDialect, DeniesWritableCodeOnlyWhereNoRuleAllowsAny) {
  const auto rules = [](std::uint64_t flags) {
    return std::vector{masked("mmap", 2, 6, flags), masked("mprotect", 2, 4, 0)};
  };
  EXPECT_THAT(systemd(rules(2)), HasSubstr("MemoryDenyWriteExecute=yes\n"));
  EXPECT_THAT(systemd(rules(6)), Not(HasSubstr("MemoryDenyWriteExecute")));
  EXPECT_THAT(systemd({{.names = {"mmap"}}}), Not(HasSubstr("MemoryDenyWriteExecute")));
}

TEST(SystemdDialect, KeepsBothErrors) {
  const auto text = write("systemd", profile_of({{.names = {"acct", "bpf"}, .action = kErrno}},
                                                {.name = "SCMP_ACT_ERRNO", .errno_ret = 38}))
                        .text;
  EXPECT_THAT(text, HasSubstr("SystemCallErrorNumber=ENOSYS\n"));
  EXPECT_THAT(text, HasSubstr("SystemCallFilter=~acct:EPERM bpf:EPERM\n"));
}

TEST(SystemdDialect, LogsWhereTheDefaultLogs) {
  const auto text = write("systemd", profile_of({}, {.name = "SCMP_ACT_LOG"})).text;
  EXPECT_THAT(text, HasSubstr("SystemCallLog=~execve exit_group read\n"));
  EXPECT_THAT(text, Not(HasSubstr("SystemCallFilter=execve")));
}

TEST(SystemdDialect, KillsWithoutAnErrorNumber) {
  const auto text = write("systemd", profile_of({}, {.name = "SCMP_ACT_KILL_PROCESS"})).text;
  EXPECT_THAT(text, HasSubstr("SystemCallErrorNumber=kill\n"));
}

TEST(MinijailDialect, MasksByItsTwoOperatorsForBits) {
  const auto text =
      write("minijail", profile_of({equal("socket", 0, 10), equal("socket", 0, 0)})).text;
  EXPECT_THAT(text, HasSubstr("socket: arg0 in 0xffffffff0000000a && arg0 & 0x2 && arg0 & 0x8 || "
                              "arg0 in 0xffffffff00000000; return 1\n"));
}

TEST(MinijailDialect, AllowsACallWhoseConditionsDoNotFit) {
  std::vector<SeccompRule> rules;
  for (std::uint64_t value = 0; value < 600; ++value) rules.push_back(equal("ioctl", 1, value));
  rules.push_back(equal("socket", 0, 1));
  const auto written = write("minijail", profile_of(rules));
  EXPECT_THAT(written.text, HasSubstr("ioctl: 1\n"));
  EXPECT_THAT(written.text, HasSubstr("socket: arg0"));
  EXPECT_THAT(written.caveats, Contains(HasSubstr("do not fit: ioctl")));
}

TEST(MinijailDialect, RefusesADefaultThatLetsPass) {
  const auto text = find_seccomp_dialect("minijail")
                        ->write(profile_of({}, {.name = "SCMP_ACT_LOG"}),
                                {.name = "web", .native_arch = "x86_64", .header = {}});
  ASSERT_FALSE(text);
  EXPECT_THAT(text.error().hint, HasSubstr("--default-action"));
}

TEST(FirejailDialect, GivesCallsByNumberThatItDoesNotKnow) {
  const auto text = write("firejail", profile_of({{.names = {"futex_waitv", "openat2"}}})).text;
  EXPECT_THAT(text, HasSubstr("seccomp.keep execve,exit_group,$449,openat2,read\n"));
}

TEST(FirejailDialect, HasTheErrorOfUnusedCallsForAll) {
  const auto written = write("firejail", profile_of({{.names = {"acct"}, .action = kErrno}},
                                                    {.name = "SCMP_ACT_ERRNO", .errno_ret = 38}));
  EXPECT_THAT(written.text, HasSubstr("seccomp-error-action EPERM\n"));
  EXPECT_THAT(written.caveats, Contains(HasSubstr("EPERM, also where the profile says "
                                                  "SCMP_ACT_ERRNO ENOSYS")));
}

// Firejail's way to block them denies personality(2) as well.
TEST(FirejailDialect, KeepsPersonalityWhenItBlocksOtherArchitectures) {
  EXPECT_THAT(write("firejail", profile_of({})).text, HasSubstr("seccomp.block-secondary\n"));
  EXPECT_THAT(write("firejail", profile_of({equal("personality", 0, 8)})).text,
              Not(HasSubstr("seccomp.block-secondary")));
}

TEST(SpoDialect, HasNoErrorNumbers) {
  const auto written = write("spo", profile_of({{.names = {"acct"}, .action = kErrno}},
                                               {.name = "SCMP_ACT_ERRNO", .errno_ret = 38}));
  EXPECT_THAT(written.text, Not(HasSubstr("rrno:")));
  EXPECT_THAT(written.text, Not(HasSubstr("acct")));
  EXPECT_THAT(written.caveats, ElementsAre(HasSubstr("every denied call gets EPERM")));
}

TEST(SpoDialect, CountsCoverageOnlyOfCompleteEvidence) {
  DialectContext context{
      .name = "web", .native_arch = "x86_64", .header = {}, .seen_in = {{"read", 1}, {"bpf", 1}}};
  const auto text = [&] {
    return find_seccomp_dialect("spo")->write(profile_of({}), context)->text;
  };
  EXPECT_THAT(text(), HasSubstr(R"(spo.x-k8s.io/syscall-coverage: )"
                                R"("{\"version\":\"v1\",\"total\":1,\"syscalls\":{\"read\":1}}")"));
  context.complete = false;
  EXPECT_THAT(text(), Not(HasSubstr("coverage")));
}

TEST(CompiledDialects, NameWhatLibseccompDoesNotKnow) {
  for (const char* dialect : {"pfc", "bpf"}) {
    EXPECT_THAT(write(dialect, profile_of({{.names = {"no_such_call"}}})).caveats,
                ElementsAre(HasSubstr("no_such_call")));
    EXPECT_THAT(write(dialect, profile_of({})).caveats, IsEmpty());
  }
}

TEST(Dialects, SayThatAnArchitectureIsUnknown) {
  SeccompProfile profile = profile_of({});
  profile.architectures.emplace_back("SCMP_ARCH_S390X");
  for (const char* dialect : {"systemd", "minijail", "firejail", "pfc", "bpf"}) {
    const auto text = find_seccomp_dialect(dialect)->write(
        profile, {.name = "web", .native_arch = "x86_64", .header = {}});
    ASSERT_FALSE(text) << dialect;
    EXPECT_THAT(text.error().message, HasSubstr("SCMP_ARCH_S390X"));
  }
}

}  // namespace
}  // namespace ig::test
