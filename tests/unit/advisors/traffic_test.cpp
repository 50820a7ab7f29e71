// SPDX-License-Identifier: Apache-2.0
// Whom a recorded flow was with. G and F are the lessons that network_lessons_test.cpp lists.
#include "advisors/network/traffic.h"

#include <gmock/gmock.h>

#include <set>

#include "tests/support/fake_cluster.h"
#include "tests/support/resolve_traffic.h"

namespace ig::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Kind = TrafficEnd::Kind;

std::vector<Traffic> resolve(std::vector<FakeSession*> sessions, const Selector& selector = {}) {
  std::vector<Recording> recordings;
  for (FakeSession* session : sessions) {
    recordings.push_back({session, "r" + std::to_string(recordings.size() + 1) + ".db"});
  }
  auto traffic = resolve_traffic(recordings, selector);
  EXPECT_TRUE(traffic) << traffic.error().message;
  return traffic ? std::move(*traffic) : std::vector<Traffic>{};
}

Traffic only(FakeSession& session) {
  auto traffic = resolve({&session});
  EXPECT_EQ(traffic.size(), 1U);
  return traffic.empty() ? Traffic{} : traffic.front();
}

class TrafficTest : public testing::Test {
 protected:
  TrafficTest() {
    cluster.node("node1", "192.168.0.1", "10.1.0.0/24");
    web = &cluster.owner("shop", "Deployment", "web", {{"app", "web"}});
    db = &cluster.owner("shop", "StatefulSet", "db", {{"app", "db"}});
    web_pod = &cluster.pod_of(*web, "web-h1-x", "10.1.0.5");
    db_pod = &cluster.pod_of(*db, "db-0", "10.1.0.7");
    app = &recorded(session, *web_pod);
  }

  FakeSession session;
  FakeCluster cluster{session};
  KubeOwner *web = nullptr, *db = nullptr;
  KubePod *web_pod = nullptr, *db_pod = nullptr;
  Workload* app = nullptr;
};

TEST_F(TrafficTest, NamesBothEndsWithTheirTopmostOwners) {
  session.flow(*app, true, "TCP", "10.1.0.7", 5432).process = "app";
  const Traffic traffic = only(session);
  EXPECT_EQ(traffic.source.pod, "web-h1-x");
  EXPECT_EQ(traffic.source.owner.kind, "Deployment");
  EXPECT_EQ(traffic.source.owner.name, "web");
  EXPECT_EQ(traffic.source.address->text(), "10.1.0.5");
  EXPECT_EQ(traffic.destination.kind, Kind::kPod);
  EXPECT_EQ(traffic.destination.owner.name, "db");
  EXPECT_EQ(traffic.destination.namespace_labels.at("kubernetes.io/metadata.name"), "shop");
  EXPECT_TRUE(traffic.seen_at_source);
  EXPECT_FALSE(traffic.seen_at_destination);
  EXPECT_EQ(traffic.port, 5432);
  EXPECT_EQ(traffic.count, 3U);
  EXPECT_THAT(traffic.processes, ElementsAre("app"));
}

TEST_F(TrafficTest, TellsWhatTheInventoryKnowsOfAnEnd) {
  session.flow(*app, true, "TCP", "10.1.0.7", 5432);
  Traffic traffic = only(session);
  EXPECT_TRUE(traffic.destination.labels_known && traffic.destination.ports_known);
  EXPECT_FALSE(traffic.destination.namespace_known);
  cluster.space("shop", {{"team", "a"}});
  traffic = only(session);
  EXPECT_TRUE(traffic.source.namespace_known && traffic.destination.namespace_known);
  EXPECT_EQ(traffic.destination.namespace_labels.at("team"), "a");
}

