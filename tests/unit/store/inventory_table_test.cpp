// SPDX-License-Identifier: Apache-2.0
#include "store/inventory_table.h"

#include <gmock/gmock.h>

#include "tests/unit/store/session_fixture.h"

namespace ig {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

InventoryRow row_of(const std::string& kind, const std::string& name, const std::string& spec,
                    const std::string& addresses = "[]") {
  InventoryRow row;
  row.key = {kind, "shop", name, "uid-" + name};
  row.valid = {100, Validity::kOpenEnd};
  row.seen_ns = 200;
  row.labels = R"({"app":"shop"})";
  row.addresses = addresses;
  row.spec = spec;
  return row;
}

InventoryRow some_pod() {
  auto row = row_of("Pod", "web-1",
                    R"({"node":"n1","ports":[{"name":"http","port":8080,)"
                    R"("protocol":"TCP"}],"probes":[{"kind":"readiness","port":8081,)"
                    R"("protocol":"TCP"}]})",
                    R"(["10.0.0.7","fd00::7"])");
  row.owner = {"ReplicaSet", "web-5d", "uid-rs"};
  row.containers = R"(["c1","c2"])";
  return row;
}

InventorySourceRow some_source(const std::string& name = "pods.json") {
  return {.source = {.kind = "file",
                     .source = name,
                     .from_ns = 200,
                     .to_ns = 200,
                     .caveats = {"no right to list nodes"}},
          .sha256 = "aa",
          .tool_version = "0.1.0",
          .added_ns = 300};
}

class InventoryTableTest : public testing::Test {
 protected:
  void SetUp() override { make(path_); }
  static void make(const std::string& path) {
    auto writer = SessionWriter::create(path, some_session(), {});
    expect_ok(writer);
    expect_ok((*writer)->close("duration"));
  }

  bool add(std::vector<InventoryRow> rows, const std::string& name = "pods.json") {
    auto edit = SessionEdit::open(path_);
    expect_ok(edit);
    const auto added = add_inventory(*edit, {{some_source(name), std::move(rows)}});
    expect_ok(added);
    return added && *added;
  }
  Result<Inventory> read() {
    auto session = open_session(path_);
    expect_ok(session);
    return (*session)->inventory();
  }
  Inventory inventory() {
    auto found = read();
    expect_ok(found);
    return found ? *found : Inventory{};
  }
  void change(const std::string& sql) {
    auto database = Database::open_own(path_);
    expect_ok(database);
    expect_ok(database->execute(sql));
  }

