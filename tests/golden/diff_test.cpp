// SPDX-License-Identifier: Apache-2.0
// A diff in all its forms, compared with files byte for byte. IG_UPDATE_GOLDEN=1 rewrites them.
#include "tests/support/diff.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "reporters/seccomp_diff_report.h"
#include "tests/support/fake_session.h"

namespace ig::test {
namespace {

std::string read(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void expect_file(const std::string& name, const std::string& text) {
  const std::string path = std::string(IG_SOURCE_DIR) + "/tests/golden/" + name;
  if (std::getenv("IG_UPDATE_GOLDEN")) {
    std::ofstream(path) << text;
    return;
  }
  EXPECT_EQ(read(path), text) << "expected: " << path;
}

void expect_report(const SeccompDiffReport& report, const std::string& name) {
  expect_file(name + ".txt", seccomp_diff_text(report, Style{}));
  expect_file(name + ".md", seccomp_diff_markdown(report));
  expect_file(name + ".json", seccomp_diff_json(report).dump(2) + '\n');
  expect_file(name + ".sarif", seccomp_diff_sarif(report, "0.0.0").dump(2) + '\n');
}

// All kinds of changes at once.
constexpr const char* kBefore = R"({
  "defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38,
  "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
  "syscalls": [
    {"names": ["read", "write"], "action": "SCMP_ACT_ALLOW"},
    {"names": ["acct", "chroot"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1},
    {"names": ["socket"], "action": "SCMP_ACT_ALLOW",
     "args": [{"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}]},
    {"names": ["personality"], "action": "SCMP_ACT_ALLOW"},
    {"names": ["mount"], "action": "SCMP_ACT_ALLOW"}
  ]
})";
constexpr const char* kAfter = R"({
  "defaultAction": "SCMP_ACT_KILL_PROCESS",
  "architectures": ["SCMP_ARCH_X86_64"],
  "flags": ["SECCOMP_FILTER_FLAG_LOG"],
  "syscalls": [
    {"names": ["read", "write", "openat"], "action": "SCMP_ACT_ALLOW"},
    {"names": ["bpf"], "action": "SCMP_ACT_ALLOW"},
    {"names": ["socket"], "action": "SCMP_ACT_ALLOW",
     "args": [{"index": 0, "value": 2, "op": "SCMP_CMP_LE"}]},
    {"names": ["personality"], "action": "SCMP_ACT_ALLOW",
     "args": [{"index": 0, "value": 0, "op": "SCMP_CMP_EQ"}]}
  ]
})";

TEST(Golden, DiffOfProfiles) {
  Differ differ;
  const auto before = differ.profile(kBefore), after = differ.profile(kAfter);
  const SeccompDiffReport report{.diff = differ.diff(before, after),
                                 .before = "old/web.json",
                                 .after = "new/web.json",
                                 .after_text = kAfter};
  expect_report(report, "diff_profiles");
}

// Names from a session file may be anything: none of it steers a terminal, ends a cell, mentions a
// person or makes a link.
TEST(Golden, DiffOfRecordingsWithHostileNames) {
  const std::string name = "a|b`@all`<b>\x1b[31m\n[x](http://evil)\xff";
  FakeSession before, after;
  const auto& old_web = before.workload(name);
  const auto& new_web = after.workload(name);
  before.calls(old_web, "steady", {"read", "write"}).values(old_web, "steady", "socket", 0, {1});
  after.calls(new_web, "steady", {"read", "io_uring_setup"})
      .values(new_web, "steady", "socket", 0, {1, 2});
  after.calls(after.workload("sidecar\x1b[2J"), "startup", {"read", "exit_group"});
  Differ differ;
  const auto old_side = differ.recording(before), new_side = differ.recording(after);
  const SeccompDiffReport report{.diff = differ.diff(old_side, new_side),
                                 .before = "old.db",
                                 .after = "a b\x1b[31m%`.db",
                                 .before_recorded = true,
                                 .after_recorded = true,
                                 .after_text = ""};
  expect_report(report, "diff_recordings");
}

}  // namespace
}  // namespace ig::test
