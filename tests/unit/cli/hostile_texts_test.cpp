// SPDX-License-Identifier: Apache-2.0
// What a process, a file or a session chose to be called never steers the terminal of the person
// who reads about it, nor passes for a line of ours.
#include <gtest/gtest.h>

#include <fstream>

#include "advisors/advisor.h"
#include "advisors/report/report.h"
#include "base/text.h"
#include "tests/support/hostile_shop.h"
#include "tests/support/run_command.h"

namespace ig::test {
namespace {

using Words = std::vector<std::string>;

class HostileTexts : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { write_hostile_shop(shop()); }
  static void TearDownTestSuite() { folder_.reset(); }
  static std::string file(const std::string& name) { return folder_->file(name); }
  static std::string shop() { return file("shop.db"); }

  // Whatever it answers, stdout and stderr are harmless.
  static Outcome expect_harmless(const Words& words) {
    const auto outcome = run(words);
    EXPECT_EQ(what_steers(outcome.out), "") << "stdout of ig " << join(words, " ");
    EXPECT_EQ(what_steers(outcome.words), "") << "stderr of ig " << join(words, " ");
    return outcome;
  }
  // And it has something to say.
  static void expect_harmless_answer(const Words& words) {
    const auto outcome = expect_harmless(words);
    EXPECT_NE(outcome.out, "") << "ig " << join(words, " ") << ": " << outcome.words;
  }
  static std::string written(const std::string& name, std::string_view content) {
    std::ofstream(file(name), std::ios::binary) << content;
    return file(name);
  }

  static inline std::unique_ptr<TemporaryFolder> folder_ = std::make_unique<TemporaryFolder>();
};

TEST_F(HostileTexts, OfASessionAreSeenAsWhatTheyAre) {
  const auto outcome = run({"session", "info", shop()});
  EXPECT_EQ(outcome.status, 0) << outcome.words;
  EXPECT_NE(outcome.out.find("webx\\x1b]0;owned\\x07"), std::string::npos) << outcome.out;
}

TEST_F(HostileTexts, DoNotSteerByAReport) {
  for (const char* by : {"workload", "process", "comm", "time"}) {
    expect_harmless_answer({"report", "overview", shop(), "--by", by});
    for (const auto& kind : report::kinds()) {
      expect_harmless({"report", std::string(kind.name), shop(), "--by", by});
    }
  }
  for (const char* format : {"json", "folded", "speedscope"}) {
    expect_harmless_answer({"report", "cpu", shop(), "--format", format});
  }
}

TEST_F(HostileTexts, DoNotSteerByWhatIsSaidOfASession) {
  for (const char* format : {"columns", "json"}) {
    expect_harmless_answer({"session", "info", shop(), "-o", format});
    expect_harmless_answer({"session", "list", file(""), "-o", format});
    expect_harmless_answer({"session", "check", shop(), "-o", format});
  }
  for (const char* format : {"columns", "tsv", "json"}) {
    for (const char* table : {"workload", "trace_exec", "evil_gadget", "loss", "session"}) {
      expect_harmless_answer(
          {"session", "query", shop(), fmt::format("SELECT * FROM {}", table), "-o", format});
    }
    expect_harmless_answer({"session", "query", shop(), "programs", "-o", format});
  }
}

TEST_F(HostileTexts, DoNotSteerByCallsOfAFlightRecorder) {
  for (const char* format : {"text", "json", "perfetto"}) {
    expect_harmless_answer({"traceloop", shop(), "--format", format});
  }
  expect_harmless_answer({"traceloop", shop(), "--summary"});
}

TEST_F(HostileTexts, DoNotSteerByAdvice) {
  for (const auto* advisor : advisors()) {
    for (const auto format : advisor->formats) {
      if (format == "bpf") continue;  // bytes
      expect_harmless({"advise", std::string(advisor->name), shop(), "--format",
                       std::string(format), "--explain", "--tolerate-loss"});
    }
  }
}

TEST_F(HostileTexts, DoNotSteerByAComparison) {
  ReportSession calm;
  fill_shop(calm);
  const auto before = written("calm.db", calm.bytes());
  for (const char* format : {"columns", "json", "markdown"}) {
    expect_harmless_answer({"diff", "session", before, shop(), "-o", format});
    expect_harmless({"diff", "seccomp", before, shop(), "-o", format, "--tolerate-loss"});
  }
  std::filesystem::remove(before);
}

TEST_F(HostileTexts, DoNotSteerByAVerdict) {
  const auto profile = written("profile.json", R"({"defaultAction": "SCMP_ACT_ERRNO",
      "syscalls": [{"names": ["read"], "action": "SCMP_ACT_ALLOW"}]})");
  const std::string head = R"(
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: "web\e[31m\nINJECTED", namespace: "shop\e[31m"}
)";
  const auto policy = written("policy.yaml", head + "spec: {podSelector: {}, ingress: []}");
  const auto wider = written("wider.yaml", head + "spec: {podSelector: {}, ingress: [{}]}");
  for (const char* format : {"columns", "json"}) {
    expect_harmless_answer({"verify", "seccomp", profile, shop(), "-o", format, "--unused"});
    expect_harmless_answer({"verify", "network-policy", policy, shop(), "-o", format});
    expect_harmless_answer({"diff", "network-policy", policy, wider, "-o", format});
  }
}

TEST_F(HostileTexts, DoNotSteerByWhatAProfileNames) {
  const auto profile = written("odd.json", R"({"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
      {"names": ["re\u001b[31mad\u009b2J\nINJECTED"], "action": "SCMP_ACT_ALLOW",
       "comment": "\u001b[31m\u009b2J\nINJECTED"}]})");
  for (const char* format : {"columns", "json", "sarif"}) {
    expect_harmless({"lint", "seccomp", profile, "-o", format});
    expect_harmless({"diff", "seccomp", profile, profile, "-o", format});
  }
  expect_harmless({"verify", "seccomp", profile, shop(), "--unused"});
}

TEST_F(HostileTexts, OfTheCommandLineDoNotSteerByAnError) {
  const std::string hostile(kHostile);
  for (const char* command : {"record", "advise", "report", "verify", "lint", "diff", "traceloop",
                              "session", "run", "gadget", "probe", "completion", "help"}) {
    expect_harmless({command, hostile});
    expect_harmless({command, "--" + hostile});
  }
  expect_harmless({hostile});
  for (const char* action : {"info", "list", "query", "export", "check", "verify"}) {
    expect_harmless({"session", action, file(hostile)});
  }
  expect_harmless({"gadget", "info", hostile});
  expect_harmless({"report", "dns", shop(), "--by", hostile});
  expect_harmless({"report", "dns", shop(), "--container", hostile});
  expect_harmless({"session", "query", shop(), "SELECT " + hostile});
  expect_harmless({"advise", "seccomp-profile", shop(), "--format", hostile});
}

// A file may be called anything, and one that is no session is named by the error.
TEST_F(HostileTexts, OfAFileNameDoNotSteer) {
  const auto odd = written("odd\x1b[31m\nINJECTED", "SQLite format 3");
  for (const char* action : {"info", "check", "export"}) expect_harmless({"session", action, odd});
  const auto named = file("shop\x1b[31m\nINJECTED.db");
  std::filesystem::copy_file(shop(), named);
  for (const char* action : {"info", "check"}) expect_harmless_answer({"session", action, named});
  expect_harmless_answer({"report", "overview", named});
  expect_harmless_answer({"session", "anonymize", named, "-o", file("out\x1b[31m\nINJECTED.db")});
}

}  // namespace
}  // namespace ig::test