  TemporaryFolder folder_;
  std::string path_ = folder_.file("s.db");
};

TEST_F(InventoryTableTest, ASessionWithoutInventoryKnowsNothing) {
  EXPECT_TRUE(inventory().empty());
}

TEST_F(InventoryTableTest, APodComesBackAsItWas) {
  EXPECT_TRUE(add({some_pod()}));
  const auto found = inventory();
  ASSERT_EQ(found.pods.size(), 1U);
  const auto& pod = found.pods[0];
  EXPECT_EQ(pod.kube_namespace, "shop");
  EXPECT_EQ(pod.name, "web-1");
  EXPECT_EQ(pod.uid, "uid-web-1");
  EXPECT_EQ(pod.labels.at("app"), "shop");
  EXPECT_EQ(pod.owner, (OwnerReference{"ReplicaSet", "web-5d", "uid-rs"}));
  EXPECT_EQ(pod.valid, (Validity{100, Validity::kOpenEnd}));
  ASSERT_EQ(pod.addresses.size(), 2U);
  EXPECT_EQ(pod.addresses[1].text(), "fd00::7");
  EXPECT_EQ(pod.node, "n1");
  EXPECT_FALSE(pod.host_network);
  EXPECT_THAT(pod.ports, ElementsAre(ContainerPort{"http", "TCP", 8080}));
  EXPECT_THAT(pod.probes, ElementsAre(ProbePort{"readiness", "TCP", 8081}));
  EXPECT_THAT(pod.container_ids, ElementsAre("c1", "c2"));
  ASSERT_EQ(found.sources.size(), 1U);
  EXPECT_EQ(found.sources[0].source, "pods.json");
  EXPECT_THAT(found.sources[0].caveats, ElementsAre("no right to list nodes"));
}

TEST_F(InventoryTableTest, EveryOtherKindComesBackAsItWas) {
  add({row_of("Service", "web",
              R"({"type":"NodePort","selector":{"app":"shop"},"ports":[)"
              R"({"name":"a","protocol":"TCP","port":80,"targetPort":"http","nodePort":30080},)"
              R"({"name":"b","protocol":"UDP","port":53,"targetPort":5353}]})",
              R"(["10.96.0.9"])"),
       row_of("Endpoints", "web",
              R"({"service":"web","subsets":[{"endpoints":[{"addresses":)"
              R"(["10.0.0.7"],"notReady":true,"pod":"web-1","podUid":"u","node":"n1"}],"ports":)"
              R"([{"name":"a","protocol":"TCP","port":8080}]},{"endpoints":[]}]})"),
       row_of("Node", "n1", R"({"podCIDRs":["10.0.0.0/24"]})", R"(["192.168.0.1"])"),
       row_of("Namespace", "shop", "{}"),
       row_of("Deployment", "web",
              R"({"selector":{"matchLabels":{"app":"shop"},)"
              R"("matchExpressions":[{"key":"tier","operator":"In","values":["a","b"]}]},)"
              R"("templateLabels":{"app":"shop","tier":"a"}})")});
  const auto found = inventory();
  ASSERT_EQ(found.services.size(), 1U);
  EXPECT_EQ(found.services[0].type, "NodePort");
  EXPECT_EQ(found.services[0].selector.at("app"), "shop");
  EXPECT_EQ(found.services[0].addresses[0].text(), "10.96.0.9");
  EXPECT_THAT(found.services[0].ports, ElementsAre(ServicePort{"a", "TCP", 80, 0, "http", 30080},
                                                   ServicePort{"b", "UDP", 53, 5353, "", 0}));
  ASSERT_EQ(found.endpoints.size(), 2U) << "one for each subset";
  EXPECT_EQ(found.endpoints[0].service, "web");
  EXPECT_THAT(
      found.endpoints[0].endpoints,
      ElementsAre(KubeEndpoint{{*IpAddress::parse("10.0.0.7")}, false, "web-1", "u", "n1"}));
  EXPECT_THAT(found.endpoints[0].ports, ElementsAre(ContainerPort{"a", "TCP", 8080}));
  ASSERT_EQ(found.nodes.size(), 1U);
  EXPECT_THAT(found.nodes[0].pod_cidrs, ElementsAre("10.0.0.0/24"));
  EXPECT_EQ(found.namespaces.size(), 1U);
  ASSERT_EQ(found.owners.size(), 1U);
  EXPECT_EQ(found.owners[0].kind, "Deployment");
  EXPECT_EQ(found.owners[0].selector.labels.at("app"), "shop");
  EXPECT_THAT(found.owners[0].selector.expressions,
              ElementsAre(LabelRequirement{"tier", "In", {"a", "b"}}));
  EXPECT_EQ(found.owners[0].template_labels.at("tier"), "a");
}

TEST_F(InventoryTableTest, TheSameTwiceIsThereOnce) {
  EXPECT_TRUE(add({some_pod()}));
  EXPECT_FALSE(add({some_pod()}));
  EXPECT_FALSE(add({some_pod()}, "copy.json"));
  EXPECT_EQ(inventory().sources.size(), 1U);
  EXPECT_TRUE(add({some_pod(), row_of("Namespace", "shop", "{}")}, "more.json"));
  EXPECT_EQ(inventory().sources.size(), 2U);
  EXPECT_EQ(inventory().pods.size(), 1U);
}

TEST_F(InventoryTableTest, ARecordingWritesWhatChanged) {
  const auto path = folder_.file("live.db");
  auto writer = SessionWriter::create(path, some_session(), {});
  expect_ok(writer);
  auto ended = some_pod();
  ended.valid.to_ns = 500;
  auto moved = some_pod();
  moved.valid.from_ns = 150;
  expect_ok((*writer)->inventory({some_source(), {}, {some_pod()}}));
  expect_ok((*writer)->inventory({some_source(), {some_pod()}, {moved}}));
  expect_ok((*writer)->inventory({some_source(), {moved}, {ended}}));
  expect_ok((*writer)->close("duration"));
  path_ = path;
  const auto found = inventory();
  ASSERT_EQ(found.pods.size(), 1U);
  EXPECT_EQ(found.pods[0].valid, (Validity{100, 500}));
  EXPECT_EQ(found.sources.size(), 1U);
}

TEST_F(InventoryTableTest, PlainSqlAnswersWhoAnAddressWas) {
  add({some_pod()});
  auto session = open_session(path_);
  expect_ok(session);
  EXPECT_EQ(ask_one(**session,
                    "SELECT name FROM inventory WHERE instr(addresses, '\"fd00::7\"') "
                    "AND 150 BETWEEN valid_from_ns AND valid_to_ns"),
            "web-1");
}

// Whatever a stranger writes into the cells: rows that are not ours are left out with a word.
TEST_F(InventoryTableTest, DamagedRowsAreLeftOutWithAWord) {
  int number = 0;
  for (const auto* damage :
       {"addresses = '[\"10.0.0.300\"]'", "addresses = '[1]'", "addresses = '{'",
        "addresses = x'ff00'", "labels = '[]'", "labels = 'x'", "spec = '[[[['",
        "spec = '{\"ports\":{}}'", "spec = '{\"ports\":[{\"port\":65536}]}'",
        "spec = '{\"ports\":[{\"port\":-1}]}'", "containers = '{}'", "kind = 'Secret'",
        "valid_from_ns = 9, valid_to_ns = 8"}) {
    make(path_ = folder_.file(std::to_string(++number) + ".db"));
    add({some_pod(), row_of("Namespace", "shop", "{}")});
    change(std::string("UPDATE inventory SET ") + damage + " WHERE kind = 'Pod'");
    const auto found = inventory();
    EXPECT_THAT(found.pods, IsEmpty()) << damage;
    EXPECT_EQ(found.namespaces.size(), 1U) << damage;
    EXPECT_THAT(found.sources.at(0).caveats.back(), HasSubstr("damaged")) << damage;
  }
}

TEST_F(InventoryTableTest, ARowThatNobodyToldIsAnError) {
  add({some_pod()});
  change("UPDATE inventory SET source_id = 77");
  const auto found = read();
  ASSERT_FALSE(found);
  EXPECT_THAT(found.error().message, HasSubstr("nobody told"));
}

TEST_F(InventoryTableTest, DeepJsonInACellIsRefusedNotFollowed) {
  add({some_pod()});
  change("UPDATE inventory SET spec = '{\"ports\":' || replace(hex(zeroblob(2000000)), '0', '[')");
  EXPECT_THAT(inventory().pods, IsEmpty());
}

}  // namespace
}  // namespace ig
