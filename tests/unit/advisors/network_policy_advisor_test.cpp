// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "advisors/advisor.h"
#include "tests/support/advise.h"
#include "tests/support/fake_session.h"

namespace ig::test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

Result<std::vector<Advice>> advise(FakeSession& session, AdviceRequest request = {}) {
  return test::advise("network-policy", {&session}, request);
}

Advice one_advice(FakeSession& session, const std::string& format = "kubernetes") {
  AdviceRequest request;
  request.format = format;
  auto advice = advise(session, request);
  EXPECT_TRUE(advice) << advice.error().message;
  EXPECT_EQ(advice->size(), 1U);
  return advice->front();
}

Workload& pod(FakeSession& session, const std::string& name,
              std::map<std::string, std::string> labels) {
  Workload& workload = session.workload(name);
  workload.pod = name;
  workload.kube_namespace = "shop";
  workload.labels = std::move(labels);
  return workload;
}

TEST(NetworkPolicyAdvisor, AllowsWhatWasEstablishedByPeerProtocolAndPort) {
  FakeSession session;
  const Workload& web = session.workload("web");
  session.flow(web, true, "TCP", "10.0.0.7", 5432);
  session.flow(web, false, "TCP", "10.0.0.9", 8080);
  const std::string document = one_advice(session).document;
  EXPECT_THAT(document,
              HasSubstr("    - to:\n        - ipBlock:\n            cidr: \"10.0.0.7/32\"\n"
                        "      ports:\n        - protocol: TCP\n          port: 5432"));
  EXPECT_THAT(document,
              HasSubstr("    - from:\n        - ipBlock:\n            cidr: \"10.0.0.9/32\""
                        "\n      ports:\n        - protocol: TCP\n          port: 8080"));
}

// inspektor-gadget lets one of 53/TCP and 53/UDP swallow the other.
TEST(NetworkPolicyAdvisor, KeepsTcpAndUdpOfOnePortApart) {
  FakeSession session;
  const Workload& web = session.workload("web");
  session.flow(web, true, "TCP", "10.0.0.7", 443);
  session.flow(web, true, "UDP", "10.0.0.7", 443);
  EXPECT_THAT(one_advice(session).document, AllOf(HasSubstr("protocol: TCP\n          port: 443"),
                                                  HasSubstr("protocol: UDP\n          port: 443")));
}

TEST(NetworkPolicyAdvisor, GroupsThePortsOfAPeer) {
  FakeSession session;
  const Workload& web = session.workload("web");
  session.flow(web, true, "TCP", "10.0.0.7", 443);
  session.flow(web, true, "TCP", "10.0.0.7", 80);
  const std::string document = one_advice(session).document;
  EXPECT_EQ(document.find("10.0.0.7"), document.rfind("10.0.0.7"));
  EXPECT_LT(document.find("port: 80 "), document.find("port: 443 "));
}

TEST(NetworkPolicyAdvisor, WritesIpv6AsOneAddress) {
  FakeSession session;
  session.flow(session.workload("web"), true, "TCP", "fd00:0:0::1", 80);
  EXPECT_THAT(one_advice(session).document, HasSubstr("cidr: \"fd00::1/128\""));
}

TEST(NetworkPolicyAdvisor, TakesMappedAddressesForIpv4) {
  FakeSession session;
  session.flow(session.workload("web"), true, "TCP", "::ffff:10.0.0.7", 80);
  EXPECT_THAT(one_advice(session).document, HasSubstr("10.0.0.7/32"));
}

TEST(NetworkPolicyAdvisor, MakesNoRuleOfFailedConnections) {
  FakeSession session;
  const Workload& web = session.workload("web");
  session.flow(web, true, "TCP", "10.0.0.7", 80);
  session.flow(web, true, "TCP", "10.0.0.8", 81).error = "ECONNREFUSED";
  const Advice advice = one_advice(session);
  EXPECT_THAT(advice.document, Not(HasSubstr("port: 81")));
  EXPECT_THAT(advice.summary, Contains(HasSubstr("10.0.0.8 port 81: failed with ECONNREFUSED")));
}