TEST_F(TrafficTest, NamesNodesWithTheirLabels) {
  cluster.inventory().nodes.front().labels = {{"pool", "gpu"}};
  session.flow(*app, true, "TCP", "192.168.0.1", 10250);
  EXPECT_EQ(only(session).destination.labels.at("pool"), "gpu");
  EXPECT_TRUE(only(session).destination.labels_known);
  cluster.pod("kube-system", "proxy", "192.168.0.1", {{"app", "proxy"}}).host_network = true;
  cluster.inventory().pods.back().ports = {{"", "TCP", 10250}};
  EXPECT_EQ(only(session).destination.pod, "proxy");
  EXPECT_EQ(only(session).destination.labels, (Labels{{"pool", "gpu"}}));
}

TEST_F(TrafficTest, FindsItsPodByContainerIdAndByName) {
  app->pod_uid = app->pod = "";
  app->container_id = "c1";
  web_pod->container_ids = {"c1"};
  session.flow(*app, true, "TCP", "10.1.0.7", 5432);
  EXPECT_EQ(only(session).source.pod, "web-h1-x");
  app->container_id = "";
  app->pod = "web-h1-x";
  EXPECT_EQ(only(session).source.owner.name, "web");
  app->pod_uid = "another pod of this name";
  EXPECT_EQ(only(session).source.owner.name, "");
  EXPECT_EQ(only(session).source.reason, "the inventory does not know this pod");
}

// G3: network policies judge what comes out of the translation.
TEST_F(TrafficTest, FollowsAServiceToItsPodsAndTheirPort) {
  cluster.service("shop", "db", "10.96.0.7", {{"app", "db"}}, 80, 5432);
  cluster.pod_of(*db, "db-1", "10.1.0.8");
  session.flow(*app, true, "TCP", "10.96.0.7", 80);
  const auto traffic = resolve({&session});
  ASSERT_EQ(traffic.size(), 2U);
  EXPECT_EQ(traffic[0].destination.pod, "db-0");
  EXPECT_EQ(traffic[1].destination.pod, "db-1");
  for (const Traffic& one : traffic) {
    EXPECT_EQ(one.destination.service, "shop/db");
    EXPECT_EQ(one.port, 5432);
    EXPECT_EQ(one.dialed_port, 80);
    EXPECT_TRUE(one.count_shared);
  }
}

TEST_F(TrafficTest, LooksUpNamedTargetPortsInEachPod) {
  KubeService& service = cluster.service("shop", "db", "10.96.0.7", {{"app", "db"}}, 80, 0);
  service.ports[0].target_port_name = "sql";
  db_pod->ports = {{"sql", "UDP", 1}, {"sql", "TCP", 5433}};
  session.flow(*app, true, "TCP", "10.96.0.7", 80);
  EXPECT_EQ(only(session).port, 5433);
}

// G4: `default/kubernetes` has endpoints, and no labels choose them.
TEST_F(TrafficTest, FollowsAServiceWithoutSelectorToItsEndpoints) {
  const auto& api = cluster.service("default", "kubernetes", "10.96.0.1", {}, 443, 6443);
  cluster.endpoints(api, {"192.168.0.1"}, 6443);
  session.flow(*app, true, "TCP", "10.96.0.1", 443);
  const Traffic traffic = only(session);
  EXPECT_EQ(traffic.destination.kind, Kind::kHost);
  EXPECT_EQ(traffic.destination.address->text(), "192.168.0.1");
  EXPECT_EQ(traffic.destination.service, "default/kubernetes");
  EXPECT_EQ(traffic.port, 6443);
}

TEST_F(TrafficTest, BelievesRecordedTranslationsFirst) {
  cluster.service("shop", "db", "10.96.0.7", {{"app", "db"}}, 80, 5432);
  cluster.pod_of(*db, "db-1", "10.1.0.8");
  session.flow(*app, true, "TCP", "10.96.0.7", 80);
  session.translated().push_back(
      {"TCP", "10.1.0.5", "10.96.0.7", "10.1.0.8", 80, 5432, 3, at(10), at(20)});
  session.translated().push_back(
      {"TCP", "10.1.0.99", "10.96.0.7", "10.1.0.7", 80, 5432, 3, at(10), at(20)});
  const Traffic traffic = only(session);
  EXPECT_EQ(traffic.destination.pod, "db-1");
  EXPECT_EQ(traffic.destination.service, "shop/db");
  EXPECT_FALSE(traffic.count_shared);
}

