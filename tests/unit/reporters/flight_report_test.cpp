// SPDX-License-Identifier: Apache-2.0
#include "reporters/flight_report.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace ig {
namespace {

using testing::HasSubstr;
using testing::Not;

FlightCall opened() {
  FlightCall call;
  call.begin_ns = 1'762'178'400'001'002'003;  // 2025-11-03T14:00:00Z
  call.duration_ns = 3'000;
  call.pid = call.tid = 4711;
  call.comm = "sh";
  call.workload = "web";
  call.name = "openat";
  call.parameters = "AT_FDCWD, \"/x\", O_RDONLY";
  call.result = "-1 ENOENT (No such file or directory)";
  call.failed = true;
  return call;
}

std::string written(FlightWriter& writer, const std::vector<FlightCall>& calls) {
  testing::internal::CaptureStdout();
  for (const auto& call : calls) writer.call(call);
  writer.end();
  std::fflush(stdout);
  return testing::internal::GetCapturedStdout();
}

TEST(FlightReport, WritesALineAsStraceDoes) {
  EXPECT_EQ(
      strace_line(opened()),
      "4711<sh> 14:00:00.001002 openat(AT_FDCWD, \"/x\", O_RDONLY)        = -1 ENOENT (No such "
      "file or directory) <0.000003>");
}

TEST(FlightReport, LeavesACallOpenThatHasNotEnded) {
  auto call = opened();
  call.finished = false;
  call.result = "<unfinished ...>";
  EXPECT_THAT(strace_line(call), testing::EndsWith("O_RDONLY <unfinished ...>"));
}

TEST(FlightReport, NeverLetsARecordedNameSteerTheTerminal) {
  auto call = opened();
  call.comm = "\x1b[2J";
  EXPECT_THAT(strace_line(call), Not(HasSubstr("\x1b")));
}

TEST(FlightReport, SumsUpByCallWhatTookMostTimeFirst) {
  auto slow = opened();
  slow.name = "read";
  slow.failed = false;
  slow.duration_ns = 9'000'000;
  FlightSummary summary(stdout);
  EXPECT_EQ(written(summary, {opened(), slow, opened()}),
            "% time     seconds  usecs/call     calls    errors syscall\n"
            "------ ----------- ----------- --------- --------- ----------------\n"
            " 99.93    0.009000        9000         1           read\n"
            "  0.07    0.000006           3         2         2 openat\n"
            "------ ----------- ----------- --------- --------- ----------------\n"
            "100.00    0.009006        3002         3         2 total\n");
}

TEST(FlightReport, WritesTraceEventsFromTheFirstCallOn) {
  auto later = opened();
  later.begin_ns += 2'000;
  const auto writer = make_flight_writer("perfetto", stdout);
  const auto trace = nlohmann::json::parse(written(*writer, {opened(), later}));
  const auto& events = trace["traceEvents"];
  ASSERT_EQ(events.size(), 4U);  // the names of process and thread first
  EXPECT_EQ(events[0]["args"]["name"], "sh (web)");
  EXPECT_EQ(events[2]["ts"], 0.0);
  EXPECT_EQ(events[3]["ts"], 2.0);
  EXPECT_EQ(events[3]["dur"], 3.0);
  EXPECT_EQ(trace["otherData"]["start"], "2025-11-03T14:00:00.001002003Z");
}

TEST(FlightReport, WritesATraceOfNothing) {
  const auto writer = make_flight_writer("perfetto", stdout);
  EXPECT_TRUE(nlohmann::json::parse(written(*writer, {}))["traceEvents"].empty());
}

}  // namespace
}  // namespace ig
