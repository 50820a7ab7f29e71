// SPDX-License-Identifier: Apache-2.0
#include "advisors/loss_gate.h"

#include <gmock/gmock.h>

#include <array>

#include "tests/support/fake_session.h"

namespace ig::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::array<std::string_view, 1> kDispensable = {"error of UDP flows"};

Result<EvidenceState> judge(FakeSession& session, const Workload& workload, bool tolerate = false) {
  auto gate = LossGate::open(session, {"advise_seccomp", "system calls", kDispensable});
  if (!gate) return std::unexpected(gate.error());
  return gate->judge(workload, tolerate);
}

TEST(LossGate, LetsWholeEvidencePass) {
  FakeSession session;
  const auto state = judge(session, session.workload("web"));
  ASSERT_TRUE(state) << state.error().message;
  EXPECT_FALSE(state->lossy);
  EXPECT_THAT(state->caveats, IsEmpty());
}

TEST(LossGate, RefusesEachKindOfLossOfItsOwnGadget) {
  using enum Loss::Kind;
  for (const auto kind : {kRingFull, kMapFull, kMalformed, kWriterFailed}) {
    FakeSession session;
    session.lose("advise_seccomp", kind);
    const auto state = judge(session, session.workload("web"));
    ASSERT_FALSE(state) << to_string(kind);
    EXPECT_EQ(state.error().code, ErrorCode::kRefused);
    EXPECT_THAT(state.error().message, HasSubstr("7 records lost"));
    EXPECT_THAT(state.error().hint, HasSubstr("--tolerate-loss"));
  }
}

TEST(LossGate, RefusesWhereSomebodyDetachedAProgram) {
  FakeSession session;
  session.lose("advise_seccomp", Loss::Kind::kDetached);
  const auto state = judge(session, session.workload("web"));
  ASSERT_FALSE(state);
  EXPECT_THAT(state.error().message, HasSubstr("somebody detached a program of advise_seccomp"));
}

TEST(LossGate, NamesTheRemedyOfTheLoss) {
  FakeSession session;
  session.lose("advise_seccomp", Loss::Kind::kRingFull);
  EXPECT_THAT(judge(session, session.workload("web")).error().hint, HasSubstr("--ring-size"));
}

TEST(LossGate, PassesOverLossesElsewhere) {
  FakeSession session;
  const Workload& web = session.workload("web");
  const Workload& other = session.workload("other");
  session.lose("trace_open", Loss::Kind::kRingFull);
  session.lose("advise_seccomp", Loss::Kind::kMapFull, other.id);
  EXPECT_TRUE(judge(session, web));
  EXPECT_FALSE(judge(session, other));
}

// A gadget or workloads that were pruned whole are nobody's evidence; rows of a workload are its.
TEST(LossGate, RefusesWhatWasPrunedOfAWorkload) {
  FakeSession session;
  const Workload& web = session.workload("web");
  const Workload& other = session.workload("other");
  session.lose("", Loss::Kind::kPruned);
  session.lose("advise_seccomp", Loss::Kind::kPruned, other.id);
  EXPECT_TRUE(judge(session, web));
  EXPECT_FALSE(judge(session, other));
  EXPECT_THAT(judge(session, other).error().hint, HasSubstr("nothing pruned"));
}

// What tells workloads apart is evidence of every gadget.
TEST(LossGate, TakesLostIdentitiesForItsOwn) {
  FakeSession session;
  session.lose("workload_events", Loss::Kind::kRingFull);
  EXPECT_FALSE(judge(session, session.workload("web")));
}

TEST(LossGate, TurnsToleratedLossIntoACaveat) {
  FakeSession session;
  session.lose("advise_seccomp", Loss::Kind::kRingFull);
  const auto state = judge(session, session.workload("web"), true);
  ASSERT_TRUE(state);
  EXPECT_TRUE(state->lossy);
  EXPECT_THAT(state->caveats, ElementsAre(HasSubstr("tolerated loss: 7 records lost")));
}

TEST(LossGate, RefusesAProgramThatLeavesEvidenceOut) {
  FakeSession session;
  session.runs()[0].programs.push_back({"udp", "cgroup_skb/egress", false, "EPERM", "UDP flows"});
  const auto state = judge(session, session.workload("web"));
  ASSERT_FALSE(state);
  EXPECT_EQ(state.error().code, ErrorCode::kRefused);
  EXPECT_THAT(state.error().message, HasSubstr("not recorded: UDP flows"));
}

TEST(LossGate, OnlyMentionsWhatIsDispensable) {
  FakeSession session;
  session.runs()[0].programs.push_back(
      {"udp_refused", "tp_btf/x", false, "EPERM", "error of UDP flows"});
  session.runs()[0].programs.push_back({"a_better_rung", "fentry/x", false, "EPERM", ""});
  const auto state = judge(session, session.workload("web"));
  ASSERT_TRUE(state);
  EXPECT_THAT(state->caveats, ElementsAre(HasSubstr("error of UDP flows")));
}

TEST(LossGate, GivesAdviceWithACaveatAfterAKill) {
  FakeSession session;
  session.session().ended_ns = 0;
  session.session().complete = false;
  const auto state = judge(session, session.workload("web"));
  ASSERT_TRUE(state);
  EXPECT_THAT(state->caveats, ElementsAre(HasSubstr("cut off (killed)")));
}

TEST(LossGate, NamesTheGadgetThatWasNotRecorded) {
  FakeSession session;
  session.runs().clear();
  const auto state = judge(session, session.workload("web"));
  ASSERT_FALSE(state);
  EXPECT_EQ(state.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(state.error().message, HasSubstr("did not record system calls (advise_seccomp)"));
  EXPECT_THAT(state.error().hint, HasSubstr("--preset policy"));
}

}  // namespace
}  // namespace ig::test