// One connection is a moment, and its translation another.
TEST_F(TrafficTest, BelievesATranslationThatWasHeardOfABitEarlierOrLater) {
  for (const std::int64_t late : {-90, 90}) {
    session.translated() = {
        {"TCP", "10.1.0.5", "10.96.0.7", "10.1.0.7", 80, 5432, 1, at(15 + late), at(15 + late)}};
    Flow& flow = session.flow(*app, true, "TCP", "10.96.0.7", 80);
    flow.first_ns = flow.last_ns = at(15);
    const Traffic traffic = only(session);
    EXPECT_EQ(traffic.destination.pod, "db-0");
    EXPECT_EQ(traffic.first_ns, at(15));
  }
}

TEST_F(TrafficTest, KeepsAServiceOfWhichNothingBehindIsKnown) {
  cluster.service("shop", "gone", "10.96.0.9", {{"app", "gone"}}, 80, 8080);
  session.flow(*app, true, "TCP", "10.96.0.9", 80);
  const Traffic traffic = only(session);
  EXPECT_EQ(traffic.destination.kind, Kind::kService);
  EXPECT_EQ(traffic.destination.service, "shop/gone");
  EXPECT_EQ(traffic.port, 8080);
}

// G10, F7: a pod's address is another's soon after its end.
TEST_F(TrafficTest, AsksWhoseTheAddressWasAtTheTime) {
  db_pod->valid.to_ns = at(100);
  KubePod& job = cluster.pod("batch", "report-1", "10.1.0.7", {{"app", "report"}});
  job.valid.from_ns = at(200);
  Flow& early = session.flow(*app, true, "TCP", "10.1.0.7", 5432);
  early.last_ns = at(90);
  EXPECT_EQ(only(session).destination.pod, "db-0");
  EXPECT_THAT(only(session).destination.doubt, IsEmpty());
  early.first_ns = at(210);
  early.last_ns = at(220);
  EXPECT_EQ(only(session).destination.pod, "report-1");
}

TEST_F(TrafficTest, NamesEachHolderOfAnAddressThatChangedItsOwner) {
  db_pod->valid.to_ns = at(100);
  cluster.pod("batch", "report-1", "10.1.0.7").valid.from_ns = at(200);
  session.flow(*app, true, "TCP", "10.1.0.7", 5432).last_ns = at(300);
  const auto traffic = resolve({&session});
  ASSERT_EQ(traffic.size(), 2U);
  EXPECT_EQ(traffic[0].destination.pod, "report-1");
  EXPECT_EQ(traffic[0].first_ns, at(200));
  EXPECT_EQ(traffic[1].destination.pod, "db-0");
  EXPECT_EQ(traffic[1].last_ns, at(100));
  for (const Traffic& one : traffic) {
    EXPECT_EQ(one.destination.doubt,
              "10.1.0.7 was shop/db-0's, then batch/report-1's in this time");
    EXPECT_TRUE(one.count_shared);
  }
}

// The API server learns of an address when the pod has used it for a while.
TEST_F(TrafficTest, TakesAPodThatComesSecondsLater) {
  db_pod->valid.from_ns = at(25);
  session.flow(*app, true, "TCP", "10.1.0.7", 5432);
  EXPECT_EQ(only(session).destination.pod, "db-0");
}

// G1, G13: nodes, and pods that use their network.
TEST_F(TrafficTest, KnowsNodesAndPodsOnTheirNetwork) {
  KubePod& exporter = cluster.pod("monitoring", "exporter-a", "192.168.0.1");
  exporter.host_network = true;
  exporter.ports = {{"metrics", "TCP", 9100}};
  session.flow(*app, true, "TCP", "192.168.0.1", 9100);
  EXPECT_EQ(only(session).destination.kind, Kind::kHost);
  EXPECT_EQ(only(session).destination.node, "node1");
  EXPECT_EQ(only(session).destination.pod, "exporter-a");
}

