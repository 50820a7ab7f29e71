// SPDX-License-Identifier: Apache-2.0
// What other generators of network policies got wrong, each as a test. G: defects of one widely
// used gadget; F: of the field at large.
//
// clang-format off
//   G1  a peer on a node's network ends all output     NodesNeverSpoilTheRest
//   G2  TCP and UDP of one port swallow each other     KeepsProtocolsOfOnePortApart
//   G3  a service's port instead of its pods'          NamesPodsAndTheirPortBehindAService,
//                                                      NamesTheTargetPortWhereNoPodTellsItsNumber
//   G4  a service without selector admits a namespace  NamesEndpointsOfAServiceWithoutSelector
//   G5  no labels: the whole namespace                 NeverSelectsAWholeNamespace
//   G6  a service's own labels, not its selector       NamesPodsAndTheirPortBehindAService
//   G7  two policies of one name                       GivesEveryPolicyItsOwnName,
//                                                      NeverNamesTheUnknownLikeAnOwner
//   G8  labels of one replica, one job, one revision   LeavesOutLabelsOfOneReplica
//   G9  one block an address, and no names             JoinsOutsideAddressesWithinABudget,
//                                                      NamesOutsidePeersByDns
//   G10 addresses resolved at the end                  TrafficTest.AsksWhoseTheAddressWasAtTheTime
//   G11 IPv6, SCTP, ICMP, high UDP ports not seen      TrafficTest.KeepsEveryProtocolAndFamily,
//                                                      WritesBothFamiliesAndSctp
//   G12 failed connections become rules                FailedConnectionsMakeRulesOnlyWhenAsked
//   G13 what comes from nodes                          NodesNeverSpoilTheRest, LetsKubeletsProbe
//   G14 pods on the node's network skipped in silence  SaysWhyPodsOnTheNodesNetworkHaveNoPolicy
//   G15 several containers of one pod                  MakesOnePolicyOfAllContainersOfAPod
//   G16 a cluster's rights, and hosts without one      network_policy_advisor_test.cpp: Nftables…
//   G17 results lost by a crash                        the session file (tests/fault)
//   G18 no evidence, no preview                        KeepsTheEvidenceOfEveryPort, --staged
//   F1  DNS denied                                     AsksNamesAtTheClustersDnsPods,
//                                                      SaysThatNamesStayUnresolvedWithoutARule
//   F2  node peers crash or vanish                     as G1
//   F3  service port and pod port                      as G3; DnsOfOpenShiftHasItsOwnPort
//   F4  NodePort and SNAT                              TrafficTest.FindsTheBackendsOfANodePort
//   F5  probes and scrapes                             LetsKubeletsProbe, LetsMonitoringScrape
//   F6  API server and webhooks                        AllowsEveryEndpointOfTheApiServer,
//                                                      LetsTheApiServerCallWebhooks
//   F7  addresses used again, short pods               as G10; SaysWhereAnAddressIsInDoubt
//   F8  only addresses for what is outside             NamesOutsidePeersByDns
//   F9  selectors of what existed                      as G8; owner_selector_test.cpp
//   F10 DNS over TCP                                   AsksNamesAtTheClustersDnsPods
//   F11 IPv6                                           WritesBothFamiliesAndSctp,
//                                                      AddsTheOtherFamilyOfAPeer
//   F12 a policy without rules isolates                WritesNoPolicyWithoutEvidence
//   F13 no policy and no reason                        SaysWhyPodsOnTheNodesNetworkHaveNoPolicy,
//                                                      RefusesWhereNoLabelsSelectThePodsAlone
//   F14 which rule decides, preview                    StagedPoliciesOfCalico; ig verify
//   F15 UDP written as TCP                             KeepsProtocolsOfOnePortApart
//   F16 learned rules lost                             the session file
// clang-format on
#include <gmock/gmock.h>

#include "advisors/advisor.h"
#include "tests/support/advise.h"
#include "tests/support/fake_cluster.h"

namespace ig::test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class NetworkLessons : public testing::Test {
 protected:
  NetworkLessons() {
    cluster.node("node1", "192.168.0.1", "10.1.0.0/24");
    cluster.node("node2", "192.168.0.2", "10.2.0.0/24");
    web = &cluster.owner("shop", "Deployment", "web", {{"app", "web"}});
    db = &cluster.owner("data", "StatefulSet", "db", {{"app", "db"}});
    web_pod = &cluster.pod_of(*web, "web-h1-x", "10.1.0.5");
    db_pod = &cluster.pod_of(*db, "db-0", "10.1.0.7");
    app = &recorded(session, *web_pod);
  }

