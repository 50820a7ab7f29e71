// SPDX-License-Identifier: Apache-2.0
// ig session enrich, from the log file to the advice.
#include <gmock/gmock.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/support/run_command.h"
#include "tests/unit/store/learned_fixture.h"

namespace ig {
namespace {

using testing::HasSubstr;
using testing::Not;

using test::Outcome;
using test::run;

std::string line_of(std::int64_t pid, std::int64_t second, std::uint64_t serial,
                    const std::string& comm = "\"web\"", std::int64_t number = 100) {
  return fmt::format(
      "type=SECCOMP msg=audit({}.123:{}): auid=0 uid=33 gid=33 ses=1 pid={} comm={} "
      "exe=\"/usr/bin/web\" sig=0 arch=c000003e syscall={} compat=0 ip=0x1 code=0x7ffc0000\n",
      at(second) / kSecond, serial, pid, comm, number);
}

class SessionEnrich : public testing::Test {
 protected:
  SessionEnrich() {
    LearnedSession session(path_);
    session.process(kWeb, 101, at(12));
    session.call(kWeb, 0);
    session.workload(4, "twin", 400, at(10));
    session.workload(5, "twin", 500, at(10));
    session.close();
  }
  Outcome enrich(const std::string& log, std::vector<std::string> options = {}) {
    std::ofstream(log_, std::ios::binary) << log;
    options.insert(options.begin(), {"session", "enrich", path_, "--audit", log_});
    return run(options);
  }

  TemporaryFolder folder_;
  std::string path_ = folder_.file("s.db"), log_ = folder_.file("audit.log");
};

TEST_F(SessionEnrich, PrintsWhatItAddedAndSaysWhatItLeftOut) {
  const auto outcome =
      enrich(line_of(101, 50, 1) + "garbage\n" + line_of(101, 51, 2, "\"web\"", 0) +
             line_of(101, 50, 1) + line_of(999, 50, 3) + "type=SECCOMP msg=audit(1");
  EXPECT_EQ(outcome.status, 0) << outcome.words;
  EXPECT_THAT(outcome.out, HasSubstr("WORKLOAD  ARCH    CALL   DENIED"));
  EXPECT_THAT(outcome.out, HasSubstr("web       x86_64  times       1"));
  EXPECT_THAT(outcome.words, HasSubstr("2 of 3 records about seccomp in " + log_ + " added"));
  EXPECT_THAT(outcome.words, HasSubstr("1 record left out: no process of the recording"));
  EXPECT_THAT(outcome.words, HasSubstr("1 line about seccomp cannot be read"));

  const auto info = run({"session", "info", path_});
  EXPECT_THAT(info.out, HasSubstr("Learned after the recording"));
  EXPECT_THAT(info.out, HasSubstr(log_));
  const auto advice = run({"advise", "seccomp-profile", path_, "--container", "web"});
  EXPECT_THAT(advice.out, HasSubstr("\"times\"")) << advice.words;
}

TEST_F(SessionEnrich, IsForMachinesToo) {
  const auto outcome = enrich(line_of(101, 50, 1) + line_of(101, 51, 2), {"-o", "json"});
  const auto json = nlohmann::json::parse(outcome.out, nullptr, false);
  ASSERT_TRUE(json.is_object()) << outcome.out;
  EXPECT_EQ(json["added"], 2);
  EXPECT_EQ(json["calls"][0]["syscall"], "times");
  EXPECT_EQ(json["calls"][0]["denied"], 2);
  EXPECT_EQ(json["calls"][0]["recorded"], false);
}

// `\x1b[2J`, as the kernel writes it.
TEST_F(SessionEnrich, NamesThatProcessesChoseDoNoHarmToTheTerminal) {
  const auto outcome = enrich(line_of(101, 50, 1, "1B5B324AFF"));
  EXPECT_EQ(outcome.status, 0) << outcome.words;
  EXPECT_THAT(outcome.out, Not(HasSubstr("\x1b[2J")));
  const auto json = enrich(line_of(101, 50, 2, "1B5B324AFF"), {"-o", "json"});
  EXPECT_TRUE(nlohmann::json::accept(json.out)) << json.out;
}

TEST_F(SessionEnrich, WorkloadsAreNamedByNameContainerOrId) {
  std::uint64_t serial = 10;
  for (const char* name : {"web", "web0123456789", "2"}) {
    const auto outcome = enrich(line_of(7777, 9000, ++serial), {"--workload", name});
    EXPECT_THAT(outcome.words, HasSubstr("1 of 1 record")) << name;
  }
  const auto none = enrich("", {"--workload", "nobody"});
  EXPECT_EQ(none.status, 1);
  EXPECT_THAT(none.words, HasSubstr("no workload 'nobody'"));
  const auto two = enrich("", {"--workload", "twin"});
  EXPECT_EQ(two.status, 2);
  EXPECT_THAT(two.words, HasSubstr("name one by its ID: 4, 5"));
}

TEST_F(SessionEnrich, WrongUsageSaysWhatIsMissing) {
  EXPECT_EQ(run({"session", "enrich", path_}).status, 2);
  EXPECT_EQ(enrich("", {"--comm", "web"}).status, 2);
  const auto missing = run({"session", "enrich", path_, "--audit", folder_.file("none")});
  EXPECT_EQ(missing.status, 1);
  EXPECT_THAT(missing.words, HasSubstr("read " + folder_.file("none")));
}

}  // namespace
}  // namespace ig
