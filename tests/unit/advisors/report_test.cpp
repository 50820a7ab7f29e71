// SPDX-License-Identifier: Apache-2.0
#include "advisors/report/report.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "advisors/report/flame_tree.h"
#include "advisors/report/latency.h"
#include "advisors/report/process_forest.h"
#include "tests/support/report_session.h"

namespace ig::report {
namespace {

using test::at;
using test::kMicrosecond;
using test::ReportSession;

TEST(Latency, PercentilesAreAtMostTwoPercentOff) {
  Latency latency;
  for (std::int64_t us = 1; us <= 100'000; ++us) latency.add(us * kMicrosecond);
  const auto p = latency.percentiles();
  EXPECT_NEAR(static_cast<double>(p.p50), 50'000e3, 1000e3);
  EXPECT_NEAR(static_cast<double>(p.p99), 99'000e3, 1980e3);
  EXPECT_EQ(p.max, 100'000 * kMicrosecond);
  EXPECT_FALSE(p.at_most);
}

TEST(Latency, SlotsOfPowersOfTwoGiveBounds) {
  Latency latency;
  latency.add_slots("[0,0,90,9,1]", kMicrosecond);  // 90 of 4 to 7 us
  const auto p = latency.percentiles();
  EXPECT_TRUE(p.at_most);
  EXPECT_EQ(p.count, 100U);
  EXPECT_EQ(p.p50, 8 * kMicrosecond - 1);
  EXPECT_EQ(p.p99, 16 * kMicrosecond - 1);
  EXPECT_EQ(latency.slots(), (std::vector<std::uint64_t>{0, 0, 90, 9, 1}));
}

TEST(Latency, ALongestThatIsKnownBoundsPercentiles) {
  Latency latency;
  latency.set_longest(900'000);
  latency.add_slots("[0,0,0,0,0,0,0,0,0,5]", kMicrosecond);
  EXPECT_EQ(latency.percentiles().max, 900'000);
  EXPECT_EQ(latency.percentiles().p99, 900'000);
}

TEST(Latency, WhatIsNoHistogramAddsNothing) {
  Latency latency;
  for (const char* text : {"", "x", "{}", "[-1]", "[\"1\"]", "[1e99]"}) {
    latency.add_slots(text, kMicrosecond);
  }
  EXPECT_EQ(latency.count(), 0U);
}

TEST(FlameTree, PutsTogetherWhatStacksHaveInCommon) {
  FlameTree tree;
  const std::vector<std::pair<std::string_view, FlameNode::Kind>> base = {
      {"web", FlameNode::Kind::kProcess}};
  tree.add({base, "main;a", ""}, 3);
  tree.add({base, "main;b", "read"}, 4);
  const auto nodes = std::move(tree).finish();
  ASSERT_EQ(nodes.size(), 6U);  // all, web, main, a, b, read
  EXPECT_EQ(nodes[2].name, "main");
  EXPECT_EQ(nodes[2].total, 7U);
  EXPECT_EQ(nodes[2].self, 0U);
  EXPECT_EQ(nodes[5].kind, FlameNode::Kind::kKernel);
}

TEST(FlameTree, KeepsEverySampleWhereItIsFull) {
  FlameTree tree(10);
  for (int i = 0; i < 100; ++i) tree.add({{}, "main;f" + std::to_string(i), ""}, 1);
  EXPECT_TRUE(tree.full());
  std::uint64_t samples = 0;
  for (const auto& node : std::move(tree).finish()) samples += node.self;
  EXPECT_EQ(samples, 100U);
}

TEST(FlameTree, PruningGivesTheSamplesToTheParent) {
  FlameTree tree;
  tree.add({{}, "main;hot", ""}, 97);
  tree.add({{}, "main;cold;colder", ""}, 2);
  tree.add({{}, "main;cold", ""}, 1);
  const auto all = std::move(tree).finish();
  const auto nodes = prune(all, 0.05);
  ASSERT_EQ(nodes.size(), 3U);
  EXPECT_EQ(nodes[1].self, 3U);
  EXPECT_EQ(nodes[1].total, 100U);
}

TEST(FlameTree, ARecursiveFunctionCountsOnce) {
  FlameTree tree;
  tree.add({{}, "walk;walk;walk", ""}, 5);
  const auto functions = functions_of(std::move(tree).finish());
  ASSERT_EQ(functions.size(), 1U);
  EXPECT_EQ(functions[0].total, 5U);
}

Execution execution(std::int64_t second, std::int64_t pid, std::int64_t parent, std::string comm,
                    std::string arguments = "") {
  return {.pid = pid,
          .parent_pid = parent,
          .time_ns = at(second),
          .comm = std::move(comm),
          .parent_comm = "parent",
          .arguments = std::move(arguments),
          .file = "",
          .workload = "web"};
}

std::vector<std::string> shown(const ProcessTree& tree) {
  std::vector<std::string> lines;
  for (const auto& node : tree.nodes) {
    lines.push_back(std::string(node.depth, '.') + node.name +
                    (node.repeated > 1 ? "*" + std::to_string(node.repeated) : ""));
  }
  return lines;
}

TEST(ProcessForest, PutsProcessesBelowWhoStartedThem) {
  const auto tree = process_forest({execution(2, 20, 10, "sh"), execution(1, 10, 1, "make"),
                                    execution(3, 30, 20, "cc"), execution(4, 11, 1, "other")});
  EXPECT_EQ(shown(tree), (std::vector<std::string>{"parent", ".make", "..sh", "...cc", ".other"}));
}

TEST(ProcessForest, PutsAProgramBelowTheOneItTookThePlaceOf) {
  const auto tree = process_forest({execution(1, 10, 1, "env"), execution(2, 10, 1, "bash")});
  EXPECT_EQ(shown(tree), (std::vector<std::string>{"parent", ".env", "..bash"}));
}

TEST(ProcessForest, TheTurnsOfALoopAreOne) {
  std::vector<Execution> turns = {execution(0, 5, 1, "sh")};
  for (int i = 0; i < 9; ++i) turns.push_back(execution(i + 1, 100 + i, 5, "curl", "curl x"));
  EXPECT_EQ(shown(process_forest(turns)), (std::vector<std::string>{"parent", ".sh", "..curl*9"}));
}

TEST(ProcessForest, ManyOfOneNameAreOneWhateverTheirArguments) {
  std::vector<Execution> turns;
  for (int i = 0; i < 9; ++i) {
    turns.push_back(execution(i, 100 + i, 1, "cat", "cat " + std::to_string(i)));
  }
  EXPECT_EQ(shown(process_forest(turns)), (std::vector<std::string>{"parent", ".cat*9"}));
}

TEST(ProcessForest, AShellsOwnChildIsBelowTheShell) {
  const Ancestry ancestry = {{15, {10, "sh"}}, {99, {98, "init"}}};
  const auto tree = process_forest(
      {execution(1, 10, 1, "sh"), execution(2, 16, 15, "cat"), execution(3, 100, 99, "cron")},
      ancestry);
  EXPECT_EQ(shown(tree),
            (std::vector<std::string>{"parent", ".sh", "..parent", "...cat", "parent", ".cron"}));
}

TEST(ProcessForest, SaysWhatItLeavesOut) {
  std::vector<Execution> all;
  for (int i = 0; i < 4; ++i) all.push_back(execution(i, 10 + i, 9 + i, "deeper"));
  const auto tree = process_forest(all, {}, 2);
  EXPECT_EQ(tree.nodes.size(), 2U);
  EXPECT_EQ(tree.left_out, 3U);
}

// What is in the parent's place of a cycle of pids must not hang the report.
TEST(ProcessForest, EndsWhereProcessesAreEachOthersParents) {
  const auto tree = process_forest({execution(1, 10, 20, "a"), execution(2, 20, 10, "b"),
                                    execution(3, 10, 20, "c"), execution(4, 10, 10, "d")});
  EXPECT_EQ(tree.nodes.size(), 5U);
}

const EventSchema& opens(ReportSession& session) {
  auto& schema = session.table(
      "trace_open", {"timestamp_raw:time", "+", "error_raw:errno", "fname:path", "fpath:path"});
  session.declare(schema);
  return schema;
}

void open_file(ReportSession& session, const EventSchema& schema, const Workload& who,
               const char* comm, std::int64_t pid, std::int64_t parent, std::int64_t second) {
  session.row(schema, who,
              {{"timestamp_raw", at(second)},
               {"proc.comm", comm},
               {"proc.pid", pid},
               {"proc.parent.pid", parent},
               {"error_raw", std::int64_t{0}},
               {"fname", "f"},
               {"fpath", "/f"}});
}

std::string headline(ReportSession& session, const Question& question) {
  return session.report("files", question).sections.at(0).headline;
}

TEST(Report, ChoosesByWorkloadProcessAndTime) {
  ReportSession session;
  const auto& web = session.workload("web");
  const auto& db = session.workload("db");
  const auto& schema = opens(session);
  open_file(session, schema, web, "sh", 10, 1, 1);
  open_file(session, schema, web, "cat", 11, 10, 2);
  open_file(session, schema, web, "it's", 12, 1, 3);
  open_file(session, schema, db, "postgres", 20, 1, 30);
  EXPECT_EQ(headline(session, {}), "4 opens of 1 file, 0 failed");
  EXPECT_EQ(headline(session, {.selector = {.container = {"db"}}}), "1 open of 1 file, 0 failed");
  EXPECT_EQ(headline(session, {.selector = {.comm = {"it's"}}}), "1 open of 1 file, 0 failed");
  EXPECT_EQ(headline(session, {.selector = {.comm = {"!cat"}}}), "3 opens of 1 file, 0 failed");
  // A process, and what it started.
  EXPECT_EQ(headline(session, {.selector = {.pid = {10}}}), "2 opens of 1 file, 0 failed");
  EXPECT_EQ(
      headline(session, {.since = Moment{true, 2'500'000'000}, .until = Moment{false, at(10)}}),
      "1 open of 1 file, 0 failed");
}

TEST(Report, ATimeOutsideOfTheRecordingIsAnError) {
  ReportSession session;
  const auto made =
      make_report({&session.reader(), "s.db"}, "files", {.since = Moment{false, at(3600)}});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ErrorCode::kUsage);
}

TEST(Report, SaysHowToRecordWhatWasNot) {
  ReportSession session;
  const auto section = session.report("dns").sections.at(0);
  EXPECT_FALSE(section.recorded);
  EXPECT_EQ(section.headline,
            "not recorded: ig record --gadgets +trace_dns records it, and so does --preset all");
}

TEST(Report, SaysWhatWasLostAndWhatARungCannotFill) {
  ReportSession session;
  GadgetRun run;
  run.programs = {{"checked", "kprobe/checked", false, "this kernel has no kprobe", "fctime"}};
  session.declare(session.table(
      "trace_open", {"timestamp_raw:time", "+", "error_raw:errno", "fname:path", "fpath:path"},
      run));
  session.lose("trace_open", 7);
  session.lose("trace_dns", 9);
  const auto section = session.report("files").sections.at(0);
  EXPECT_EQ(section.notes, (std::vector<std::string>{
                               "trace_open lost 7 events (ring full)",
                               "trace_open could not fill fctime: this kernel has no kprobe"}));
  EXPECT_EQ(section.headline, "nothing of it happened");
}

TEST(Report, ATableOfAnotherGadgetOfThatNameIsAnError) {
  ReportSession session;
  session.declare(session.table("trace_open", {"timestamp_raw:time", "+"}));
  const auto made = make_report({&session.reader(), "s.db"}, "files", {});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().hint, "it was recorded by another gadget of the same name");
}

// Somebody else's session may hold texts where numbers belong, and numbers that no sum holds.
TEST(Report, EndsWellWhateverACellHolds) {
  ReportSession session;
  const auto& web = session.workload("web");
  auto& cpu = session.table("profile_cpu", {"+", "samples", "first_raw:time", "last_raw:time",
                                            "user_stack_raw:stack", "kern_stack:stack"});
  session.declare(cpu);
  std::string deep = "f";
  for (int i = 0; i < 5000; ++i) deep += ";f";
  for (int i = 0; i < 3; ++i) {
    session.row(cpu, web,
                {{"samples", INT64_MAX}, {"user_stack_raw", deep}, {"kern_stack", ";;\xff;"}});
  }
  const auto& opened = opens(session);
  session.row(opened, web, {{"timestamp_raw", "soon"}, {"error_raw", INT64_MIN}});
  for (const auto& kind : kinds()) {
    EXPECT_TRUE(make_report({&session.reader(), "s.db"}, kind.name, {})) << kind.name;
  }
  EXPECT_TRUE(make_report({&session.reader(), "s.db"}, kOverview, {}));
}

TEST(Moment, IsATimeOrADistanceFromTheBeginning) {
  const auto date = parse_moment("2025-11-03T14:00:10.5Z");
  ASSERT_TRUE(date);
  EXPECT_FALSE(date->from_start);
  EXPECT_EQ(date->ns, at(10) + 500'000'000);
  const auto distance = parse_moment("1m30s");
  ASSERT_TRUE(distance);
  EXPECT_TRUE(distance->from_start);
  EXPECT_EQ(distance->ns, 90 * test::kSecond);
  for (const char* wrong : {"", "soon", "2025-11-03", "2025-11-03T14:00:00+01:00"}) {
    EXPECT_FALSE(parse_moment(wrong)) << wrong;
  }
}

TEST(ReportKinds, NeedGadgetsThatThereAre) {
  for (const auto& kind : kinds()) {
    for (const auto gadget : kind.gadgets) {
      EXPECT_TRUE(std::filesystem::exists(fmt::format("{}/gadgets/{}", IG_SOURCE_DIR, gadget)))
          << gadget;
    }
  }
}

}  // namespace
}  // namespace ig::report