  std::vector<Advice> all(const std::string& format = "kubernetes") {
    request.format = format;
    auto advice = test::advise("network-policy", {&session}, request);
    EXPECT_TRUE(advice) << advice.error().message;
    return advice ? std::move(*advice) : std::vector<Advice>(1);
  }
  Advice one(const std::string& format = "kubernetes") {
    auto advice = all(format);
    EXPECT_EQ(advice.size(), 1U);
    return advice.front();
  }
  std::string document(const std::string& format = "kubernetes") { return one(format).document; }
  void blocks(const std::string& list) { request.options["blocks"] = list; }

  FakeSession session;
  FakeCluster cluster{session};
  AdviceRequest request;
  KubeOwner *web = nullptr, *db = nullptr;
  KubePod *web_pod = nullptr, *db_pod = nullptr;
  Workload* app = nullptr;
};

TEST_F(NetworkLessons, NamesPodsByTheirOwnersLabelsAndTheirNamespaceByName) {
  session.flow(*app, true, "TCP", "10.1.0.7", 5432).process = "curl";
  EXPECT_THAT(document(),
              AllOf(HasSubstr("  podSelector:\n    matchLabels:\n      app: web\n"),
                    HasSubstr("    # pods of StatefulSet data/db\n"
                              "    - to:\n"
                              "        - podSelector:\n"
                              "            matchLabels:\n"
                              "              app: db\n"
                              "          namespaceSelector:\n"
                              "            matchLabels:\n"
                              "              kubernetes.io/metadata.name: data\n"
                              "      ports:\n"
                              "        - protocol: TCP\n"
                              "          port: 5432  # 3 connections, 2025-11-03T14:00:10Z to "
                              "2025-11-03T14:00:20Z, by curl\n")));
}

TEST_F(NetworkLessons, NodesNeverSpoilTheRest) {
  KubePod& exporter = cluster.pod("monitoring", "exporter-a", "192.168.0.1");
  exporter.host_network = true;
  session.flow(*app, true, "TCP", "192.168.0.1", 9100);
  session.flow(*app, true, "TCP", "10.1.0.7", 5432);
  session.flow(*app, false, "TCP", "10.1.0.1", 8080);  // the node's bridge
  const Advice advice = one();
  EXPECT_THAT(advice.document,
              AllOf(HasSubstr("192.168.0.1/32"), HasSubstr("app: db"), HasSubstr("10.1.0.1/32")));
  EXPECT_THAT(advice.caveats, Contains(HasSubstr("peers use the network of node node1")));
  EXPECT_THAT(document("cilium"),
              AllOf(HasSubstr("    - toEntities:\n        - host\n"
                              "        - remote-node\n"),
                    HasSubstr("    - fromEntities:\n"), Not(HasSubstr("192.168.0.1"))));
}

TEST_F(NetworkLessons, KeepsProtocolsOfOnePortApart) {
  session.flow(*app, true, "TCP", "10.1.0.7", 443);
  session.flow(*app, true, "UDP", "10.1.0.7", 443);
  for (const char* format : {"kubernetes", "cilium", "calico"}) {
    EXPECT_THAT(document(format), AllOf(HasSubstr("protocol: TCP"), HasSubstr("protocol: UDP")))
        << format;
  }
}

TEST_F(NetworkLessons, NamesPodsAndTheirPortBehindAService) {
  KubeService& service = cluster.service("data", "sql", "10.96.0.7", {{"app", "db"}}, 80, 5432);
  service.labels = {{"of", "the service itself"}};
  session.flow(*app, true, "TCP", "10.96.0.7", 80);
  EXPECT_THAT(document(),
              AllOf(HasSubstr("# pods of StatefulSet data/db, reached as service "
                              "data/sql\n"),
                    HasSubstr("app: db"), HasSubstr("port: 5432"), Not(HasSubstr("port: 80")),
                    Not(HasSubstr("10.96.0.7")), Not(HasSubstr("the service itself"))));
}

TEST_F(NetworkLessons, NamesEndpointsOfAServiceWithoutSelector) {
  const auto& ldap = cluster.service("data", "ldap", "10.96.0.9", {}, 389, 389);
  cluster.endpoints(ldap, {"203.0.113.9"}, 1389);
  session.flow(*app, true, "TCP", "10.96.0.9", 389);
  EXPECT_THAT(document(), AllOf(HasSubstr("cidr: \"203.0.113.9/32\""), HasSubstr("port: 1389"),
                                Not(HasSubstr("{}"))));
}

TEST_F(NetworkLessons, NeverSelectsAWholeNamespace) {
  const KubePod& bare = cluster.pod("shop", "bare", "10.1.0.8");
  session.flow(*app, true, "TCP", "10.1.0.8", 80);
  session.flow(recorded(session, bare), true, "TCP", "203.0.113.7", 443);
  const auto advice = all();
  ASSERT_EQ(advice.size(), 2U);
  EXPECT_THAT(advice[0].document, AllOf(HasSubstr("10.1.0.8/32"), Not(HasSubstr("{}"))));
  EXPECT_THAT(advice[0].caveats, Contains(HasSubstr("the rule for Pod shop/bare has its address")));
  EXPECT_THAT(advice[1].document, IsEmpty());
  EXPECT_THAT(advice[1].caveats,
              Contains(HasSubstr("no labels select its pods alone: its pods have no labels")));
}

