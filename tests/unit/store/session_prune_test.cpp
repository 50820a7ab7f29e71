// SPDX-License-Identifier: Apache-2.0
#include "store/session_prune.h"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>

#include "store/session_check.h"
#include "store/session_edit.h"
#include "tests/unit/store/learned_fixture.h"

namespace ig {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

bool holds(const std::string& path, std::string_view text) {
  return bytes_of(path).find(text) != std::string::npos;
}

class SessionPrune : public testing::Test {
 protected:
  SessionPrune() {
    LearnedSession session(path_);
    session.process(kWeb, 101, at(12), "web-proc");
    session.process(kDb, 201, at(50), "db-hunter2-proc");
    session.call(kWeb, 1);  // from 30 to 40
    session.call(kDb, 2);
    auto& writer = session.writer();
    GadgetRun run;
    run.gadget = "trace_open";
    run.programs.emplace_back().name = "opened";
    expect_ok(writer.gadget_run(run));
    expect_ok(writer.data_source(open_));
    open(writer, kWeb, at(20), "/srv/early-hunter2");
    open(writer, kWeb, at(60), "/srv/late");
    open(writer, kDb, at(60), "/srv/db-hunter2");
    expect_ok(writer.loss({.gadget = "trace_open", .count = 3, .detail = "ring"}));
    session.close();
  }
  void open(SessionWriter& writer, WorkloadId workload, std::int64_t time,
            const std::string& path) {
    std::vector<Value> values(open_.columns.size(), Value::of(std::int64_t{0}));
    values[0] = Value::of(time);
    for (const int text : {1, 6}) values[text] = Value::of(std::string_view("opener"));
    values[static_cast<std::size_t>(open_.find("fname"))] = Value::of(std::string_view(path));
    expect_ok(writer.event({.schema = open_, .workload = workload, .values = values}));
  }
  Result<PruneResult> pruned(const PruneRequest& request) {
    PruneResult result;
    IG_TRY(write_changed_session(path_, out_, [&](Database& database) -> Result<> {
      IG_ASSIGN(result, prune(database, request));
      return {};
    }));
    return result;
  }
  std::unique_ptr<SessionReader> reader() { return std::move(*open_session(out_)); }
  std::string one(const std::string& sql) { return ask_one(*reader(), sql); }
  std::vector<Loss> cuts() {
    std::vector<Loss> found;
    const auto losses = *reader()->losses();
    for (const auto& loss : losses) {
      if (loss.kind == Loss::Kind::kPruned) found.push_back(loss);
    }
    return found;
  }

