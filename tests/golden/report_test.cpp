// SPDX-License-Identifier: Apache-2.0
// Reports on a whole session, compared with files byte for byte. IG_UPDATE_GOLDEN=1 rewrites them.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "reporters/cell.h"
#include "reporters/report/report_json.h"
#include "reporters/report/report_text.h"
#include "reporters/report/stack_formats.h"
#include "tests/support/golden_file.h"
#include "tests/support/need.h"
#include "tests/support/report_shop.h"

namespace ig::test {
namespace {

std::string file_name(std::string_view kind) {
  std::string name = "report_" + std::string(kind);
  std::ranges::replace(name, '-', '_');
  return name;
}

class GoldenReport : public ::testing::Test {
 protected:
  void SetUp() override { fill_shop(session_); }

  void expect_text(std::string_view kind, const std::string& suffix = "",
                   const report::Question& question = {}) {
    const auto text = report_text(session_.report(kind, question), Style{100, false});
    expect_file(file_name(kind) + suffix + ".txt", text);
  }

  ReportSession session_;
};

TEST_F(GoldenReport, OfEachKind) {
  expect_text(report::kOverview);
  for (const auto& kind : report::kinds()) expect_text(kind.name);
}

TEST_F(GoldenReport, DividedByEachThing) {
  expect_text("dns", "_by_time", {.by = report::By::kTime, .slices = 6});
  expect_text("files", "_by_comm", {.by = report::By::kComm});
  expect_text("tcp", "_by_workload", {.by = report::By::kWorkload});
  expect_text("files", "_by_process_of_db",
              {.selector = {.container = {"db"}}, .by = report::By::kProcess});
}

TEST_F(GoldenReport, OfAPartOfTheTime) {
  expect_text(
      "files", "_of_ten_seconds",
      {.since = report::Moment{true, 10 * kSecond}, .until = report::Moment{true, 20 * kSecond}});
}

TEST_F(GoldenReport, ForMachines) {
  expect_file("report_dns.json", json_document(report_json(session_.report("dns"))));
  expect_file("report_cpu.json", json_document(report_json(session_.report("cpu"))));
}

TEST_F(GoldenReport, AsStacks) {
  const std::vector reports = {session_.report("cpu")};
  expect_file("report_cpu.folded", folded_stacks(reports));
  expect_file("report_cpu.speedscope.json", speedscope_json(reports));
}

// protoc reads it without knowing the fields' names: numbers, nesting and lengths must be right.
TEST_F(GoldenReport, AsAProfileThatProtocReads) {
  IG_NEED(std::system("command -v protoc >/dev/null") == 0,
          "protoc is not installed (Debian package protobuf-compiler)");
  const TemporaryFolder folder;
  const std::vector reports = {session_.report("cpu")};
  const auto profile = pprof_profile(reports);
  ASSERT_TRUE(profile);
  std::ofstream(folder.file("cpu.pb.gz"), std::ios::binary) << *profile;
  const auto command =
      fmt::format("gunzip -c {0}/cpu.pb.gz | protoc --decode_raw > {0}/text", folder.path());
  ASSERT_EQ(std::system(command.c_str()), 0);
  std::ostringstream text;
  text << std::ifstream(folder.file("text")).rdbuf();
  expect_file("report_cpu.pprof.txt", text.str());
}

}  // namespace
}  // namespace ig::test