TEST_F(NetworkLessons, GivesEveryPolicyItsOwnName) {
  const auto& other = cluster.owner("shop", "StatefulSet", "web", {{"app", "web-store"}});
  const auto& abroad = cluster.owner("data", "Deployment", "web", {{"app", "web"}});
  const auto& lengthy = cluster.owner("data", "Deployment", std::string(100, 'x'), {{"app", "x"}});
  session.flow(*app, true, "TCP", "203.0.113.7", 443);
  int last = 20;
  for (const KubeOwner* owner : {&other, &abroad, &lengthy}) {
    const auto& pod = cluster.pod_of(*owner, "p", "10.1.0." + std::to_string(++last));
    const_cast<KubePod&>(pod).uid += std::to_string(last);
    session.flow(recorded(session, pod), true, "TCP", "203.0.113.7", 443);
  }
  const auto advice = all();
  ASSERT_EQ(advice.size(), 4U);
  EXPECT_THAT(advice[0].document, HasSubstr("  name: web-deployment\n  namespace: shop\n"));
  EXPECT_THAT(advice[1].document, HasSubstr("  name: web-statefulset\n  namespace: shop\n"));
  EXPECT_THAT(advice[2].document, HasSubstr("  name: web\n  namespace: data\n"));
  EXPECT_EQ(advice[3].name.size(), 63U);
  EXPECT_TRUE(advice[3].name.starts_with("xxx"));
}

TEST_F(NetworkLessons, LeavesOutLabelsOfOneReplica) {
  for (KubePod* pod : {web_pod, db_pod}) {
    pod->labels["controller-revision-hash"] = pod->labels["pod-template-generation"] = "1";
    pod->labels["statefulset.kubernetes.io/pod-name"] = pod->name;
    pod->labels["apps.kubernetes.io/pod-index"] = "0";
    pod->labels["batch.kubernetes.io/controller-uid"] = "u";
    pod->labels["app.kubernetes.io/version"] = "7";
  }
  session.flow(*app, true, "TCP", "10.1.0.7", 5432);
  for (const char* format : {"kubernetes", "cilium", "calico"}) {
    const std::string text = document(format);
    for (const char* label : {"hash", "generation", "pod-name", "index", "uid", "version"}) {
      EXPECT_THAT(text.substr(text.find("spec:")), Not(HasSubstr(label))) << format;
    }
  }
}

TEST_F(NetworkLessons, WritesBothFamiliesAndSctp) {
  session.flow(*app, true, "SCTP", "203.0.113.7", 36412);
  session.flow(*app, true, "UDP", "2001:db8::7", 8472);
  session.flow(*app, true, "ICMP", "203.0.113.7", 0);
  EXPECT_THAT(document(), AllOf(HasSubstr("203.0.113.7/32"), HasSubstr("2001:db8::7/128"),
                                HasSubstr("protocol: SCTP\n          port: 36412"),
                                HasSubstr("# no rule for egress ICMP 203.0.113.7: a policy has no "
                                          "word for its protocol")));
  EXPECT_THAT(document("cilium"), HasSubstr("      icmps:\n        - fields:\n"
                                            "            - family: IPv4\n              type: 8"));
  EXPECT_THAT(document("calico"), HasSubstr("protocol: ICMP\n"));
}

TEST_F(NetworkLessons, FailedConnectionsMakeRulesOnlyWhenAsked) {
  session.flow(*app, true, "TCP", "10.1.0.7", 5432);
  session.flow(*app, true, "TCP", "203.0.113.7", 81).error = "ETIMEDOUT";
  EXPECT_THAT(document(), AllOf(Not(HasSubstr("port: 81")),
                                HasSubstr("# no rule for egress TCP 203.0.113.7 port 81: failed "
                                          "with ETIMEDOUT, 3 times")));
  request.options["include-failed"] = "true";
  EXPECT_THAT(document(), AllOf(HasSubstr("port: 81"), HasSubstr("failed with ETIMEDOUT")));
}

TEST_F(NetworkLessons, CountsFailuresOfWhatWorkedLaterAsItsEvidence) {
  session.flow(*app, true, "TCP", "10.1.0.7", 5432).error = "ECONNREFUSED";
  session.flow(*app, true, "TCP", "10.1.0.7", 5432);
  EXPECT_THAT(document(), AllOf(HasSubstr("port: 5432  # 3 connections, "),
                                HasSubstr(", 3 failed with ECONNREFUSED"),
                                Not(HasSubstr("no rule for egress"))));
}