TEST(NetworkPolicyAdvisor, NamesOnlyDirectionsWithEvidence) {
  FakeSession session;
  session.flow(session.workload("web"), true, "TCP", "10.0.0.7", 80);
  EXPECT_THAT(one_advice(session).document,
              AllOf(HasSubstr("    - Egress\n"), Not(HasSubstr("Ingress"))));
}

// kguardian#1496: a policy without rules isolates the pod.
TEST(NetworkPolicyAdvisor, WritesNoPolicyWithoutEvidenceAndSaysWhy) {
  FakeSession session;
  session.workload("idle");
  EXPECT_THAT(one_advice(session).document, IsEmpty());
  EXPECT_THAT(one_advice(session).caveats, Contains(HasSubstr("no connection of it was recorded")));
}

TEST(NetworkPolicyAdvisor, WritesNoKubernetesPolicyForLoopbackOnly) {
  FakeSession session;
  session.flow(session.workload("web"), true, "TCP", "127.0.0.1", 6379);
  const Advice advice = one_advice(session);
  EXPECT_THAT(advice.document, IsEmpty());
  EXPECT_THAT(advice.caveats, Contains(HasSubstr("nothing that was recorded can make a rule")));
}

TEST(NetworkPolicyAdvisor, LeavesOutWhatKubernetesCannotSay) {
  FakeSession session;
  const Workload& web = session.workload("web");
  session.flow(web, true, "TCP", "10.0.0.7", 80);
  session.flow(web, true, "UDP", "224.0.0.251", 5353);
  session.flow(web, true, "UDP", "fe80::1", 547);
  session.flow(web, true, "ICMP", "10.0.0.7", 8);
  const std::string document = one_advice(session).document;
  EXPECT_THAT(
      document,
      AllOf(HasSubstr("# no rule for egress UDP 224.0.0.251 port 5353: multicast"),
            HasSubstr("# no rule for egress UDP fe80::1 port 547: link-local"),
            HasSubstr("# no rule for egress ICMP 10.0.0.7"), Not(HasSubstr("224.0.0.251/32"))));
}

// antrea#4225: answers that are too long for UDP come over TCP.
TEST(NetworkPolicyAdvisor, AllowsDnsOverTcpWhereItWasAskedByUdp) {
  FakeSession session;
  session.flow(session.workload("web"), true, "UDP", "10.96.0.10", 53);
  EXPECT_THAT(one_advice(session).document,
              HasSubstr("protocol: TCP\n          port: 53  # not recorded: DNS"));
  AdviceRequest request;
  request.options["blocks"] = "none";
  EXPECT_THAT((*advise(session, request))[0].document, Not(HasSubstr("TCP")));
}

TEST(NetworkPolicyAdvisor, GivesEachPortItsEvidence) {
  FakeSession session;
  Flow& flow = session.flow(session.workload("web"), true, "TCP", "10.0.0.7", 5432);
  flow.bytes_sent = 2048;
  flow.bytes_received = 5;
  flow.before_start = true;
  const Advice advice = one_advice(session);
  const std::string fact =
      "3 connections, 2025-11-03T14:00:10Z to 2025-11-03T14:00:20Z, 2.0 KiB sent, 5 B received, "
      "open before the recording";
  EXPECT_THAT(advice.document, HasSubstr("port: 5432  # " + fact));
  ASSERT_EQ(advice.evidence.size(), 1U);
  EXPECT_EQ(advice.evidence[0].rule, "egress TCP 10.0.0.7 port 5432");
  EXPECT_EQ(advice.evidence[0].fact, fact);
}