// flannel's cni0: where the kubelet's probes come from.
TEST_F(TrafficTest, TakesTheFirstAddressesOfANodesRangeForTheNode) {
  session.flow(*app, false, "TCP", "10.1.0.1", 8080);
  EXPECT_EQ(only(session).source.kind, Kind::kHost);
  EXPECT_EQ(only(session).source.node, "node1");
}

TEST_F(TrafficTest, KnowsAPodOnTheHostsNetworkAsItself) {
  web_pod->host_network = true;
  web_pod->addresses = {ip("192.168.0.1")};
  session.flow(*app, true, "TCP", "10.1.0.7", 5432);
  EXPECT_EQ(only(session).source.kind, Kind::kHost);
  EXPECT_EQ(only(session).source.pod, "web-h1-x");
}

TEST_F(TrafficTest, TellsOutsideFromUnknownWithTheReason) {
  const auto destination = [&](const char* address) {
    session.flow(*app, true, "TCP", address, 443);
    for (const Traffic& traffic : resolve({&session})) {
      if (traffic.destination.address == IpAddress::parse(address)) return traffic.destination;
    }
    return TrafficEnd{};
  };
  EXPECT_EQ(destination("203.0.113.7").kind, Kind::kOutside);
  EXPECT_EQ(destination("172.16.3.4").kind, Kind::kOutside);
  EXPECT_EQ(destination("10.1.0.77").kind, Kind::kUnknown);
  EXPECT_THAT(destination("10.1.0.77").reason, HasSubstr("of the pods' addresses of node node1"));
  EXPECT_EQ(destination("224.0.0.251").reason, "a multicast address");
  db_pod->valid = {at(-900), at(-800)};
  EXPECT_THAT(destination("10.1.0.7").reason, HasSubstr("at another it was shop/db-0's"));
  cluster.inventory().sources[0].caveats = {"no right to list pods in shop"};
  EXPECT_THAT(destination("172.16.3.4").reason, HasSubstr("no right to list pods in shop"));
  EXPECT_EQ(destination("203.0.113.7").kind, Kind::kOutside);
}

TEST_F(TrafficTest, DoesNotTrustALateInventoryWithPrivateAddresses) {
  cluster.inventory().sources[0].from_ns = cluster.inventory().sources[0].to_ns = at(900);
  session.flow(*app, true, "TCP", "172.16.3.4", 443);
  EXPECT_THAT(only(session).destination.reason, HasSubstr("not taken in the flow's time"));
}

TEST_F(TrafficTest, FindsTheBackendsOfANodePort) {
  KubeService& service = cluster.service("shop", "db", "10.96.0.7", {{"app", "db"}}, 80, 5432);
  service.ports[0].node_port = 30080;
  session.flow(*app, true, "TCP", "192.168.0.1", 30080);
  const auto traffic = resolve({&session});
  ASSERT_EQ(traffic.size(), 2U);
  EXPECT_EQ(traffic[0].destination.node, "node1");
  EXPECT_EQ(traffic[0].port, 30080);
  EXPECT_EQ(traffic[1].destination.pod, "db-0");
  EXPECT_EQ(traffic[1].port, 5432);
}

TEST_F(TrafficTest, KeepsEveryProtocolAndFamily) {
  web_pod->addresses.push_back(ip("fd00::5"));
  db_pod->addresses.push_back(ip("fd00::7"));
  session.flow(*app, true, "SCTP", "10.1.0.7", 36412);
  session.flow(*app, true, "ICMP", "10.1.0.7", 0);
  session.flow(*app, true, "UDP", "fd00::7", 5353);
  const auto traffic = resolve({&session});
  ASSERT_EQ(traffic.size(), 3U);
  EXPECT_EQ(traffic[0].protocol, "ICMP");
  EXPECT_EQ(traffic[1].protocol, "SCTP");
  EXPECT_EQ(traffic[2].source.address->text(), "fd00::5");
  EXPECT_EQ(traffic[2].destination.pod, "db-0");
}

