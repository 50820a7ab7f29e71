// SPDX-License-Identifier: Apache-2.0
// ig report as it is called: which words are what, and how it ends.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/support/report_shop.h"
#include "tests/support/run_command.h"

namespace ig::test {
namespace {

class ReportCommand : public ::testing::Test {
 protected:
  void SetUp() override {
    ReportSession shop, empty;
    fill_shop(shop);
    std::ofstream(folder_.file("shop.db"), std::ios::binary) << shop.bytes();
    std::ofstream(folder_.file("empty.db"), std::ios::binary) << empty.bytes();
  }

  Outcome report(std::vector<std::string> words) {
    words.insert(words.begin(), "report");
    for (auto& word : words) {
      if (word.ends_with(".db")) word = folder_.file(word);
    }
    return run(words);
  }

  TemporaryFolder folder_;
};

TEST_F(ReportCommand, WithoutAKindIsTheOverview) {
  const auto outcome = report({"shop.db"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_TRUE(outcome.out.starts_with("Overview: ")) << outcome.out;
}

TEST_F(ReportCommand, AKindThatWasNotRecordedFailsAndSaysHowToRecordIt) {
  const auto outcome = report({"dns", "empty.db"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.out, "");
  EXPECT_NE(outcome.words.find("error: dns: not recorded\n"), std::string::npos) << outcome.words;
  EXPECT_NE(outcome.words.find("hint: ig record --gadgets +trace_dns"), std::string::npos);
}

TEST_F(ReportCommand, TheOverviewOfWhatRecordedNothingIsNoFailure) {
  const auto outcome = report({"empty.db"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_NE(outcome.out.find("not recorded: ig record --gadgets +trace_dns"), std::string::npos);
}

TEST_F(ReportCommand, AWordThatIsNoKindIsNamed) {
  const auto outcome = report({"dnss", "shop.db"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_NE(outcome.words.find("hint: did you mean dns?"), std::string::npos) << outcome.words;
}

TEST_F(ReportCommand, NeedsASession) {
  EXPECT_EQ(report({}).status, 2);
  EXPECT_EQ(report({"dns"}).status, 2);
}

TEST_F(ReportCommand, StacksAreOfCpuOnly) {
  EXPECT_NE(report({"shop.db", "--format", "folded"}).out.find("nginx;_start;main"),
            std::string::npos);
  EXPECT_EQ(report({"dns", "shop.db", "--format", "folded"}).status, 2);
}

TEST_F(ReportCommand, SeveralSessionsAreSeveralReports) {
  const auto outcome = report({"dns", "shop.db", "empty.db", "--format", "json"});
  EXPECT_EQ(outcome.status, 0);
  const auto json = nlohmann::json::parse(outcome.out, nullptr, false);
  ASSERT_EQ(json.size(), 2U);
  EXPECT_TRUE(json[0]["sections"][0]["recorded"].get<bool>());
  EXPECT_FALSE(json[1]["sections"][0]["recorded"].get<bool>());
}

TEST_F(ReportCommand, APageIsWrittenToItsFile) {
  const auto outcome =
      report({"shop.db", "--format", "html", "--output", folder_.file("shop.html")});
  EXPECT_EQ(outcome.status, 0) << outcome.words;
  std::ifstream file(folder_.file("shop.html"));
  std::string first;
  std::getline(file, first);
  EXPECT_EQ(first, "<!DOCTYPE html>");
}

TEST_F(ReportCommand, NumbersAndTimesThatAreNoneAreUsageErrors) {
  EXPECT_EQ(report({"shop.db", "--slices", "0"}).status, 2);
  EXPECT_EQ(report({"shop.db", "--max-rows", "many"}).status, 2);
  EXPECT_EQ(report({"shop.db", "--since", "yesterday"}).status, 2);
  EXPECT_EQ(report({"shop.db", "--since", "50s", "--until", "10s"}).status, 2);
}

}  // namespace
}  // namespace ig::test