  TemporaryFolder folder_;
  std::string path_ = folder_.file("s.db"), out_ = folder_.file("out.db");
  EventSchema open_ = open_schema();
};

TEST_F(SessionPrune, OnlyChosenWorkloadsStay) {
  const auto result = pruned({.keep = std::vector<WorkloadId>{kWeb}});
  expect_ok(result);
  EXPECT_EQ(result->workloads_gone, 2U);
  EXPECT_EQ(one("SELECT group_concat(name) FROM workload"), "web");
  EXPECT_EQ(one("SELECT group_concat(fname) FROM (SELECT fname FROM trace_open ORDER BY fname)"),
            "/srv/early-hunter2,/srv/late");
  EXPECT_EQ(one("SELECT group_concat(syscall_raw) FROM advise_seccomp_rows"), "1");
}

TEST_F(SessionPrune, NoByteOfWhatWentIsLeft) {
  ASSERT_TRUE(holds(path_, "db-hunter2"));
  expect_ok(pruned({.keep = std::vector<WorkloadId>{kWeb}, .from_ns = at(55)}));
  EXPECT_FALSE(holds(out_, "hunter2"));
  EXPECT_TRUE(holds(out_, "/srv/late"));
}

TEST_F(SessionPrune, InItsPlaceNoByteIsLeftEither) {
  auto edit = SessionEdit::open(path_);
  expect_ok(edit);
  expect_ok(edit->rewrite([](Database& database) -> Result<> {
    IG_TRY(prune(database, {.keep = std::vector<WorkloadId>{kWeb}, .drop = {"trace_open"}}));
    return {};
  }));
  EXPECT_FALSE(holds(path_, "hunter2"));
  EXPECT_FALSE(std::filesystem::exists(folder_.file(".s.db.ig-edit")));
}

TEST_F(SessionPrune, NothingThatNobodyRefersToStays) {
  const auto result = pruned({.drop = {"trace_open"}});
  expect_ok(result);
  EXPECT_EQ(result->texts_gone, 3U);
  EXPECT_EQ(one("SELECT count(*) FROM path"), "0");
  EXPECT_EQ(one("SELECT group_concat(comm) FROM process WHERE comm = 'opener'"), "");
  EXPECT_THAT(*find_damage(out_), IsEmpty());
}

TEST_F(SessionPrune, AGadgetGoesWithItsRunsAndLosses) {
  expect_ok(pruned({.drop = {"trace_open"}}));
  EXPECT_EQ(one("SELECT group_concat(gadget) FROM gadget_run"), "advise_seccomp");
  EXPECT_EQ(one("SELECT count(*) FROM gadget_program"), "0");
  EXPECT_EQ(one("SELECT count(*) FROM data_source WHERE view = 'trace_open'"), "0");
  EXPECT_EQ(one("SELECT kind || ' ' || count FROM loss WHERE gadget = 'trace_open'"), "pruned 3");
  ASSERT_EQ(cuts().size(), 1U);
  EXPECT_EQ(cuts()[0].workload, 0) << "nobody's evidence: the gadget did not run, for a reader";
}

TEST_F(SessionPrune, OfAGadgetThatKeepsATableTheEvidenceIsCut) {
  expect_ok(pruned({.drop = {"advise_seccomp_arguments"}}));
  EXPECT_THAT(cuts(), IsEmpty()) << "it had no rows";
  std::filesystem::remove(out_);
  expect_ok(pruned({.drop = {"trace_open.fname"}}));
  ASSERT_EQ(cuts().size(), 2U) << "of two workloads";
  EXPECT_EQ(cuts()[0].workload, kWeb);
  EXPECT_EQ(cuts()[0].count, 2U);
  EXPECT_EQ(one("SELECT count(*) FROM trace_open WHERE fname IS NULL"), "3");
}

TEST_F(SessionPrune, AWindowCutsRowsAndSaysWhose) {
  expect_ok(pruned({.from_ns = at(55), .to_ns = at(100)}));
  EXPECT_EQ(one("SELECT count(*) FROM trace_open"), "2");
  EXPECT_EQ(one("SELECT count(*) FROM advise_seccomp_rows"), "0") << "they ended at 40";
  std::vector<std::string> said;
  for (const auto& loss : cuts()) {
    said.push_back(fmt::format("{} {} {}", loss.gadget, loss.workload, loss.count));
    EXPECT_THAT(loss.detail, HasSubstr("only from 2023-11-14T22:14:15"));
  }
  EXPECT_THAT(said, ElementsAre(" 0 0", "advise_seccomp 2 1", "advise_seccomp 3 1",
                                "trace_exec 2 1", "trace_exec 3 1", "trace_open 2 1"));
}

TEST_F(SessionPrune, AnAggregateThatReachesIntoTheWindowStaysWhole) {
  expect_ok(pruned({.from_ns = at(35), .to_ns = at(36)}));
  EXPECT_EQ(one("SELECT sum(count) FROM advise_seccomp_rows"), "6");
}

TEST_F(SessionPrune, WhatIsNotThereIsAnErrorWithANearName) {
  const auto wrong = pruned({.drop = {"trace_opne"}});
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().message, HasSubstr("nothing that is called 'trace_opne'"));
  EXPECT_EQ(wrong.error().hint, "did you mean trace_open?");
  EXPECT_FALSE(std::filesystem::exists(out_));
  EXPECT_FALSE(pruned({.drop = {"trace_open.fd"}})) << "a number";
  EXPECT_FALSE(pruned({.drop = {"trace_open.nothing"}}));
}

TEST_F(SessionPrune, TheOldFileStaysAndTheNewOneTakesNoOtherPlace) {
  const auto before = bytes_of(path_);
  expect_ok(pruned({.drop = {"trace_open"}}));
  EXPECT_TRUE(bytes_of(path_) == before);
  const auto again = pruned({.drop = {"trace_open"}});
  ASSERT_FALSE(again);
  EXPECT_THAT(again.error().message, HasSubstr("out.db exists"));
}

}  // namespace
}  // namespace ig