TEST_F(NetworkLessons, NamesTheTargetPortWhereNoPodTellsItsNumber) {
  KubeService& service = cluster.service("shop", "late", "10.96.0.8", {{"app", "late"}}, 80, 0);
  service.ports[0].target_port_name = "http";
  session.flow(*app, true, "TCP", "10.96.0.8", 80);
  EXPECT_THAT(document(), AllOf(HasSubstr("app: late"), HasSubstr("port: http")));
}

// In Calico a selector is an expression: one key could be all of it.
TEST_F(NetworkLessons, NeverWritesASelectorOfWhatIsNoLabel) {
  cluster.service("shop", "evil", "10.96.0.8", {{"all() || app", "x"}}, 80, 80);
  session.flow(*app, true, "TCP", "10.96.0.8", 80);
  EXPECT_THAT(document("calico"), AllOf(Not(HasSubstr("all()")), HasSubstr("10.96.0.8/32")));
}

TEST_F(NetworkLessons, RefusesUnknownPodsWhoseLabelsOthersHave) {
  cluster.owner("shop", "Deployment", "web2", {{"app", "web"}, {"tier", "b"}});
  web->template_labels["tier"] = web_pod->labels["tier"] = "a";
  Workload& stranger = session.workload("new");
  stranger.kube_namespace = "shop";
  stranger.pod = "stranger";
  stranger.labels = {{"app", "web"}};
  session.flow(stranger, true, "TCP", "203.0.113.7", 443);
  request.selector.container = {"new"};
  const Advice advice = one();
  EXPECT_THAT(advice.document, IsEmpty());
  EXPECT_THAT(advice.caveats, ElementsAre(HasSubstr("the labels of that also select pods of")));
}

// Else its policy would replace the owner's.
TEST_F(NetworkLessons, NeverNamesTheUnknownLikeAnOwner) {
  Workload& stranger = session.workload("new");
  stranger.kube_namespace = "shop";
  stranger.pod = "stranger";
  stranger.labels = {{"k8s-app", "web"}};
  session.flow(stranger, true, "TCP", "203.0.113.7", 443);
  request.selector.container = {"new"};
  EXPECT_THAT(document(), HasSubstr("  name: web-"));
}

TEST_F(NetworkLessons, MakesNoPolicyOfWhatIsNoPod) {
  Workload& unit = session.workload("sshd.service");
  unit.kind = WorkloadKind::kUnit;
  session.flow(unit, true, "TCP", "203.0.113.7", 443);
  request.selector.unit = {"sshd.service"};
  const Advice advice = one();
  EXPECT_THAT(advice.document, IsEmpty());
  EXPECT_THAT(advice.caveats, ElementsAre(HasSubstr("no policy: it is no pod")));
}

// Of a container that its runtime told of, and no cluster, a policy is a draft for the day on which
// it becomes a pod.
TEST(NetworkLessonsWithoutCluster, DraftsAPolicyForAContainer) {
  FakeSession session;
  Workload& web = session.workload("web");
  web.kind = WorkloadKind::kContainer;
  web.container_id = "c1";
  KubePod pod;
  pod.name = "web";
  pod.addresses = {ip("10.88.0.5")};
  pod.container_ids = {"c1"};
  pod.valid.from_ns = at(-1);
  session.cluster().pods.push_back(pod);
  session.cluster().sources.push_back({"container runtime", "", at(-1), at(601), {}});
  session.flow(web, true, "TCP", "203.0.113.7", 443);
  const auto advice = test::advise("network-policy", {&session}, {});
  ASSERT_TRUE(advice) << advice.error().message;
  EXPECT_THAT(advice->front().document, HasSubstr("app.kubernetes.io/name: web"));
  EXPECT_THAT(advice->front().caveats, Contains(HasSubstr("what stands there is a guess")));
}

TEST_F(NetworkLessons, SaysWhereCiliumCannotReachAPodByItsAddress) {
  session.flow(*app, true, "TCP", "10.1.0.99", 80);  // of the node's range, nobody's
  EXPECT_THAT(one("cilium").caveats,
              Contains(HasSubstr("in Cilium blocks of addresses never match pods")));
}

TEST_F(NetworkLessons, SaysThatNamesStayUnresolvedWithoutARule) {
  session.flow(*app, true, "TCP", "10.1.0.7", 5432);
  EXPECT_THAT(one().caveats, Contains(HasSubstr("no rule for DNS")));
  blocks("none");
  EXPECT_THAT(one().caveats, Not(Contains(HasSubstr("no rule for DNS"))));
}

