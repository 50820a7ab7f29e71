// SPDX-License-Identifier: Apache-2.0
#include "store/inventory_history.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ig {
namespace {

using testing::ElementsAre;

// A pod that began at 10.
InventoryRow pod(const std::string& name, const std::string& address, std::int64_t seen,
                 std::int64_t from = 10, std::int64_t to = Validity::kOpenEnd) {
  InventoryRow row;
  row.key = {"Pod", "shop", name, "uid-" + name};
  row.addresses = address.empty() ? "[]" : fmt::format(R"(["{}"])", address);
  row.valid = {from, to};
  row.seen_ns = seen;
  return row;
}

InventoryRow labelled(InventoryRow row, const std::string& labels) {
  row.labels = labels;
  return row;
}

std::string text(const InventoryRow& row) {
  const auto end = row.valid.to_ns == Validity::kOpenEnd ? "open" : std::to_string(row.valid.to_ns);
  return fmt::format("{} {} {}..{}", row.key.name, row.addresses, row.valid.from_ns, end);
}

std::vector<std::string> texts(const InventoryHistory& history) {
  std::vector<std::string> all;
  for (const auto& row : history.rows()) all.push_back(text(row));
  return all;
}

TEST(InventoryHistory, AnObjectHoldsFromItsBeginThoughSeenLater) {
  InventoryHistory history;
  history.take(pod("web", "10.0.0.1", 500));
  EXPECT_THAT(texts(history), ElementsAre("web [\"10.0.0.1\"] 10..open"));
}

TEST(InventoryHistory, AChangeHoldsSinceItWasSeen) {
  InventoryHistory history;
  history.take(labelled(pod("web", "10.0.0.1", 100), R"({"app":"a"})"));
  history.take(labelled(pod("web", "10.0.0.1", 200), R"({"app":"b"})"));
  EXPECT_THAT(texts(history),
              ElementsAre("web [\"10.0.0.1\"] 10..199", "web [\"10.0.0.1\"] 200..open"));
}

TEST(InventoryHistory, OrderOfTakingDoesNotMatter) {
  const std::vector<InventoryRow> seen = {
      pod("web", "", 20), pod("web", "10.0.0.1", 30, 12),
      labelled(pod("web", "10.0.0.1", 200, 12), R"({"app":"b"})"),
      labelled(pod("web", "10.0.0.1", 300, 12, 250), R"({"app":"b"})"),
      pod("db", "10.0.0.1", 290, 280)};
  InventoryHistory forwards, backwards;
  for (const auto& row : seen) forwards.take(row);
  for (auto row = seen.rbegin(); row != seen.rend(); ++row) backwards.take(*row);
  EXPECT_EQ(forwards.rows(), backwards.rows());
  EXPECT_THAT(texts(forwards),
              ElementsAre("db [\"10.0.0.1\"] 280..open", "web [\"10.0.0.1\"] 12..199",
                          "web [\"10.0.0.1\"] 200..250"));
}

TEST(InventoryHistory, WhatWasStoredAndIsTakenAgainIsThereOnce) {
  InventoryHistory history;
  history.take(labelled(pod("web", "10.0.0.1", 100), R"({"app":"a"})"));
  history.take(labelled(pod("web", "10.0.0.1", 200), R"({"app":"b"})"));
  history.take(pod("job", "10.0.0.2", 200, 10, 150));
  const auto rows = history.rows();
  InventoryHistory again;
  again.take_stored(rows);
  EXPECT_EQ(again.rows(), rows);
  again.take(labelled(pod("web", "10.0.0.1", 900), R"({"app":"b"})"));
  again.take(pod("job", "10.0.0.2", 900, 10, 150));
  EXPECT_EQ(again.rows(), rows);
}

// The same end is reached by one who watched it begin and by one who came later.
TEST(InventoryHistory, APodThatWaitedForItsAddressIsAsIfSeenLater) {
  InventoryHistory watched, later;
  watched.take(pod("web", "", 11, 10));
  watched.take(pod("web", "10.0.0.1", 13, 12));
  later.take(pod("web", "10.0.0.1", 900, 12));
  EXPECT_EQ(texts(watched), texts(later));
}

TEST(InventoryHistory, APodKeepsTheAddressThatItsRemainsHaveLost) {
  InventoryHistory history;
  history.take(pod("job", "10.0.0.1", 100, 12));
  history.take(pod("job", "", 300, 10, 250));
  EXPECT_THAT(texts(history), ElementsAre("job [\"10.0.0.1\"] 12..250"));
}

TEST(InventoryHistory, ANameAndAnAddressBelongToOnePodAtATime) {
  InventoryHistory history;
  history.take(pod("web", "10.0.0.1", 100, 10));
  history.take(pod("db", "10.0.0.1", 600, 500));   // the address again
  auto second = pod("web", "10.0.0.9", 600, 300);  // the name again
  second.key.uid = "another";
  history.take(second);
  EXPECT_THAT(texts(history),
              ElementsAre("db [\"10.0.0.1\"] 500..open", "web [\"10.0.0.9\"] 300..open",
                          "web [\"10.0.0.1\"] 10..299"));
}

TEST(InventoryHistory, PodsOnTheirNodesNetworkShareItsAddress) {
  InventoryHistory history;
  for (const auto* name : {"one", "two"}) {
    auto row = pod(name, "192.168.0.1", 100, name[0]);
    row.spec = R"({"hostNetwork":true})";
    history.take(row);
  }
  for (const auto& row : history.rows()) EXPECT_EQ(row.valid.to_ns, Validity::kOpenEnd);
}

TEST(InventoryHistory, AContainerThatWasRestartedIsNoOtherPod) {
  InventoryHistory history;
  auto row = pod("web", "10.0.0.1", 100);
  row.containers = R"(["c1"])";
  history.take(row);
  row.containers = R"(["c2"])";
  row.seen_ns = 200;
  history.take(row);
  ASSERT_EQ(history.rows().size(), 1U);
  EXPECT_EQ(history.rows()[0].containers, R"(["c1","c2"])");
}

TEST(InventoryHistory, AnEndThatIsKnownStays) {
  InventoryHistory history;
  history.take(pod("web", "10.0.0.1", 100));
  EXPECT_EQ(history.living().size(), 1U);
  history.end({"Pod", "shop", "web", "uid-web"}, 400);
  history.end({"Pod", "shop", "web", "uid-web"}, 500);
  history.end({"Pod", "shop", "nobody", ""}, 500);
  EXPECT_THAT(texts(history), ElementsAre("web [\"10.0.0.1\"] 10..400"));
  EXPECT_TRUE(history.living().empty());
}

}  // namespace
}  // namespace ig
