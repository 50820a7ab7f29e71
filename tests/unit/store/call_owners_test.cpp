// SPDX-License-Identifier: Apache-2.0
// Whose a denied call was. A profile that is widened by another workload's calls is wrong, so what
// is not certain is nobody's.
#include "store/call_owners.h"

#include <gmock/gmock.h>

#include "tests/unit/store/learned_fixture.h"

namespace ig {
namespace {

class CallOwnersTest : public testing::Test {
 protected:
  // 0 = nobody's; negative = by name.
  WorkloadId owner(const DeniedCall& call, std::optional<NamedOwner> named = {}) {
    auto session = read_session(session_.writer());
    expect_ok(session);
    const auto owners = CallOwners::open(**session, std::move(named));
    expect_ok(owners);
    const auto found = owners->owner_of(call);
    if (!found) return 0;
    return found->by_name ? -found->workload : found->workload;
  }
  WorkloadId owner(std::int64_t pid, std::int64_t second) {
    return owner(denied(100, pid, at(second), 1));
  }

  TemporaryFolder folder_;
  LearnedSession session_{folder_.file("s.db")};
};

TEST_F(CallOwnersTest, TheProcessOfThatNumberAtThatTimeSaysIt) {
  session_.process(kWeb, 101, at(12));
  session_.process(kDb, 201, at(22));
  EXPECT_EQ(owner(101, 50), kWeb);
  EXPECT_EQ(owner(201, 50), kDb);
  EXPECT_EQ(owner(101, 5), 0) << "before it began";
  EXPECT_EQ(owner(999, 50), 0) << "never seen";
}

TEST_F(CallOwnersTest, AWorkloadsFirstProcessNeedsNoEvent) {
  EXPECT_EQ(owner(100, 50), kWeb);
  EXPECT_EQ(owner(200, 50), kDb);
  EXPECT_EQ(owner(200, 15), 0) << "before the workload was there";
}

TEST_F(CallOwnersTest, ANumberThatIsUsedAgainIsTheLatersFromThen) {
  session_.process(kWeb, 300, at(12));
  session_.process(kDb, 300, at(60));
  EXPECT_EQ(owner(300, 50), kWeb);
  EXPECT_EQ(owner(300, 70), kDb);
}

TEST_F(CallOwnersTest, WhatWentIntoAContainerIsTheContainers) {
  session_.process(kHostId, 300, at(12), "runc");
  session_.process(kWeb, 300, at(12));
  EXPECT_EQ(owner(300, 50), kWeb);
}

TEST_F(CallOwnersTest, TwoContainersThatCannotBeToldApartAreNone) {
  session_.process(kDb, 300, at(30));
  session_.process(kWeb, 300, at(30));
  EXPECT_EQ(owner(300, 50), 0);
}

TEST_F(CallOwnersTest, AWorkloadThatEndedMakesNoCallsAfterwards) {
  session_.workload(4, "job", 400, at(10), WorkloadKind::kContainer, at(40));
  session_.process(4, 401, at(11));
  EXPECT_EQ(owner(401, 30), 4);
  EXPECT_EQ(owner(401, 50), 0);
}

TEST_F(CallOwnersTest, OutsideTheRecordingNumbersMeanNothing) {
  session_.process(kWeb, 101, at(12));
  expect_ok(session_.writer().close("duration"));
  EXPECT_EQ(owner(101, -1000), 0);
  EXPECT_EQ(owner(denied(100, 101, INT64_MAX, 1)), 0);
  EXPECT_EQ(owner(denied(100, 101, 0, 1)), 0);
}

TEST_F(CallOwnersTest, OnAnotherMachineOrAfterAnotherBootNumbersMeanNothing) {
  session_.process(kWeb, 101, at(12));
  auto call = denied(100, 101, at(50), 1);
  call.node = "testhost";
  call.boot_id = "0123abcd";
  EXPECT_EQ(owner(call), kWeb);
  call.node = "otherhost";
  EXPECT_EQ(owner(call), 0);
  EXPECT_EQ(owner(call, NamedOwner{kWeb}), -kWeb) << "a person may know";
  call.node = "";
  call.boot_id = "ffff";
  EXPECT_EQ(owner(call), 0);
}

TEST_F(CallOwnersTest, ANamedWorkloadTakesWhatItsProgramsDidAtAnyTime) {
  session_.process(kWeb, 101, at(12), "web");
  session_.process(kDb, 201, at(22), "postgres");
  const auto later = denied(100, 7777, at(-500), 1, "web");
  EXPECT_EQ(owner(later), 0) << "nobody said so";
  EXPECT_EQ(owner(later, NamedOwner{kWeb}), -kWeb);
  EXPECT_EQ(owner(later, NamedOwner{kDb}), 0) << "it ran no such program";
  EXPECT_EQ(owner(denied(100, 7777, at(-500), 1, "tool"), NamedOwner{kWeb}), 0);
  EXPECT_EQ(owner(denied(100, 201, at(50), 1, "web"), NamedOwner{kWeb}), kDb) << "a process says";
}

TEST_F(CallOwnersTest, APersonMaySayWhichPrograms) {
  session_.process(kWeb, 101, at(12), "web");
  const auto tool = denied(100, 7777, at(-500), 1, "tool");
  EXPECT_EQ(owner(tool, NamedOwner{kWeb, {"too*"}}), -kWeb);
  EXPECT_EQ(owner(tool, NamedOwner{kWeb, {}, {"/usr/bin/tool"}}), -kWeb);
  EXPECT_EQ(owner(tool, NamedOwner{kWeb, {"tool"}, {"/usr/bin/other"}}), 0) << "both must fit";
  EXPECT_EQ(owner(denied(100, 7777, at(-500), 1, "web"), NamedOwner{kWeb, {"tool"}}), 0);
}

TEST_F(CallOwnersTest, NumbersOfAHostileFileDoNotOverflow) {
  session_.process(kWeb, 101, INT64_MAX);
  session_.workload(5, "far", 500, INT64_MIN, WorkloadKind::kContainer, INT64_MAX);
  EXPECT_EQ(owner(500, 50), 5);
  EXPECT_EQ(owner(101, 50), 0);
}

}  // namespace
}  // namespace ig