TEST_F(TrafficTest, KeepsTheFamiliesOfTheSameTwoPodsApart) {
  web_pod->addresses.push_back(ip("fd00:1::5"));
  db_pod->addresses.push_back(ip("fd00:1::7"));
  session.flow(*app, true, "TCP", "10.1.0.7", 5432);
  session.flow(*app, true, "TCP", "fd00:1::7", 5432);
  const auto traffic = resolve({&session});
  ASSERT_EQ(traffic.size(), 2U);
  EXPECT_EQ(traffic[0].destination.address->text(), "10.1.0.7");
  EXPECT_EQ(traffic[1].destination.address->text(), "fd00:1::7");
}

// The cluster may call the machine otherwise than it calls itself.
TEST_F(TrafficTest, KnowsItsNodeByThePodsThatRanHere) {
  KubePod& proxy = cluster.pod("kube-system", "proxy", "192.168.0.1");
  proxy.host_network = true;
  session.session().host_name = "ip-10-0-0-1";
  Workload& own = recorded(session, proxy);
  session.flow(own, true, "TCP", "10.1.0.7", 5432);
  const Traffic traffic = only(session);
  EXPECT_EQ(traffic.source.node, "node1");
  EXPECT_EQ(traffic.source.address, ip("192.168.0.1"));
}

TEST_F(TrafficTest, CountsAHostsFlowThatItsPodSawTooOnce) {
  Workload& sshd = session.workload("sshd.service");
  sshd.kind = WorkloadKind::kUnit;
  session.session().host_name = "node1";
  session.flow(sshd, true, "TCP", "10.1.0.5", 8080);
  session.flow(*app, false, "TCP", "192.168.0.1", 8080);
  EXPECT_EQ(only(session).count, 3U);
}

// kube-proxy masquerades what a node sends to a service: it arrives from the bridge's address.
TEST_F(TrafficTest, KeepsEachAddressOfANodeThatAPodSaw) {
  KubePod& agent = cluster.pod("monitoring", "agent", "192.168.0.1");
  agent.host_network = true;
  session.flow(recorded(session, agent), true, "TCP", "10.1.0.5", 8080);
  session.flow(*app, false, "TCP", "10.1.0.1", 8080);
  std::set<std::string> sources;
  for (const Traffic& traffic : resolve({&session})) sources.insert(traffic.source.address->text());
  EXPECT_THAT(sources, ElementsAre("10.1.0.1", "192.168.0.1"));
}

// The pods are what a policy sees; which port a name means only they say.
TEST_F(TrafficTest, KeepsTheNameOfATargetPortThatNoPodTells) {
  KubeService& service = cluster.service("shop", "late", "10.96.0.8", {{"app", "late"}}, 80, 0);
  service.ports[0].target_port_name = "http";
  session.flow(*app, true, "TCP", "10.96.0.8", 80);
  const Traffic traffic = only(session);
  EXPECT_EQ(traffic.port, 0);
  EXPECT_EQ(traffic.port_name, "http");
  EXPECT_EQ(traffic.dialed_port, 80);
}

TEST_F(TrafficTest, RefusesRecordingsOfTwoClusters) {
  cluster.space("kube-system").uid = "a";
  FakeSession other;
  FakeCluster elsewhere(other);
  elsewhere.space("kube-system").uid = "b";
  session.flow(*app, true, "TCP", "10.1.0.7", 5432);
  other.workload("x");
  const std::vector<Recording> recordings = {{&session, "a.db"}, {&other, "b.db"}};
  const auto traffic = resolve_traffic(recordings, {});
  ASSERT_FALSE(traffic);
  EXPECT_EQ(traffic.error().message, "a.db and b.db are of two clusters");
}

TEST_F(TrafficTest, NeverLeavesThePodToItself) {
  session.flow(*app, true, "TCP", "127.0.0.1", 6379);
  session.flow(*app, true, "TCP", "10.1.0.5", 8080);
  for (const Traffic& traffic : resolve({&session})) {
    EXPECT_EQ(traffic.destination.kind, Kind::kLoopback);
  }
}

