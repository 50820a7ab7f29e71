// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/support/run_command.h"
#include "tests/support/scratch_folder.h"
#include "tests/unit/store/session_fixture.h"

namespace ig::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class SessionExport : public testing::Test {
 protected:
  SessionExport() {
    auto writer = SessionWriter::create(path_, some_session(), {});
    const auto schema = open_schema();
    expect_ok((*writer)->workload(some_workload()));
    expect_ok((*writer)->data_source(schema));
    for (std::int64_t n = 0; n < 3; ++n) expect_ok((*writer)->event(OpenEvent(n).of(schema)));
    expect_ok((*writer)->close("duration"));
  }

  ScratchFolder folder_;
  std::string path_ = (folder_.path() / "s.db").string();
};

TEST_F(SessionExport, WritesATableAsAnObjectALine) {
  const auto outcome = run({"session", "export", path_, "trace_open"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(std::ranges::count(outcome.out, '\n'), 3);
  const auto first = nlohmann::json::parse(outcome.out.substr(0, outcome.out.find('\n')));
  EXPECT_EQ(first["workload"], "web");
}

TEST_F(SessionExport, WritesEveryTableToAFolder) {
  const auto folder = (folder_.path() / "out").string();
  const auto outcome = run({"session", "export", path_, "--format", "csv", "--output-dir", folder});
  EXPECT_EQ(outcome.status, 0);
  for (const char* table : {"trace_open", "workload", "loss", "session"}) {
    EXPECT_TRUE(std::filesystem::exists(folder + '/' + table + ".csv")) << table;
    EXPECT_THAT(outcome.out, HasSubstr(folder + '/' + table + ".csv\n"));
  }
}

// A file of OpenTelemetry's holds one kind of data.
TEST_F(SessionExport, WritesLogsAndMetricsToFilesOfTheirOwn) {
  const auto folder = (folder_.path() / "out").string();
  const auto outcome =
      run({"session", "export", path_, "--format", "otlp", "--output-dir", folder});
  EXPECT_EQ(outcome.status, 0) << outcome.words;
  EXPECT_EQ(outcome.out, folder + "/logs.jsonl\n");  // nothing was counted
  const auto one = run({"session", "export", path_, "trace_open", "--format", "otlp"});
  EXPECT_THAT(one.out, StartsWith("{\"resourceLogs\":"));
}

TEST_F(SessionExport, OtlpHasNoWordForATableOfOurs) {
  const auto outcome = run({"session", "export", path_, "workload", "--format", "otlp"});
  EXPECT_EQ(outcome.status, 1);
}

TEST_F(SessionExport, SaysWhoRecordsPacketsWhereThereAreNone) {
  const auto outcome = run({"session", "export", path_, "--format", "pcapng"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.words,
            "error: the session has no packets\n"
            "hint: the gadget tcpdump records them: ig record --gadgets +tcpdump\n");
}

TEST_F(SessionExport, SaysWhichTableThereIsNot) {
  const auto outcome = run({"session", "export", path_, "trace_opem"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.words, StartsWith("error: the session has no table 'trace_opem'\n"
                                        "hint: did you mean trace_open?"));
}

TEST_F(SessionExport, WantsToKnowWhereSeveralTablesGo) {
  EXPECT_EQ(run({"session", "export", path_}).status, 2);
}

}  // namespace
}  // namespace ig::test
