// SPDX-License-Identifier: Apache-2.0
// The command line as a whole: what every wrong usage ends with, and that the documentation says
// what the binary does.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "cli/help.h"
#include "tests/support/run_command.h"

namespace ig {
namespace {

using test::run;

// Wrong usage: status 2, nothing on stdout, one line `error:` and one line `hint:`.
TEST(Commands, WrongUsageIsTwoLinesAndStatus2) {
  const std::vector<std::vector<std::string>> wrong = {
      {"recrod"},
      {"session", "inof", "x.db"},
      {"record", "sleep", "1"},
      {"record", "--durration", "1s"},
      {"record", "--duration", "soon"},
      {"record", "--backend", "magic"},
      {"record", "--backend", "ptrace"},
      {"record", "--param", "nonsense"},
      {"record", "--pid", "x"},
      {"advise", "secomp-profile", "x.db"},
      {"advise"},
      {"session", "info"},
      {"session", "info", "a", "b"},
      {"session", "query", "x.db", "SELECT 1", "-o", "xml"},
      {"run"},
  };
  for (const auto& words : wrong) {
    const auto outcome = run(words);
    const auto line = testing::PrintToString(words) + '\n' + outcome.words;
    EXPECT_EQ(outcome.status, 2) << line;
    EXPECT_EQ(outcome.out, "") << line;
    EXPECT_TRUE(outcome.words.starts_with("error: ")) << line;
    EXPECT_NE(outcome.words.find("\nhint: "), std::string::npos) << line;
    EXPECT_EQ(std::ranges::count(outcome.words, '\n'), 2) << line;
  }
}

TEST(Commands, NamesTheNearestCommand) {
  EXPECT_NE(run({"recrod"}).words.find("did you mean ig record?"), std::string::npos);
  EXPECT_NE(run({"session", "qurey"}).words.find("did you mean ig session query?"),
            std::string::npos);
}

TEST(Commands, HelpGoesToStdoutAndSucceeds) {
  for (const auto& words : std::vector<std::vector<std::string>>{
           {"help"}, {"--help"}, {"help", "record"}, {"record", "--help"}, {"session", "--help"}}) {
    const auto outcome = run(words);
    EXPECT_EQ(outcome.status, 0);
    EXPECT_TRUE(outcome.out.starts_with("usage: ig ")) << outcome.out;
    EXPECT_EQ(outcome.words, "");
  }
  EXPECT_EQ(run({"help", "record"}).out, run({"record", "--help"}).out);
}

TEST(Commands, NoCommandIsWrongUsage) {
  EXPECT_EQ(run({}).status, 2);
  EXPECT_EQ(run({"session"}).status, 2);
}

// --help after -- belongs to the command that is recorded.
TEST(Commands, HelpOfTheRecordedCommandIsNotOurs) {
  EXPECT_EQ(run({"record", "--backend", "magic", "--", "ls", "--help"}).status, 2);
}

TEST(Commands, MissingFileIsAFailure) {
  const auto outcome = run({"session", "info", "/nonexistent/x.db"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_TRUE(outcome.words.starts_with("error: ")) << outcome.words;
}

TEST(Commands, EveryCommandHasASummaryAndASyntax) {
  for (const auto& command : commands()) {
    EXPECT_FALSE(command.summary.empty()) << command.name;
    EXPECT_FALSE(command.summary.ends_with('.')) << command.name;
    EXPECT_NE(command.run, nullptr) << command.name;
  }
}

TEST(Documentation, IsWhatTheTablesSay) {
  const std::string path = IG_SOURCE_DIR "/docs/commands.md";
  if (std::getenv("IG_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << commands_markdown();
  std::ifstream file(path);
  std::istringstream made(commands_markdown());
  std::string documented, line;
  while (std::getline(made, line)) {
    std::getline(file, documented);
    ASSERT_EQ(documented, line) << "ig help --markdown > docs/commands.md";
  }
  EXPECT_FALSE(std::getline(file, documented)) << documented;
}

}  // namespace
}  // namespace ig
