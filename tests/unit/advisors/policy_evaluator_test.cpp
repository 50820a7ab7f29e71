// SPDX-License-Identifier: Apache-2.0
// What a NetworkPolicy of Kubernetes does, a row for each sentence of its documentation (Network
// Policies; API reference, NetworkPolicy v1).
#include "advisors/network/evaluator/policy_evaluator.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "advisors/network/evaluator/policy_match.h"
#include "tests/support/policy_world.h"

namespace ig::test {
namespace {

struct Row {
  const char* says;
  std::vector<const char*> policies;  // spec each, in one line, for the namespace shop
  std::vector<const char*> allowed;
  std::vector<const char*> denied;
  std::vector<const char*> undecided = {};
};

std::string document(const std::vector<const char*>& specs) {
  std::string text;
  int index = 0;
  for (const char* spec : specs) {
    text += "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p" +
            std::to_string(index++) + ", namespace: shop}\nspec: " + spec + "\n";
  }
  return text;
}

const std::vector<Row> kRows = {
    {"By default, a pod is non-isolated for egress; all outbound connections are allowed. "
     "By default, a pod is non-isolated for ingress; all inbound connections are allowed.",
     {},
     {"web > db TCP 5432", "198.51.100.7 > web TCP 80", "web > 8.8.8.8 UDP 53", "web > db ICMP"},
     {}},
    {"A pod is isolated for ingress if there is any NetworkPolicy that both selects the pod and "
     "has Ingress in its policyTypes.",
     {"{podSelector: {matchLabels: {app: db}}, policyTypes: [Ingress]}"},
     {"db > web TCP 80", "web > cache TCP 1", "db > 8.8.8.8 UDP 53"},
     {"web > db TCP 5432", "ops/prom > db UDP 1", "198.51.100.7 > db SCTP 9"}},
    {"A pod is isolated for egress if there is any NetworkPolicy that both selects the pod and has "
     "Egress in its policyTypes.",
     {"{podSelector: {matchLabels: {app: db}}, policyTypes: [Egress]}"},
     {"web > db TCP 5432", "web > 8.8.8.8 UDP 53"},
     {"db > web TCP 80", "db > 8.8.8.8 UDP 53"}},
    {"When a pod is isolated for ingress, the only allowed connections into the pod are those from "
     "the pod's node and those allowed by the ingress list.",
     {"{podSelector: {}, policyTypes: [Ingress], ingress: [{from: [{podSelector: {matchLabels: "
      "{app: web}}}]}]}"},
     {"node1 > db TCP 5432", "web > db TCP 5432"},
     {"node2 > db TCP 5432", "cache > db TCP 5432"}},
    {"Reply traffic for those allowed connections will also be implicitly allowed: a connection is "
     "judged in the direction in which it was opened.",
     {"{podSelector: {}, policyTypes: [Ingress, Egress], egress: [{to: [{ipBlock: {cidr: "
      "198.51.100.0/24}}]}]}"},
     {"web > 198.51.100.7 TCP 443"},
     {"198.51.100.7 > web TCP 443"}},
    {"Network policies do not conflict; they are additive: the connections allowed are the union "
     "of what the applicable policies allow.",
     {"{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {app: "
      "web}}}]}]}",
      "{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: cache}}}]}]}"},
     {"web > db TCP 1", "cache > db TCP 1", "cache > web TCP 1"},
     {"ops/prom > db TCP 1", "web > cache TCP 1"}},
    {"For a connection to be allowed, both the egress policy on the source pod and the ingress "
     "policy on the destination pod need to allow it.",
     {"{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: [{to: "
      "[{podSelector: "
      "{}}]}]}",
      "{podSelector: {matchLabels: {app: db}}, ingress: [{ports: [{port: 5432}]}]}"},
     {"web > db TCP 5432", "web > cache TCP 1", "cache > db TCP 5432"},
     {"web > db TCP 1", "web > ops/prom TCP 5432"}},
    {"An empty podSelector selects all pods in the namespace.",
     {"{podSelector: {}, policyTypes: [Ingress]}"},
     {"web > ops/prom TCP 1"},
     {"web > db TCP 1", "ops/prom > cache TCP 1"}},
    {"If no policyTypes are specified then by default Ingress will always be set.",
     {"{podSelector: {matchLabels: {app: web}}}"},
     {"web > db TCP 1"},
     {"db > web TCP 1"}},
    {"... and Egress will be set if the NetworkPolicy has any egress rules.",
     {"{podSelector: {matchLabels: {app: web}}, egress: [{to: [{podSelector: {matchLabels: {app: "
      "db}}}]}]}"},
     {"web > db TCP 1"},
     {"web > cache TCP 1", "db > web TCP 1"}},
    {"... which an empty list is not.",
     {"{podSelector: {matchLabels: {app: web}}, egress: [], policyTypes: []}"},
     {"web > db TCP 1"},
     {"db > web TCP 1"}},
    {"An ingress rule without from matches all sources; an empty list is the same.",
     {"{podSelector: {matchLabels: {app: db}}, ingress: [{from: [], ports: [{port: 5432}]}]}"},
     {"web > db TCP 5432", "198.51.100.7 > db TCP 5432", "node2 > db TCP 5432"},
     {"web > db TCP 80"}},
    {"A rule without ports matches all ports; an empty list is the same.",
     {"{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {}}], ports: []}]}"},
     {"web > db TCP 1", "web > db UDP 65535", "web > db SCTP 7"},
     {"ops/prom > db TCP 1"}},
    {"Allow all ingress traffic: an empty rule.",
     {"{podSelector: {}, ingress: [{}], policyTypes: [Ingress]}", "{podSelector: {}}"},
     {"web > db TCP 1", "198.51.100.7 > web UDP 5"},
     {}},
    {"Default deny all egress traffic.",
     {"{podSelector: {}, policyTypes: [Egress]}"},
     {"198.51.100.7 > web TCP 80"},
     {"web > db TCP 1", "web > 8.8.8.8 UDP 53"}},
    {"podSelector selects particular pods in the same namespace as the NetworkPolicy.",
     {"{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {}}]}]}"},
     {"web > db TCP 1", "cache > db TCP 1"},
     {"ops/prom > db TCP 1", "198.51.100.7 > db TCP 1"}},
    {"namespaceSelector selects particular namespaces for which all pods should be allowed.",
     {"{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{namespaceSelector: {matchLabels: "
      "{team: b}}}]}]}"},
     {"ops/prom > db TCP 1"},
     {"web > db TCP 1", "default/client > db TCP 1"}},
    {"An empty namespaceSelector selects all namespaces.",
     {"{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{namespaceSelector: {}}]}]}"},
     {"web > db TCP 1", "ops/prom > db TCP 1", "default/client > db TCP 1"},
     {"198.51.100.7 > db TCP 1", "node2 > db TCP 1"}},
    {"Empty selectors in one entry: all pods of all namespaces.",
     {"{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{namespaceSelector: {}, "
      "podSelector: {}}]}]}"},
     {"web > db TCP 1", "ops/prom > db TCP 1"},
     {"198.51.100.7 > db TCP 1", "node2 > db TCP 1"}},
    {"namespaceSelector and podSelector in one entry: particular pods within particular "
     "namespaces.",
     {"{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{namespaceSelector: {matchLabels: "
      "{team: b}}, podSelector: {matchLabels: {app: prom}}}]}]}"},
     {"ops/prom > db TCP 1"},
     {"web > db TCP 1", "default/client > db TCP 1"}},
    {"Two entries of from: pods of the one or the other.",
     {"{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{namespaceSelector: {matchLabels: "
      "{team: b}}}, {podSelector: {matchLabels: {app: web}}}]}]}"},
     {"ops/prom > db TCP 1", "web > db TCP 1"},
     {"cache > db TCP 1", "default/client > db TCP 1"}},
    {"A namespace can be targeted by its name: kubernetes.io/metadata.name.",
     {"{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{namespaceSelector: {matchLabels: "
      "{kubernetes.io/metadata.name: default}}}]}]}"},
     {"default/client > db TCP 1"},
     {"ops/prom > db TCP 1"}},
    {"matchExpressions: In, NotIn, Exists, DoesNotExist; requirements are ANDed.",
     {"{podSelector: {matchExpressions: [{key: app, operator: In, values: [db, cache]}, {key: "
      "tier, "
      "operator: Exists}]}, ingress: [{from: [{podSelector: {matchExpressions: [{key: app, "
      "operator: NotIn, values: [cache]}, {key: gone, operator: DoesNotExist}]}}]}]}"},
     {"web > db TCP 1", "web > cache TCP 1", "cache > web TCP 1", "db > cache TCP 1"},
     {"cache > db TCP 1", "ops/prom > db TCP 1"}},
    {"NotIn matches objects that lack the key.",
     {"{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{namespaceSelector: "
      "{matchExpressions: [{key: team, operator: NotIn, values: [b]}]}}]}]}"},
     {"default/client > db TCP 1", "web > db TCP 1"},
     {"ops/prom > db TCP 1"}},
    {"ipBlock selects particular IP CIDR ranges; except is left out of them.",
     {"{podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 198.51.0.0/16, "
      "except: [198.51.100.0/24]}}]}]}"},
     {"web > 198.51.99.1 TCP 1", "web > 198.51.101.0 UDP 9"},
     {"web > 198.51.100.0 TCP 1", "web > 198.51.100.255 TCP 1", "web > 198.52.0.1 TCP 1"}},
    {"A block of one family has no address of the other.",
     {"{podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0}}]}]}"},
     {"web > 8.8.8.8 TCP 1"},
     {"web > 2001:db8::1 TCP 1"}},
    {"IPv6 blocks.",
     {"{podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 2001:db8::/32, "
      "except: ['2001:db8:1::/48']}}]}]}"},
     {"web > 2001:db8::1 TCP 1"},
     {"web > 2001:db8:1::1 TCP 1", "web > 8.8.8.8 TCP 1"}},
    {"Blocks are about addresses, a pod's too.",
     {"{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{ipBlock: {cidr: "
      "10.2.0.0/16}}]}]}"},
     {"ops/prom > db TCP 1"},
     {"web > db TCP 1"}},
    {"protocol may be TCP, UDP or SCTP; if not specified, it defaults to TCP.",
     {"{podSelector: {matchLabels: {app: db}}, ingress: [{ports: [{port: 5432}, {port: 53, "
      "protocol: UDP}, {port: 7, protocol: SCTP}]}]}"},
     {"web > db TCP 5432", "web > db UDP 53", "web > db SCTP 7"},
     {"web > db UDP 5432", "web > db TCP 53", "web > db SCTP 5432"}},
    {"If port is not provided, this matches all port names and numbers of the protocol.",
     {"{podSelector: {matchLabels: {app: db}}, ingress: [{ports: [{protocol: UDP}]}]}"},
     {"web > db UDP 1", "web > db UDP 65535"},
     {"web > db TCP 1"}},
    {"An empty entry of ports is every port of TCP.",
     {"{podSelector: {matchLabels: {app: db}}, ingress: [{ports: [{}]}]}"},
     {"web > db TCP 1"},
     {"web > db UDP 1"}},
    {"endPort: the range of ports from port to endPort, inclusive.",
     {"{podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: 32000, endPort: "
      "32768}]}]}"},
     {"web > db TCP 32000", "web > db TCP 32100", "web > 8.8.8.8 TCP 32768"},
     {"web > db TCP 31999", "web > db TCP 32769", "web > db UDP 32100"}},
    {"A named port is that of the destination pod's containers, with its protocol.",
     {"{podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: http}, {port: dns, "
      "protocol: UDP}]}]}"},
     {"web > db TCP 8080", "web > ops/prom UDP 5353"},
     {"web > db TCP 80", "web > db UDP 8080", "web > db TCP 5353", "web > 8.8.8.8 TCP 8080",
      "web > node2 TCP 8080"}},
    {"... for ingress, its own.",
     {"{podSelector: {matchLabels: {app: db}}, ingress: [{ports: [{port: http}]}]}"},
     {"web > db TCP 8080", "198.51.100.7 > db TCP 8080"},
     {"web > db TCP 8081"}},
    {"Peers and ports of one rule must both match.",
     {"{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {app: "
      "web}}}], ports: [{port: 1}]}, {from: [{podSelector: {matchLabels: {app: cache}}}], ports: "
      "[{port: 2}]}]}"},
     {"web > db TCP 1", "cache > db TCP 2"},
     {"web > db TCP 2", "cache > db TCP 1"}},
    {"Pods that use their node's network are not selected, and selectors do not match them; their "
     "traffic is that of the node's address.",
     {"{podSelector: {}, policyTypes: [Ingress, Egress], ingress: [{from: [{podSelector: {}}, "
      "{namespaceSelector: {}}]}], egress: [{to: [{namespaceSelector: {}}]}]}"},
     {"node2 > ops/prom TCP 1", "node1 > node2 TCP 1"},
     {"node2 > web TCP 80", "web > node2 TCP 6443"}},
    {"... which an ipBlock matches.",
     {"{podSelector: {}, policyTypes: [Ingress, Egress], ingress: [{from: [{ipBlock: {cidr: "
      "192.168.0.2/32}}]}], egress: [{to: [{ipBlock: {cidr: 192.168.0.0/24}}]}]}"},
     {"node2 > web TCP 80", "web > node2 TCP 6443"},
     {"198.51.100.7 > web TCP 80"}},
    {"Traffic to and from the node where a pod is running is always allowed, regardless of the IP "
     "address of the pod or the node.",
     {"{podSelector: {}, policyTypes: [Ingress, Egress]}"},
     {"node1 > web TCP 8080", "web > node1 UDP 53"},
     {"node2 > web TCP 8080", "web > node2 UDP 53"}},
    {"A pod cannot block access to itself.",
     {"{podSelector: {}, policyTypes: [Ingress, Egress]}"},
     {"web > web TCP 80", "web > loopback TCP 6379"},
     {"web > db TCP 80"}},
    {"The behaviour for ARP, ICMP and the like is undefined where pods are isolated.",
     {"{podSelector: {matchLabels: {app: db}}, policyTypes: [Ingress], ingress: [{from: "
      "[{podSelector: {}}]}]}"},
     {"db > web ICMP", "web > db TCP 1"},
     {},
     {"web > db ICMP", "198.51.100.7 > db ICMP", "198.51.100.7 > db ICMPv6"}},
    {"Whether policies see a service's address before or after its translation is not defined.",
     {"{podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: "
      "10.96.0.0/16}}]}]}"},
     {"web > 10.96.0.1 TCP 80"},
     {"web > 8.8.8.8 TCP 80"},
     {"web > svc 10.96.0.1 TCP 80"}},
    {"What is unknown stays undecided where it matters, and only there.",
     {"{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: [{to: "
      "[{podSelector: "
      "{}}]}, {to: [{ipBlock: {cidr: 198.51.100.0/24}}]}]}"},
     {"web > ?198.51.100.7 TCP 1", "db > ?10.9.9.9 TCP 1"},
     {"web > 203.0.113.1 TCP 1"},
     {"web > ?10.9.9.9 TCP 1"}},
};

class Documentation : public testing::TestWithParam<Row> {};

TEST_P(Documentation, Says) {
  const auto& row = GetParam();
  const auto policies = policies_of(document(row.policies));
  const PolicyEvaluator evaluator(policies);
  const auto expect = [&](const std::vector<const char*>& flows, const char* word) {
    for (const char* flow : flows) {
      EXPECT_EQ(word_of(evaluator.judge(traffic_of(flow))), word) << row.says << "\n" << flow;
    }
  };
  expect(row.allowed, "allowed");
  expect(row.denied, "denied");
  expect(row.undecided, "undecided");
}

INSTANTIATE_TEST_SUITE_P(NetworkPolicy, Documentation, testing::ValuesIn(kRows));

// The order of policies, rules and peers means nothing in a NetworkPolicy.
TEST(PolicyEvaluator, GivesTheSameVerdictsInAnyOrder) {
  for (const auto& row : kRows) {
    auto policies = policies_of(document(row.policies));
    auto turned = policies;
    std::ranges::reverse(turned);
    for (auto& policy : turned) {
      std::ranges::reverse(policy.ingress);
      std::ranges::reverse(policy.egress);
    }
    const PolicyEvaluator one(policies), other(turned);
    for (const auto* flows : {&row.allowed, &row.denied, &row.undecided}) {
      for (const char* flow : *flows) {
        EXPECT_EQ(word_of(one.judge(traffic_of(flow))), word_of(other.judge(traffic_of(flow))))
            << row.says << flow;
      }
    }
  }
}

TEST(PolicyEvaluator, NamesThePolicyAndTheRuleThatDecided) {
  const auto policies = policies_of(document(
      {"{podSelector: {matchLabels: {app: db}}, ingress: [{ports: [{port: 1}]}, {ports: [{port: "
       "2}]}]}"}));
  const PolicyEvaluator evaluator(policies);
  const auto allowed = evaluator.judge(traffic_of("web > db TCP 2"));
  EXPECT_EQ(allowed.ingress.policy, &policies[0]);
  EXPECT_EQ(allowed.ingress.rule, &policies[0].ingress[1]);
  EXPECT_EQ(allowed.egress.policy, nullptr);
  const auto denied = evaluator.judge(traffic_of("web > db TCP 3"));
  EXPECT_EQ(denied.ingress.policy, &policies[0]);
  EXPECT_EQ(denied.ingress.rule, nullptr);
}

TEST(PolicyEvaluator, NamesWhatKeepsItFromDeciding) {
  const auto policies = policies_of(
      document({"{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: [{to: "
                "[{podSelector: {}}]}]}"}));
  const auto verdict = PolicyEvaluator(policies).judge(traffic_of("web > ?10.9.9.9 TCP 1"));
  EXPECT_TRUE(verdict.allowed());
  EXPECT_EQ(verdict.egress.undecided_because, "no inventory");
}

TEST(PolicyEvaluator, DoesNotDecideForAWorkloadThatMayBeAnyPod) {
  const auto policies = policies_of(document({"{podSelector: {}}"}));
  auto traffic = traffic_of("8.8.8.8 > web TCP 1");
  traffic.destination.kube_namespace.clear();  // a container, whose name is all that is known
  EXPECT_EQ(word_of(PolicyEvaluator(policies).judge(traffic)), "undecided");
  traffic.destination.pod.clear();
  EXPECT_EQ(word_of(PolicyEvaluator(policies).judge(traffic)), "undecided");
}

// What only an inventory can say, in a recording without one.
Traffic without_inventory(const std::string& text) {
  auto traffic = traffic_of(text);
  for (auto* end : {&traffic.source, &traffic.destination}) {
    end->labels_known = end->namespace_known = end->ports_known = false;
    end->namespace_labels.clear();
    end->ports.clear();
  }
  return traffic;
}

std::string judged(const std::vector<const char*>& specs, const Traffic& traffic) {
  const auto policies = policies_of(document(specs));
  return word_of(PolicyEvaluator(policies).judge(traffic));
}

TEST(PolicyEvaluator, DoesNotDecideByNamesOfPortsThatItDoesNotKnow) {
  const auto specs = {"{podSelector: {}, ingress: [{ports: [{port: http}]}]}"};
  EXPECT_EQ(judged(specs, without_inventory("8.8.8.8 > web TCP 80")), "undecided");
  EXPECT_EQ(judged(specs, without_inventory("8.8.8.8 > web UDP 80")), "denied");
  const auto numbered = {"{podSelector: {}, ingress: [{ports: [{port: http}, {port: 80}]}]}"};
  EXPECT_EQ(judged(numbered, without_inventory("8.8.8.8 > web TCP 80")), "allowed");
}

TEST(PolicyMatch, KnowsANamedTargetPortByItsName) {
  Traffic traffic = traffic_of("web > svc 10.96.0.1 TCP");
  traffic.port_name = "http";
  PortRule rule;
  rule.port = "http";
  EXPECT_TRUE(matches_port(rule, traffic).is_yes());
  rule.port = std::uint16_t{8080};
  EXPECT_TRUE(matches_port(rule, traffic).is_maybe());
}

TEST(PolicyEvaluator, DoesNotDecideByLabelsOfNamespacesThatItDoesNotKnow) {
  const auto from = [](const std::string& selector) {
    return "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{namespaceSelector: " +
           selector + "}]}]}";
  };
  const auto word = [&](const std::string& selector) {
    return judged({from(selector).c_str()}, without_inventory("ops/prom > db TCP 1"));
  };
  EXPECT_EQ(word("{matchLabels: {team: mon}}"), "undecided");
  EXPECT_EQ(word("{matchExpressions: [{key: team, operator: NotIn, values: [b]}]}"), "undecided");
  EXPECT_EQ(word("{matchExpressions: [{key: team, operator: DoesNotExist}]}"), "undecided");
  EXPECT_EQ(word("{}"), "allowed");
  EXPECT_EQ(word("{matchLabels: {kubernetes.io/metadata.name: ops}}"), "allowed");
  EXPECT_EQ(word("{matchLabels: {kubernetes.io/metadata.name: shop, team: mon}}"), "denied");
}

TEST(PolicyEvaluator, DoesNotDecideByLabelsOfPodsThatItDoesNotKnow) {
  const auto subject = {"{podSelector: {matchLabels: {app: nolab}}}"};
  auto traffic = without_inventory("8.8.8.8 > web TCP 80");
  EXPECT_EQ(judged(subject, traffic), "allowed");  // the runtime told of this label
  traffic.destination.labels.clear();
  EXPECT_EQ(judged(subject, traffic), "undecided");
  EXPECT_EQ(judged({"{podSelector: {}}"}, traffic), "denied");
  auto peer = without_inventory("web > db TCP 1");
  peer.source.labels.clear();
  EXPECT_EQ(judged({"{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: "
                    "{matchLabels: {app: web}}}]}]}"},
                   peer),
            "undecided");
}

TEST(PolicyMatch, ComparesNamesByLabels) {
  EXPECT_TRUE(matches_name("a.example.com", "A.example.com.", false));
  EXPECT_FALSE(matches_name("example.com", "a.example.com", false));
  EXPECT_TRUE(matches_name("*.example.com", "a.example.com", false));
  EXPECT_FALSE(matches_name("*.example.com", "example.com", false));
  EXPECT_FALSE(matches_name("*.example.com", "b.a.example.com", false));
  EXPECT_TRUE(matches_name("*.example.com", "b.a.example.com", true));
  EXPECT_TRUE(matches_name("**.example.com", "b.a.example.com", false));
  EXPECT_TRUE(matches_name("api-*.example.com", "api-7.example.com", false));
  EXPECT_FALSE(matches_name("api-*.example.com", "api-7.b.example.com", false));
  EXPECT_TRUE(matches_name("*", "anything.at.all", false));
}

}  // namespace
}  // namespace ig::test