TEST(NetworkPolicyAdvisor, SelectsPodsByLabelsThatOutliveThePod) {
  FakeSession session;
  const Workload& web = pod(session, "web-0",
                            {{"app", "web"},
                             {"pod-template-hash", "abc"},
                             {"apps.kubernetes.io/pod-index", "0"},
                             {"io.kubernetes.pod.name", "web-0"},
                             {"bad key: {}", "x"}});
  session.flow(web, true, "TCP", "10.0.0.7", 80);
  EXPECT_THAT(one_advice(session).document,
              AllOf(HasSubstr("  name: web\n  namespace: shop\n"),
                    HasSubstr("    matchLabels:\n      app: web\n  policyTypes")));
}

TEST(NetworkPolicyAdvisor, MakesOnePolicyOfReplicasAndOneOfEachApplication) {
  FakeSession session;
  session.flow(pod(session, "web-0", {{"app", "web"}}), true, "TCP", "10.0.0.7", 80);
  session.flow(pod(session, "web-1", {{"app", "web"}}), true, "TCP", "10.0.0.8", 80);
  session.flow(pod(session, "db-0", {{"app", "db"}}), false, "TCP", "10.0.0.9", 5432);
  const auto advice = advise(session);
  ASSERT_TRUE(advice);
  ASSERT_EQ(advice->size(), 2U);
  EXPECT_THAT((*advice)[0].document, AllOf(HasSubstr("10.0.0.7/32"), HasSubstr("10.0.0.8/32")));
  EXPECT_EQ((*advice)[1].name, "db");
}

// `podSelector: {}` would isolate every pod of the namespace.
TEST(NetworkPolicyAdvisor, NeverSelectsEveryPodForWantOfLabels) {
  FakeSession session;
  session.flow(session.workload("web"), true, "TCP", "10.0.0.7", 80);
  const Advice advice = one_advice(session);
  EXPECT_THAT(advice.document, HasSubstr("matchLabels:\n      app.kubernetes.io/name: web\n"));
  EXPECT_THAT(advice.caveats, Contains(HasSubstr("the pod's labels were not recorded")));
}

TEST(NetworkPolicyAdvisor, RefusesOnLossAndLogsWhereItIsTolerated) {
  FakeSession session;
  session.flow(session.workload("web"), true, "TCP", "10.0.0.7", 80);
  session.lose("advise_networkpolicy", Loss::Kind::kMapFull);
  ASSERT_FALSE(advise(session));
  EXPECT_EQ(advise(session).error().code, ErrorCode::kRefused);
  AdviceRequest request;
  request.tolerate_loss = true;
  EXPECT_THAT((*advise(session, request))[0].document, HasSubstr("# caveat: tolerated loss"));
  request.format = "nftables";
  EXPECT_THAT((*advise(session, request))[0].document,
              AllOf(HasSubstr("policy accept"), HasSubstr("log prefix"), Not(HasSubstr("drop;"))));
}

TEST(Nftables, DropsWhatWasNotRecorded) {
  FakeSession session;
  const Workload& web = session.workload("web");
  session.flow(web, false, "TCP", "10.0.0.9", 8080);
  session.flow(web, true, "UDP", "fd00::1", 53);
  EXPECT_THAT(one_advice(session, "nftables").document,
              AllOf(HasSubstr("hook input priority filter; policy drop;"),
                    HasSubstr("hook output priority filter; policy drop;"),
                    HasSubstr("\t\tip saddr 10.0.0.9 tcp dport 8080 accept  # 3 connections"),
                    HasSubstr("\t\tip6 daddr fd00::1 udp dport 53 accept  # 3 exchanges"),
                    HasSubstr("nd-neighbor-solicit")));
}

// A packet to oneself passes the output chain and then the input chain.
TEST(Nftables, OpensLoopbackInBothChains) {
  FakeSession session;
  const Workload& web = session.workload("web");
  session.flow(web, false, "TCP", "127.0.0.1", 6379);
  session.flow(web, true, "TCP", "10.0.0.7", 80);
  EXPECT_THAT(
      one_advice(session, "nftables").document,
      AllOf(HasSubstr("iif lo tcp dport 6379 accept"), HasSubstr("oif lo tcp dport 6379 accept")));
}

