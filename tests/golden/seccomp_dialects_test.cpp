// SPDX-License-Identifier: Apache-2.0
// One profile in each of its forms: with rules on arguments, several architectures, calls denied
// by an error of their own, and names that are newer than some reader or unknown to all.
#include "advisors/seccomp/seccomp_dialect.h"
#include "tests/support/golden_file.h"

namespace ig::test {
namespace {

SeccompArgument is(unsigned index, std::uint64_t value) {
  return {index, 0xffffffff, value, "SCMP_CMP_MASKED_EQ"};
}

SeccompProfile profile(std::vector<std::string> architectures) {
  SeccompProfile profile{.default_action = {.name = "SCMP_ACT_ERRNO", .errno_ret = 38},
                         .architectures = std::move(architectures)};
  profile.rules.push_back({.names = {"accept4", "close", "execve", "exit", "exit_group", "futex",
                                     "futex_waitv", "mmap", "munmap", "no_such_call", "openat",
                                     "read", "restart_syscall", "rt_sigreturn", "write"},
                           .comment = "web: recorded"});
  profile.rules.push_back({.names = {"socket"}, .arguments = {is(0, 1)}});
  profile.rules.push_back({.names = {"socket"}, .arguments = {is(0, 2), is(1, 1)}});
  profile.rules.push_back({.names = {"personality"}, .arguments = {is(0, 0)}});
  profile.rules.push_back(
      {.names = {"clone"}, .arguments = {{0, 0x7e020000, 0x10000000, "SCMP_CMP_MASKED_EQ"}}});
  profile.rules.push_back({.names = {"mprotect"}, .arguments = {{2, 4, 0, "SCMP_CMP_MASKED_EQ"}}});
  profile.rules.push_back({.names = {"ioctl"}, .arguments = {is(1, 0x5401)}});
  profile.rules.push_back({.names = {"acct", "bpf", "getsid", "keyctl", "mount", "ptrace"},
                           .action = {.name = "SCMP_ACT_ERRNO", .errno_ret = 1},
                           .comment = "known, not used"});
  return profile;
}

void expect_all_forms(const std::string& name, const SeccompProfile& profile) {
  const DialectContext context{.name = "web",
                               .native_arch = "x86_64",
                               .header = {"web (container of crun)", "recorded on node1"},
                               .recordings = 3,
                               .seen_in = {{"read", 3}, {"socket", 1}}};
  for (const SeccompDialect& dialect : seccomp_dialects()) {
    const auto written = dialect.write(profile, context);
    ASSERT_TRUE(written) << dialect.name << ": " << written.error().message;
    const std::string file = name + "_" + std::string(dialect.name);
    expect_file(file + "." + std::string(dialect.extension), written->text);
    std::string caveats;
    for (const std::string& caveat : written->caveats) caveats += "caveat: " + caveat + "\n";
    expect_file(file + ".words", caveats);
  }
}

TEST(GoldenDialects, OfOneArchitecture) {
  expect_all_forms("dialect_one", profile({"SCMP_ARCH_X86_64"}));
}

TEST(GoldenDialects, OfThreeArchitectures) {
  expect_all_forms("dialect_three",
                   profile({"SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"}));
}

}  // namespace
}  // namespace ig::test