TEST_F(NetworkLessons, AsksNamesOfDnsPodsOnTheNodesNetwork) {
  auto& dns = cluster.owner("kube-system", "DaemonSet", "coredns", {{"k8s-app", "kube-dns"}});
  cluster.pod_of(dns, "coredns-a", "192.168.0.2").host_network = true;
  cluster.service("kube-system", "kube-dns", "10.96.0.10", {{"k8s-app", "kube-dns"}}, 53, 53,
                  "UDP");
  session.flow(*app, true, "TCP", "10.1.0.7", 5432);
  EXPECT_THAT(document(), AllOf(HasSubstr("# DNS of the cluster, on the nodes' network"),
                                HasSubstr("192.168.0.2/32")));
}

TEST_F(NetworkLessons, SaysWhyPodsOnTheNodesNetworkHaveNoPolicy) {
  web_pod->host_network = true;
  session.flow(*app, true, "TCP", "10.1.0.7", 5432);
  const Advice advice = one();
  EXPECT_THAT(advice.document, IsEmpty());
  EXPECT_THAT(advice.caveats, ElementsAre(HasSubstr("it uses its node's network, where network "
                                                    "policies do not apply")));
}

TEST_F(NetworkLessons, MakesOnePolicyOfAllContainersOfAPod) {
  session.flow(*app, true, "TCP", "10.1.0.7", 5432);
  session.flow(recorded(session, *web_pod, "sidecar"), true, "TCP", "203.0.113.7", 443);
  EXPECT_THAT(document(), AllOf(HasSubstr("port: 5432"), HasSubstr("port: 443")));
}

TEST_F(NetworkLessons, KeepsTheEvidenceOfEveryPort) {
  session.flow(*app, true, "TCP", "10.1.0.7", 5432).process = "app";
  const Advice advice = one();
  ASSERT_EQ(advice.evidence.size(), 1U);
  EXPECT_EQ(advice.evidence[0].rule, "egress TCP pods of StatefulSet data/db port 5432");
  EXPECT_EQ(advice.evidence[0].fact,
            "3 connections, 2025-11-03T14:00:10Z to 2025-11-03T14:00:20Z, by app");
}

// The backends of a service share what was counted.
TEST_F(NetworkLessons, CountsAFlowToSeveralBackendsOnce) {
  cluster.service("data", "sql", "10.96.0.7", {{"app", "db"}}, 80, 5432);
  cluster.pod_of(*db, "db-1", "10.1.0.8");
  session.flow(*app, true, "TCP", "10.96.0.7", 80);
  EXPECT_THAT(document(), HasSubstr("# 3 connections,"));
}

TEST_F(NetworkLessons, SaysWhereAnAddressIsInDoubt) {
  db_pod->valid.to_ns = at(15);
  cluster.pod("batch", "report-1", "10.1.0.7", {{"app", "report"}}).valid.from_ns = at(16);
  session.flow(*app, true, "TCP", "10.1.0.7", 5432);
  const Advice advice = one();
  EXPECT_THAT(advice.document, AllOf(HasSubstr("app: db"), HasSubstr("app: report"),
                                     HasSubstr("    # in doubt: 10.1.0.7 was data/db-0's, then "
                                               "batch/report-1's in this time\n")));
  EXPECT_THAT(advice.caveats, Contains(HasSubstr("in doubt: 10.1.0.7 was")));
}

TEST_F(NetworkLessons, NamesOnlyDirectionsThatWereRecorded) {
  // The database was recorded, and took nothing; that something was sent to it says another node.
  session.flow(recorded(session, *db_pod), true, "TCP", "203.0.113.7", 443);
  session.flow(*app, true, "TCP", "10.1.0.7", 5432);
  const auto advice = all();
  ASSERT_EQ(advice.size(), 2U);
  EXPECT_THAT(advice[1].document, AllOf(HasSubstr("- Egress"), Not(HasSubstr("Ingress"))));
  EXPECT_THAT(advice[1].summary, Contains(HasSubstr("seen from the other end only")));
}

TEST_F(NetworkLessons, AdmitsWhatOnlyTheOtherEndRecorded) {
  const KubePod& second = cluster.pod_of(*web, "web-h1-y", "10.1.0.6");
  const Workload& base = recorded(session, *db_pod);
  session.flow(base, false, "TCP", "10.1.0.6", 5432);
  session.flow(recorded(session, second), true, "TCP", "203.0.113.7", 443);
  const auto advice = all();
  ASSERT_EQ(advice.size(), 2U);
  EXPECT_THAT(advice[0].document,
              AllOf(HasSubstr("app: db"), HasSubstr("seen from the other end")));
}

TEST_F(NetworkLessons, WritesNoPolicyWithoutEvidence) {
  const Advice advice = one();
  EXPECT_THAT(advice.document, IsEmpty());
  EXPECT_THAT(advice.caveats, Contains("no policy: no connection of it was recorded"));
}