TEST_F(TrafficTest, KeepsTheNamesThatDnsHadAnsweredByThen) {
  session.resolved(*app, "api.example", "203.0.113.7");
  session.resolved(*app, "later.example", "203.0.113.7", 500);
  session.resolved(*app, "other.example", "203.0.113.8");
  session.flow(*app, true, "TCP", "203.0.113.7", 443);
  EXPECT_THAT(only(session).destination.names, ElementsAre("api.example"));
}

TEST_F(TrafficTest, MakesOneOfAFlowThatBothEndsSaw) {
  cluster.service("shop", "db", "10.96.0.7", {{"app", "db"}}, 80, 5432);
  cluster.pod_of(*db, "db-1", "10.1.0.8");
  Flow& there = session.flow(*app, true, "TCP", "10.96.0.7", 80);
  there.count = 30;
  FakeSession other;  // the other node's
  other.cluster() = session.cluster();
  Flow& here = other.flow(recorded(other, *db_pod), false, "TCP", "10.1.0.5", 5432);
  here.count = 12;
  here.bytes_sent = 7;
  const auto traffic = resolve({&session, &other});
  ASSERT_EQ(traffic.size(), 2U);
  EXPECT_TRUE(traffic[0].seen_at_source && traffic[0].seen_at_destination);
  EXPECT_EQ(traffic[0].count, 12U);  // 12 of the 30
  EXPECT_EQ(traffic[0].bytes_received, 7U);
  EXPECT_FALSE(traffic[0].count_shared);
  EXPECT_THAT(traffic[0].recordings, ElementsAre("r1.db", "r2.db"));
  EXPECT_FALSE(traffic[1].seen_at_destination);
}

TEST_F(TrafficTest, AnswersByAnothersInventoryWhereARecordingHasNone) {
  FakeSession other;
  other.flow(recorded(other, *web_pod), true, "TCP", "10.1.0.7", 5432);
  const auto traffic = resolve({&session, &other});
  ASSERT_EQ(traffic.size(), 1U);
  EXPECT_EQ(traffic[0].destination.pod, "db-0");
}

// A pod of another node may have it.
TEST_F(TrafficTest, KnowsNobodyElsewhereByTheContainersOfOneMachine) {
  cluster.inventory().sources.front().kind = "container runtime";
  session.flow(*app, true, "TCP", "10.9.9.9", 443);
  EXPECT_EQ(only(session).destination.kind, Kind::kUnknown);
  EXPECT_EQ(only(session).destination.reason,
            "only the containers of the recorded machine are known");
}

TEST(TrafficWithoutInventory, KeepsAddressesAndTheWorkloadsOwnNames) {
  FakeSession session;
  Workload& web = session.workload("web");
  web.kube_namespace = "shop";
  web.pod = "web-0";
  web.labels = {{"app", "web"}};
  session.flow(web, true, "TCP", "10.0.0.7", 5432);
  session.flow(web, true, "TCP", "not an address", 1).error = "ECONNREFUSED";
  const auto traffic = resolve({&session});
  ASSERT_EQ(traffic.size(), 2U);
  EXPECT_EQ(traffic[0].destination.reason, "not an IP address");
  EXPECT_EQ(traffic[1].source.kind, Kind::kPod);
  EXPECT_EQ(traffic[1].source.labels.at("app"), "web");
  EXPECT_FALSE(traffic[1].source.labels_known || traffic[1].source.ports_known);
  EXPECT_EQ(traffic[1].destination.kind, Kind::kUnknown);
  EXPECT_EQ(traffic[1].destination.reason, "no inventory says who it is");
}

TEST(TrafficWithoutInventory, KeepsWorkloadsOfNoPodApart) {
  FakeSession session;
  for (const char* name : {"a", "b"}) {
    session.flow(session.workload(name), true, "TCP", "10.0.0.7", 1);
  }
  EXPECT_EQ(resolve({&session}).size(), 2U);
}

}  // namespace
}  // namespace ig::test