// An IPv6 peer of one direction needs its neighbours found by packets of both.
TEST(Nftables, LetsNeighboursBeFoundInBothChains) {
  FakeSession session;
  const Workload& web = session.workload("web");
  session.flow(web, false, "TCP", "fd00::9", 8080);
  session.flow(web, true, "TCP", "10.0.0.7", 80);
  const std::string document = one_advice(session, "nftables").document;
  EXPECT_NE(document.find("nd-neighbor-solicit"), document.rfind("nd-neighbor-solicit"));
}

TEST(Nftables, LeavesADirectionWithoutEvidenceAlone) {
  FakeSession session;
  session.flow(session.workload("web"), true, "TCP", "10.0.0.7", 80);
  EXPECT_THAT(one_advice(session, "nftables").document, Not(HasSubstr("chain input")));
}

TEST(Nftables, MakesOneTableForANetworkNamespace) {
  FakeSession session;
  for (const char* name : {"web", "sidecar"}) {
    Workload& workload = session.workload(name);
    workload.netns_id = 77;
    session.flow(workload, true, "TCP", "10.0.0.7", name[0] == 'w' ? 80 : 81);
  }
  Workload& later = session.workload("later");  // the number was used again
  later.netns_id = 77;
  later.first_seen_ns = at(700);
  later.last_seen_ns = at(800);
  session.flow(later, true, "TCP", "10.0.0.7", 82);
  AdviceRequest request;
  request.format = "nftables";
  const auto advice = advise(session, request);
  ASSERT_EQ(advice->size(), 2U);
  EXPECT_THAT((*advice)[0].document, AllOf(HasSubstr("dport 80"), HasSubstr("dport 81")));
  EXPECT_THAT((*advice)[1].document, Not(HasSubstr("dport 80")));
}

// A table with a default drop in the host's network namespace would cut off the host.
TEST(Nftables, TouchesOnlyTheCgroupOfAWorkloadOnTheHostsNetwork) {
  FakeSession session;
  session.workload("host", WorkloadKind::kHost).netns_id = 1;
  Workload& unit = session.workload("nginx.service", WorkloadKind::kUnit);
  unit.netns_id = 1;
  unit.cgroup_path = "/system.slice/nginx.service";
  session.flow(unit, false, "TCP", "10.0.0.9", 80);
  const std::string document = one_advice(session, "nftables").document;
  EXPECT_THAT(document, AllOf(HasSubstr("policy accept"), Not(HasSubstr("policy drop")),
                              HasSubstr("socket cgroupv2 level 2 \"system.slice/nginx.service\" "
                                        "jump workload_input")));
  unit.cgroup_path = "";
  EXPECT_THAT(one_advice(session, "nftables").document, IsEmpty());
}

// Comments end at the line: nothing from the file may start another.
TEST(NetworkPolicyAdvisor, IsNotLedAstrayByHostileText) {
  FakeSession session;
  Workload& web = session.workload("web\nspec: {}");
  web.image = "x\r\n\x1b[2J";
  web.cgroup_path = "/a\" accept; }";
  session.flow(web, true, "TCP", "10.0.0.7", 80);
  session.flow(web, true, "TCP", "1.2.3.4\n- {}", 80);
  session.flow(web, true, "TCP\n}", "1.2.3.4", 80);
  for (const char* format : {"kubernetes", "nftables"}) {
    const std::string document = one_advice(session, format).document;
    EXPECT_THAT(document,
                AllOf(Not(HasSubstr("\nspec: {}")), Not(HasSubstr("\n- {}")),
                      Not(HasSubstr("TCP\n}")), Not(HasSubstr("\x1b")), Not(HasSubstr("\r"))))
        << format;
  }
}

}  // namespace
}  // namespace ig::test
