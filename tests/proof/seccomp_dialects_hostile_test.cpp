// SPDX-License-Identifier: Apache-2.0
// A session file may come from anywhere, and so may the names in it: none of them breaks out of the
// comment or the string that it stands in.
#include <gmock/gmock.h>

#include "advisors/seccomp/seccomp_dialect.h"
#include "tests/support/need.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/seccomp_dialect_readers.h"

namespace ig::test {
namespace {

const std::vector<std::string> kHostile = {
    "web\nptrace: 1\nSystemCallFilter=ptrace\nseccomp.keep ptrace",
    "web\r\n---\nkind: Secret\n",
    "*/ int main() { /*",
    "ends in a backslash\\",
    "\"quoted\": 'and' {braces} [brackets] # %i $(reboot) `reboot`",
    "ptrace,read",
    "ptrace read",
    "@system-service",
    "$101",
    "~read",
    "read:1",
    "- action: SCMP_ACT_ALLOW",
    "\xff\xfe\x00 bytes",
    "\x1b[2J\xe2\x80\xa8line\xc2\x85next",
    ""};

SeccompProfile profile_of(const std::string& text) {
  SeccompProfile profile{.default_action = {.name = "SCMP_ACT_ERRNO", .errno_ret = 1},
                         .architectures = {"SCMP_ARCH_X86_64"}};
  profile.rules.push_back({.names = {"read", "execve"}, .comment = text});
  if (!text.empty()) profile.rules[0].names.push_back(text);
  return profile;
}

std::string written(const SeccompDialect& dialect, const std::string& text) {
  const DialectContext context{.name = "web",
                               .native_arch = "x86_64",
                               .header = {text, "recorded on " + text},
                               .seen_in = {{text, 1}, {"read", 1}}};
  const auto out = dialect.write(profile_of(text), context);
  EXPECT_TRUE(out) << out.error().message;
  return out ? out->text : "";
}

// What counts: all but comments, which in each of these forms begin with # and end with the line.
std::string without_comments(const std::string& text) {
  std::string rest;
  for (const std::string& line : lines_of(text)) {
    if (line.starts_with('#')) {
      EXPECT_FALSE(line.ends_with('\\')) << line;
      EXPECT_TRUE(std::ranges::all_of(line, [](char c) { return c >= ' ' && c <= '~'; })) << line;
    } else {
      rest += line + '\n';
    }
  }
  return rest;
}

TEST(HostileNames, DoNotBreakOutOfAList) {
  for (const char* name : {"systemd", "minijail", "firejail", "pfc"}) {
    const SeccompDialect& dialect = *find_seccomp_dialect(name);
    const std::string clean = without_comments(written(dialect, ""));
    EXPECT_THAT(clean, testing::HasSubstr("read")) << name;
    for (const std::string& text : kHostile) {
      EXPECT_EQ(without_comments(written(dialect, text)), clean) << name << ": " << text;
    }
  }
}

TEST(HostileNames, AreNotInTheProgram) {
  const SeccompDialect& bpf = *find_seccomp_dialect("bpf");
  for (const std::string& text : kHostile) EXPECT_EQ(written(bpf, text), written(bpf, "")) << text;
}

TEST(HostileNames, AreStringsInJsonAndYaml) {
  for (const std::string& text : kHostile) {
    const auto json = SeccompProfile::from_json(written(*find_seccomp_dialect("oci"), text),
                                                {.capabilities = {}, .arch = "x86_64"});
    const SeccompProfile yaml = profile_of_spo(written(*find_seccomp_dialect("spo"), text));
    ASSERT_TRUE(json) << text;
    for (const SeccompProfile& read : {*json, yaml}) {
      EXPECT_EQ(read.default_action.name, "SCMP_ACT_ERRNO");
      ASSERT_EQ(read.rules.size(), 1U) << text;
      EXPECT_EQ(read.rules[0].names.size(), text.empty() ? 2U : 3U) << text;
    }
  }
}

std::string verdict_of_systemd(const std::string& drop_in) {
  const ScratchFolder folder;
  const std::string unit = folder.path() / "web.service";
  std::ofstream(unit) << drop_in << "ExecStart=/bin/true\n";
  return output_of("systemd-analyze verify --recursive-errors=no " + unit + " 2>&1");
}

// systemd's own parser: names that it does not know would be warnings.
TEST(SystemdDropIn, IsTakenBySystemd) {
  IG_NEED(!output_of("systemd-analyze --version 2>/dev/null").empty(),
          "systemd-analyze is not installed");
  const SeccompDialect& systemd = *find_seccomp_dialect("systemd");
  ASSERT_THAT(verdict_of_systemd("[Service]\nSystemCallFilter=no_such_call\n"),
              testing::HasSubstr("no_such_call"));
  SeccompProfile profile = profile_of("no_such_call");
  for (const Call& call : all_calls()) {
    if (call.arch->name == "x86_64" || call.arch->name == "i386") {
      profile.rules[0].names.push_back(call.name);
    }
  }
  profile.architectures.insert(profile.architectures.end(), {"SCMP_ARCH_X86", "SCMP_ARCH_X32"});
  profile.rules.push_back({.names = {"acct", "bpf"}, .action = {.name = "SCMP_ACT_ERRNO"}});
  for (const char* action : {"SCMP_ACT_ERRNO", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_LOG"}) {
    profile.default_action = {.name = action, .errno_ret = 38};
    const auto text =
        systemd.write(profile, {.name = "web", .native_arch = "x86_64", .header = {}});
    ASSERT_TRUE(text);
    EXPECT_EQ(verdict_of_systemd(text->text), "") << action;
  }
  for (const std::string& text : kHostile) {
    EXPECT_EQ(verdict_of_systemd(written(systemd, text)), "") << text;
  }
}

}  // namespace
}  // namespace ig::test