TEST_F(NetworkLessons, RefusesWhereNoLabelsSelectThePodsAlone) {
  cluster.pod_of(cluster.owner("shop", "Deployment", "canary", {{"app", "web"}}), "canary-h1-z",
                 "10.1.0.9");
  session.flow(*app, true, "TCP", "10.1.0.7", 5432);
  const Advice advice = one();
  EXPECT_THAT(advice.document, IsEmpty());
  EXPECT_THAT(advice.caveats, Contains("no policy: no labels select its pods alone: app=web also "
                                       "selects pods of Deployment shop/canary"));
}

TEST_F(NetworkLessons, NamesOutsidePeersByDns) {
  session.resolved(*app, "api.example", "203.0.113.7");
  session.resolved(*app, "bad name\n- {}", "203.0.113.7");
  session.flow(*app, true, "TCP", "203.0.113.7", 443);
  auto& dns = cluster.owner("kube-system", "Deployment", "coredns", {{"k8s-app", "kube-dns"}});
  cluster.pod_of(dns, "coredns-h1-a", "10.1.0.3");
  cluster.service("kube-system", "kube-dns", "10.96.0.10", {{"k8s-app", "kube-dns"}}, 53, 53,
                  "UDP");
  session.flow(*app, true, "UDP", "10.96.0.10", 53);
  EXPECT_THAT(document(), HasSubstr("# outside of the cluster, DNS name api.example"));
  request.options["fqdn"] = "true";
  EXPECT_THAT(document(), HasSubstr("203.0.113.7/32"));
  EXPECT_THAT(document("cilium"),
              AllOf(HasSubstr("    - toFQDNs:\n        - matchName: api.example\n      toPorts"),
                    HasSubstr("            dns:\n              - matchPattern: \"*\"\n"),
                    Not(HasSubstr("203.0.113.7")), Not(HasSubstr("- {}"))));
}

TEST_F(NetworkLessons, SaysWhereNoDnsRuleFeedsTheNames) {
  blocks("none");
  session.resolved(*app, "api.example", "203.0.113.7");
  session.flow(*app, true, "TCP", "203.0.113.7", 443);
  request.options["fqdn"] = "true";
  EXPECT_THAT(one("cilium").caveats, Contains(HasSubstr("toFQDNs has no effect before")));
}

TEST_F(NetworkLessons, JoinsOutsideAddressesWithinABudget) {
  for (const char* address : {"203.0.113.4", "203.0.113.5", "203.0.113.7", "198.51.100.1"}) {
    session.flow(*app, true, "TCP", address, 443);
  }
  session.flow(*app, true, "TCP", "203.0.113.6", 80);  // another port: not joined
  request.options["aggregate"] = "3";
  const Advice advice = one();
  EXPECT_THAT(advice.document,
              AllOf(HasSubstr("203.0.113.4/30"), HasSubstr("198.51.100.1/32"),
                    HasSubstr("203.0.113.6/32"), Not(HasSubstr("203.0.113.5/32")),
                    HasSubstr("# 203.0.113.4/30 covers 3 recorded addresses and 1 others")));
  EXPECT_THAT(advice.caveats, Contains(HasSubstr("203.0.113.4/30 covers")));
  // Not over an address of the cluster, however small the budget.
  cluster.node("node3", "203.0.113.6");
  request.options["aggregate"] = "1";
  EXPECT_THAT(one().document, Not(HasSubstr("203.0.113.4/30")));
  EXPECT_THAT(one().caveats, Contains(HasSubstr("left of a budget of 1")));
}

// Without every node's range of pods, a private address may be a pod's tomorrow.
TEST_F(NetworkLessons, JoinsNoPrivateAddressesWhereThePodsRangesAreNotKnown) {
  session.cluster().nodes[1].pod_cidrs.clear();
  for (const char* address : {"172.16.1.1", "172.16.1.2", "172.16.1.3"}) {
    session.flow(*app, true, "TCP", address, 443);
  }
  request.options["aggregate"] = "1";
  const Advice advice = one();
  EXPECT_THAT(advice.document, HasSubstr("172.16.1.2/32"));
  EXPECT_THAT(advice.caveats, Contains("3 addresses keep blocks of their own: what is the "
                                       "cluster's, or may be, is not joined"));
}

TEST_F(NetworkLessons, AsksNamesAtTheClustersDnsPods) {
  auto& dns = cluster.owner("kube-system", "Deployment", "coredns", {{"k8s-app", "kube-dns"}});
  cluster.pod_of(dns, "coredns-h1-a", "10.1.0.3");
  cluster.service("kube-system", "kube-dns", "10.96.0.10", {{"k8s-app", "kube-dns"}}, 53, 53,
                  "UDP");
  session.flow(*app, true, "TCP", "10.1.0.7", 5432);
  EXPECT_THAT(document(),
              AllOf(HasSubstr("    # block dns, not recorded:\n"
                              "    # DNS of the cluster, Deployment kube-system/coredns\n"),
                    HasSubstr("k8s-app: kube-dns"),
                    HasSubstr("- protocol: TCP\n          port: 53  # not recorded:"),
                    HasSubstr("- protocol: UDP\n          port: 53  # not recorded:")));
  // Where it was asked, only the other protocol is missing.
  session.flow(*app, true, "UDP", "10.96.0.10", 53);
  EXPECT_THAT(document(), AllOf(HasSubstr("port: 53  # 3 exchanges"),
                                HasSubstr("port: 53  # not recorded: DNS answers too long")));
  blocks("none");
  EXPECT_THAT(document(), Not(HasSubstr("not recorded")));
}

TEST_F(NetworkLessons, DnsOfOpenShiftHasItsOwnPort) {
  auto& dns = cluster.owner("openshift-dns", "DaemonSet", "dns-default", {{"dns", "default"}});
  cluster.pod_of(dns, "dns-default-a", "10.1.0.3").ports = {{"dns", "UDP", 5353},
                                                            {"dns-tcp", "TCP", 5353}};
  KubeService& service = cluster.service("openshift-dns", "dns-default", "172.30.0.10",
                                         {{"dns", "default"}}, 53, 0, "UDP");
  service.ports[0].target_port_name = "dns";
  session.flow(*app, true, "TCP", "10.1.0.7", 5432);
  EXPECT_THAT(document(), AllOf(HasSubstr("port: 5353"), Not(HasSubstr("port: 53 "))));
}

TEST_F(NetworkLessons, KnowsTheNodesOwnCacheOfNames) {
  cluster.pod("kube-system", "node-local-dns-a", "192.168.0.1", {{"k8s-app", "node-local-dns"}})
      .host_network = true;
  session.flow(*app, true, "TCP", "10.1.0.7", 5432);
  EXPECT_THAT(document(), HasSubstr("169.254.20.10/32"));
  EXPECT_THAT(document("cilium"), HasSubstr("- host\n"));
}

TEST_F(NetworkLessons, LetsKubeletsProbe) {
  web_pod->probes = {{"liveness", "TCP", 8081}, {"metrics", "TCP", 9090}};
  session.flow(*app, true, "TCP", "10.1.0.7", 5432);
  EXPECT_THAT(document(), Not(HasSubstr("Ingress")));  // nothing is cut off, nothing is needed
  session.flow(*app, false, "TCP", "10.1.0.7", 8080);
  EXPECT_THAT(document(), AllOf(HasSubstr("    # block probes, not recorded:\n    # the nodes of "
                                          "the cluster\n    - from:\n        - ipBlock:\n"
                                          "            cidr: \"192.168.0.1/32\"\n"
                                          "        - ipBlock:\n"
                                          "            cidr: \"192.168.0.2/32\"\n"),
                                HasSubstr("port: 8081"), Not(HasSubstr("port: 9090"))));
}

TEST_F(NetworkLessons, LetsMonitoringScrape) {
  blocks("metrics");
  web_pod->probes = {{"metrics", "TCP", 9090}};
  session.flow(*app, false, "TCP", "10.1.0.7", 8080);
  EXPECT_THAT(one().caveats, Contains(HasSubstr("no monitoring pods are known")));
  auto& prometheus = cluster.owner("monitoring", "StatefulSet", "prometheus",
                                   {{"app.kubernetes.io/name", "prometheus"}});
  cluster.pod_of(prometheus, "prometheus-0", "10.1.0.9");
  EXPECT_THAT(document(),
              AllOf(HasSubstr("# block metrics, not recorded:"),
                    HasSubstr("app.kubernetes.io/name: prometheus"), HasSubstr("port: 9090")));
}

TEST_F(NetworkLessons, AllowsEveryEndpointOfTheApiServer) {
  const auto& api = cluster.service("default", "kubernetes", "10.96.0.1", {}, 443, 6443);
  cluster.endpoints(api, {"192.168.0.1", "192.168.0.9"}, 6443);
  session.flow(*app, true, "TCP", "10.96.0.1", 443);
  session.translated().push_back(
      {"TCP", "10.1.0.5", "10.96.0.1", "192.168.0.1", 443, 6443, 3, at(10), at(20)});
  EXPECT_THAT(document(),
              AllOf(HasSubstr("192.168.0.1/32"), HasSubstr("192.168.0.9/32"),
                    HasSubstr("# block api-server, not recorded:"), HasSubstr("port: 6443")));
  EXPECT_THAT(document("cilium"), HasSubstr("    - toEntities:\n        - kube-apiserver\n"));
  blocks("none");
  EXPECT_THAT(document(), Not(HasSubstr("192.168.0.9")));
}

TEST_F(NetworkLessons, LetsTheApiServerCallWebhooks) {
  blocks("webhooks");
  const auto& api = cluster.service("default", "kubernetes", "10.96.0.1", {}, 443, 6443);
  cluster.endpoints(api, {"192.168.0.9"}, 6443);
  cluster.service("shop", "web-webhook", "10.96.0.8", {{"app", "web"}}, 443, 9443);
  session.flow(*app, false, "TCP", "10.1.0.7", 8080);
  EXPECT_THAT(document(), AllOf(HasSubstr("# block webhooks, not recorded:"),
                                HasSubstr("192.168.0.9/32"), HasSubstr("port: 9443")));
}

TEST_F(NetworkLessons, AddsTheOtherFamilyOfAPeer) {
  blocks("ipv6");
  web_pod->addresses.push_back(ip("fd00::5"));
  session.resolved(*app, "api.example", "203.0.113.7");
  session.resolved(*app, "api.example", "2001:db8::7");
  session.flow(*app, true, "TCP", "203.0.113.7", 443);
  EXPECT_THAT(document(),
              AllOf(HasSubstr("# block ipv6, not recorded:"), HasSubstr("2001:db8::7/128")));
  web_pod->addresses.pop_back();
  EXPECT_THAT(document(), Not(HasSubstr("2001:db8::7")));
}

TEST_F(NetworkLessons, StagedPoliciesOfCalico) {
  session.flow(*app, true, "TCP", "10.1.0.7", 5432);
  request.options["staged"] = "true";
  EXPECT_THAT(document("calico"),
              AllOf(HasSubstr("kind: StagedNetworkPolicy\n"), HasSubstr("  stagedAction: Set\n")));
  request.format = "kubernetes";
  const auto refused = test::advise("network-policy", {&session}, request);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUsage);
}

TEST_F(NetworkLessons, StagesAPolicyOfLossyEvidenceWhereItCan) {
  session.flow(*app, true, "TCP", "10.1.0.7", 5432);
  session.lose("advise_networkpolicy", Loss::Kind::kMapFull);
  request.tolerate_loss = true;
  EXPECT_THAT(document("calico"), HasSubstr("kind: StagedNetworkPolicy\n"));
}

TEST_F(NetworkLessons, MergesTheRecordingsOfSeveralNodes) {
  session.flow(*app, true, "TCP", "10.1.0.7", 5432);
  FakeSession other;
  other.cluster() = session.cluster();
  other.session().host_name = "node2";
  KubePod& second = cluster.pod_of(*web, "web-h1-y", "10.2.0.6");
  other.cluster() = session.cluster();
  other.flow(recorded(other, second), true, "TCP", "203.0.113.7", 443);
  auto advice = test::advise("network-policy", {&session, &other});
  ASSERT_TRUE(advice);
  ASSERT_EQ(advice->size(), 1U);
  EXPECT_THAT(advice->front().document, AllOf(HasSubstr("port: 5432"), HasSubstr("port: 443"),
                                              HasSubstr("on node1; "), HasSubstr("on node2")));
  EXPECT_THAT(advice->front().evidence[0].fact, HasSubstr("; in recording-1.db"));
}

// Before Kubernetes 1.21 nobody set it.
TEST_F(NetworkLessons, SaysWhereANamespaceLacksTheLabelOfItsName) {
  session.flow(*app, true, "TCP", "10.1.0.7", 5432);
  cluster.space("data");
  EXPECT_THAT(one().caveats, Not(Contains(HasSubstr("namespace data has no label"))));
  session.cluster().namespaces[0].labels.clear();
  EXPECT_THAT(one().caveats, Contains(HasSubstr("namespace data has no label")));
}

// A snapshot that was taken later lacks the pods that were gone by then.
TEST_F(NetworkLessons, KnowsAPodThatTheInventoryCameTooLateForByItsLabels) {
  KubePod gone = *web_pod;
  gone.name = gone.uid = "web-h1-gone";
  session.flow(recorded(session, gone), true, "TCP", "203.0.113.7", 443);
  session.flow(*app, true, "TCP", "10.1.0.7", 5432);
  EXPECT_THAT(document(), AllOf(HasSubstr("port: 5432"), HasSubstr("port: 443")));
}

TEST_F(NetworkLessons, RefusesUnknownBlocksAndBudgets) {
  for (const auto& [option, value] :
       {std::pair("blocks", "dsn"), {"aggregate", "0"}, {"aggregate", "x"}}) {
    AdviceRequest wrong;
    wrong.options[option] = value;
    const auto advice = test::advise("network-policy", {&session}, wrong);
    ASSERT_FALSE(advice) << value;
    EXPECT_EQ(advice.error().code, ErrorCode::kUsage);
  }
}

}  // namespace
}  // namespace ig::test
