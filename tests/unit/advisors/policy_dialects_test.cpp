// SPDX-License-Identifier: Apache-2.0
// What policies of Cilium, Calico and administrators do, by their documentation.
#include <gmock/gmock.h>

#include "advisors/network/evaluator/verify_network.h"
#include "tests/support/policy_world.h"

namespace ig::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct Row {
  const char* says;
  std::string policies;
  std::vector<const char*> allowed;
  std::vector<const char*> denied;
  std::vector<const char*> undecided = {};
};

class Dialects : public testing::TestWithParam<Row> {};

TEST_P(Dialects, Say) {
  const auto& row = GetParam();
  const auto policies = policies_of(row.policies);
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

std::string document(const std::string& version, const std::string& kind, const std::string& name,
                     const std::string& spec) {
  return "---\napiVersion: " + version + "\nkind: " + kind + "\nmetadata: {name: " + name + "}\n" +
         "spec: " + spec + "\n";
}

std::string in_shop(std::string text) {
  for (std::size_t at = 0; (at = text.find("metadata: {name: ", at)) != text.npos; ++at) {
    text.insert(at + 11, "namespace: shop, ");
  }
  return text;
}

std::string cilium(const std::string& spec, const std::string& name = "c") {
  return in_shop(document("cilium.io/v2", "CiliumNetworkPolicy", name, spec));
}
std::string cilium_everywhere(const std::string& spec) {
  return document("cilium.io/v2", "CiliumClusterwideNetworkPolicy", "ccnp", spec);
}
std::string calico(const std::string& spec, const std::string& name = "c") {
  return in_shop(document("projectcalico.org/v3", "NetworkPolicy", name, spec));
}
std::string global(const std::string& spec, const std::string& name = "g",
                   const std::string& kind = "GlobalNetworkPolicy") {
  return document("projectcalico.org/v3", kind, name, spec);
}
std::string kubernetes(const std::string& spec, const std::string& name = "k") {
  return in_shop(document("networking.k8s.io/v1", "NetworkPolicy", name, spec));
}
std::string admin(const std::string& spec, const std::string& name = "a") {
  return document("policy.networking.k8s.io/v1alpha1", "AdminNetworkPolicy", name, spec);
}
std::string baseline(const std::string& spec) {
  return document("policy.networking.k8s.io/v1alpha1", "BaselineAdminNetworkPolicy", "default",
                  spec);
}
std::string cluster_policy(const std::string& spec) {
  return document("policy.networking.k8s.io/v1alpha2", "ClusterNetworkPolicy", "cnp", spec);
}

INSTANTIATE_TEST_SUITE_P(
    Cilium, Dialects,
    testing::ValuesIn(std::vector<Row>{
        {"An endpoint that a rule with an ingress section selects is in default deny for ingress.",
         cilium("{endpointSelector: {matchLabels: {app: db}}, ingress: [{fromEndpoints: "
                "[{matchLabels: {app: web}}]}]}"),
         {"web > db TCP 1", "web > db ICMP", "db > web TCP 1"},
         {"cache > db TCP 1", "cache > db ICMP", "ops/prom > db TCP 1"}},
        {"An empty rule selects nobody and turns default deny on.",
         cilium("{endpointSelector: {matchLabels: {app: db}}, ingress: [{}]}"),
         {"db > web TCP 1", "node1 > db TCP 1"},
         {"web > db TCP 1", "node2 > db TCP 1"}},
        {"An empty list of rules changes nothing.",
         cilium("{endpointSelector: {matchLabels: {app: db}}, ingress: []}"),
         {"web > db TCP 1"},
         {}},
        {"fromEndpoints: [{}] is everything in the policy's namespace.",
         cilium("{endpointSelector: {}, ingress: [{fromEndpoints: [{}]}]}"),
         {"web > db TCP 1"},
         {"ops/prom > db TCP 1", "198.51.100.7 > db TCP 1"}},
        {"fromEndpoints: [] is nothing.",
         cilium("{endpointSelector: {}, ingress: [{fromEndpoints: []}]}"),
         {},
         {"web > db TCP 1"}},
        {"Another namespace is chosen by its label.",
         cilium("{endpointSelector: {}, ingress: [{fromEndpoints: [{matchLabels: "
                "{'k8s:io.kubernetes.pod.namespace': ops, 'k8s:app': prom}}]}]}"),
         {"ops/prom > db TCP 1"},
         {"web > db TCP 1"}},
        {"... or by labels of namespaces.",
         cilium("{endpointSelector: {}, ingress: [{fromEndpoints: [{matchLabels: "
                "{'k8s:io.cilium.k8s.namespace.labels.team': b}}]}]}"),
         {"ops/prom > db TCP 1"},
         {"web > db TCP 1"}},
        {"Ports without a protocol are of any; 0 is every port.",
         cilium("{endpointSelector: {matchLabels: {app: db}}, ingress: [{toPorts: [{ports: [{port: "
                "'53'}, {port: '0', protocol: UDP}, {port: '8000', endPort: 8080, protocol: "
                "tcp}]}]}]}"),
         {"web > db TCP 53", "web > db SCTP 53", "web > db UDP 9", "web > db TCP 8080"},
         {"web > db TCP 9", "web > db ICMP"}},
        {"Blocks are about what is outside the cluster.",
         cilium("{endpointSelector: {}, egress: [{toCIDR: [0.0.0.0/0]}, {toCIDRSet: [{cidr: "
                "2001:db8::/32, except: ['2001:db8:1::/48']}]}]}"),
         {"web > 8.8.8.8 TCP 1", "web > 2001:db8::1 UDP 1"},
         {"web > db TCP 1", "web > node2 TCP 1", "web > 2001:db8:1::1 TCP 1"},
         {"web > ?10.9.9.9 TCP 1"}},
        {"Entities.",
         cilium("{endpointSelector: {matchLabels: {app: web}}, egress: [{toEntities: [host, "
                "world-ipv6]}]}"),
         {"web > node1 TCP 1", "web > 2001:db8::1 TCP 1"},
         {"web > node2 TCP 1", "web > 8.8.8.8 TCP 1", "web > db TCP 1"}},
        {"cluster and world together are all.",
         cilium("{endpointSelector: {matchLabels: {app: web}}, egress: [{toEntities: [cluster]}, "
                "{toEntities: [world]}]}"),
         {"web > node2 TCP 1", "web > 8.8.8.8 TCP 1", "web > ops/prom TCP 1"},
         {}},
        {"Traffic from the pod's own node is always allowed; to it, it needs a rule.",
         cilium("{endpointSelector: {matchLabels: {app: web}}, ingress: [{}], egress: [{}]}"),
         {"node1 > web TCP 1"},
         {"web > node1 TCP 1", "node2 > web TCP 1"}},
        {"Rules that deny win over rules that allow, in whatever policy.",
         cilium("{endpointSelector: {}, ingress: [{fromEntities: [all]}]}", "a") +
             cilium("{endpointSelector: {matchLabels: {app: db}}, ingressDeny: [{fromEndpoints: "
                    "[{matchLabels: {app: cache}}]}]}",
                    "z"),
         {"web > db TCP 1", "cache > web TCP 1"},
         {"cache > db TCP 1"}},
        {"enableDefaultDeny: false.",
         cilium("{endpointSelector: {}, enableDefaultDeny: {ingress: false}, ingressDeny: "
                "[{fromEndpoints: [{matchLabels: {app: cache}}]}]}"),
         {"web > db TCP 1"},
         {"cache > db TCP 1"}},
        {"L7 rules are not seen in a flow.",
         cilium("{endpointSelector: {matchLabels: {app: db}}, ingress: [{toPorts: [{ports: [{port: "
                "'80', protocol: TCP}], rules: {http: [{method: GET}]}}, {ports: [{port: '81', "
                "protocol: TCP}]}]}]}"),
         {"web > db TCP 81"},
         {"web > db TCP 82"},
         {"web > db TCP 80"}},
        {"... but for DNS rules that let all names through.",
         cilium("{endpointSelector: {}, egress: [{toPorts: [{ports: [{port: '53', protocol: UDP}], "
                "rules: {dns: [{matchPattern: '*'}]}}]}]}"),
         {"web > ops/prom UDP 53"},
         {}},
        {"A clusterwide policy is for all namespaces.",
         cilium_everywhere("{endpointSelector: {matchLabels: {'k8s:io.kubernetes.pod.namespace': "
                           "ops}}, ingress: [{fromEndpoints: [{}]}]}"),
         {"web > ops/prom TCP 1", "8.8.8.8 > web TCP 1"},
         {"8.8.8.8 > ops/prom TCP 1"}},
        {"NetworkPolicies of Kubernetes and Cilium are one union.",
         cilium("{endpointSelector: {matchLabels: {app: db}}, ingress: [{fromEndpoints: "
                "[{matchLabels: {app: web}}]}]}") +
             kubernetes("{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: "
                        "{matchLabels: {app: cache}}}]}]}"),
         {"web > db TCP 1", "cache > db TCP 1"},
         {"ops/prom > db TCP 1"}},
        {"A group of blocks is a document of its own.",
         "apiVersion: cilium.io/v2alpha1\nkind: CiliumCIDRGroup\nmetadata: {name: vpn}\nspec: "
         "{externalCIDRs: [198.51.100.0/24]}\n" +
             cilium("{endpointSelector: {}, egress: [{toCIDRSet: [{cidrGroupRef: vpn}]}]}"),
         {"web > 198.51.100.7 TCP 1"},
         {"web > 8.8.8.8 TCP 1"}},
        {"Messages of ICMP are named by family.",
         cilium("{endpointSelector: {matchLabels: {app: db}}, ingress: [{icmps: [{fields: [{type: "
                "8, family: IPv4}]}]}]}"),
         {},
         {"web > db TCP 1", "web > db ICMPv6"},
         {"web > db ICMP"}},
    }));

INSTANTIATE_TEST_SUITE_P(
    Calico, Dialects,
    testing::ValuesIn(std::vector<Row>{
        {"Rules are asked in order; what none matches is denied.",
         calico("{selector: app == 'db', ingress: [{action: Deny, source: {selector: app == "
                "'cache'}}, {action: Allow, protocol: TCP, source: {selector: all()}, destination: "
                "{ports: [5432, '6000:6010', http]}}]}"),
         {"web > db TCP 5432", "web > db TCP 6005", "web > db TCP 8080", "db > web TCP 1"},
         {"cache > db TCP 5432", "web > db UDP 5432", "ops/prom > db TCP 5432", "web > db ICMP"}},
        {"Policies are asked by their order.",
         calico("{order: 20, selector: all(), ingress: [{action: Allow}]}", "a") +
             calico("{order: 10, selector: app == 'db', ingress: [{action: Deny, source: "
                    "{namespaceSelector: team == 'b'}}]}",
                    "z"),
         {"web > db TCP 1", "ops/prom > web TCP 1"},
         {"ops/prom > db TCP 1"}},
        {"A policy without an order is asked last.",
         calico("{selector: all(), ingress: [{action: Deny}]}", "a") +
             calico("{order: 1000000, selector: all(), ingress: [{action: Allow}]}", "z"),
         {"web > db TCP 1"},
         {}},
        {"NetworkPolicies of Kubernetes are asked at 1000.",
         kubernetes("{podSelector: {}, ingress: [{}]}") +
             calico("{order: 999, selector: app == 'db', ingress: [{action: Deny, source: "
                    "{selector: app == 'web'}}]}"),
         {"cache > db TCP 1", "web > cache TCP 1"},
         {"web > db TCP 1"}},
        {"Without types: Ingress, and Egress where there are egress rules only.",
         calico("{selector: app == 'web', egress: [{action: Allow, destination: {nets: "
                "[198.51.100.0/24]}}]}"),
         {"web > 198.51.100.7 TCP 1", "db > web TCP 1", "web > 198.51.100.7 ICMP"},
         {"web > db TCP 1"}},
        {"notNets, notSelector, notPorts and notProtocol.",
         calico(
             "{selector: app == 'web', types: [Egress], egress: [{action: Allow, notProtocol: "
             "UDP, destination: {nets: [10.0.0.0/8], notNets: [10.2.0.0/16], notSelector: app == "
             "'cache', notPorts: [22]}}]}"),
         {"web > db TCP 1", "web > 10.200.0.1 TCP 1"},
         {"web > db UDP 1", "web > ops/prom TCP 1", "web > cache TCP 1", "web > db TCP 22",
          "web > 8.8.8.8 TCP 1"}},
        {"notSelector matches what is no endpoint.",
         calico("{selector: app == 'web', types: [Egress], egress: [{action: Allow, destination: "
                "{notSelector: app == 'cache'}}]}"),
         {"web > 8.8.8.8 TCP 1", "web > db TCP 1"},
         {"web > cache TCP 1"}},
        {"The selected end can be narrowed in a rule.",
         calico("{selector: all(), ingress: [{action: Allow, destination: {selector: app == "
                "'db'}}]}"),
         {"web > db TCP 1"},
         {"web > cache TCP 1"}},
        {"Source ports are not recorded.",
         calico("{selector: app == 'db', ingress: [{action: Allow, protocol: TCP, source: {ports: "
                "[1024]}}]}"),
         {},
         {"web > db UDP 1"},
         {"web > db TCP 1"}},
        {"A global policy is for all namespaces, and its selectors are about all.",
         global("{selector: app == 'db' || app == 'prom', types: [Ingress], ingress: [{action: "
                "Allow, source: {selector: app == 'web'}}]}"),
         {"web > db TCP 1", "web > ops/prom TCP 1", "db > web TCP 1"},
         {"cache > db TCP 1", "cache > ops/prom TCP 1"}},
        {"namespaceSelector of a global policy, and by name.",
         global("{namespaceSelector: projectcalico.org/name == 'ops', types: [Ingress], ingress: "
                "[{action: Allow, source: {namespaceSelector: has(team) && team != 'b'}}]}"),
         {"web > ops/prom TCP 1", "8.8.8.8 > db TCP 1"},
         {"default/client > ops/prom TCP 1", "8.8.8.8 > ops/prom TCP 1"}},
        {"A label of the namespace in a selector does not lead out of a policy's namespace.",
         calico("{selector: all(), ingress: [{action: Allow, source: {selector: "
                "projectcalico.org/namespace == 'ops' || pcns.team == 'a'}}]}"),
         {"web > db TCP 1"},
         {"ops/prom > db TCP 1"}},
        {"global() is about no pod.",
         calico("{selector: all(), ingress: [{action: Allow, source: {namespaceSelector: "
                "global()}}]}"),
         {},
         {"web > db TCP 1"}},
        {"Network sets are chosen by their labels.",
         "apiVersion: projectcalico.org/v3\nkind: GlobalNetworkSet\nmetadata: {name: s, labels: "
         "{role: office}}\nspec: {nets: [198.51.100.0/24]}\n" +
             calico("{selector: all(), ingress: [{action: Allow, source: {selector: role == "
                    "'office', namespaceSelector: global()}}]}"),
         {"198.51.100.7 > db TCP 1"},
         {"203.0.113.1 > db TCP 1"}},
        {"Tiers are asked by their order; Pass goes on to the next; what is selected and not "
         "matched is denied at the end of the tier.",
         "apiVersion: projectcalico.org/v3\nkind: Tier\nmetadata: {name: security}\nspec: {order: "
         "100}\n" +
             global("{tier: security, selector: app == 'db', types: [Ingress], ingress: [{action: "
                    "Pass, source: {selector: app == 'web'}}, {action: Allow, source: {selector: "
                    "app == 'prom'}}]}") +
             calico("{selector: all(), ingress: [{action: Allow, destination: {ports: [1]}, "
                    "protocol: TCP}]}"),
         {"web > db TCP 1", "ops/prom > db TCP 2", "cache > web TCP 1"},
         {"web > db TCP 2", "cache > db TCP 1", "cache > web TCP 2"}},
        {"A tier may pass on what nothing matches.",
         "apiVersion: projectcalico.org/v3\nkind: Tier\nmetadata: {name: security}\nspec: {order: "
         "100, defaultAction: Pass}\n" +
             global("{tier: security, selector: all(), types: [Ingress], ingress: [{action: Deny, "
                    "source: {selector: app == 'cache'}}]}"),
         {"web > db TCP 1"},
         {"cache > db TCP 1"}},
        {"Log decides nothing.",
         calico("{selector: all(), ingress: [{action: Log}, {action: Allow}]}"),
         {"web > db TCP 1"},
         {}},
        {"Protocols by number, ipVersion, ICMP.",
         calico("{selector: app == 'db', ingress: [{action: Allow, protocol: 17}, {action: Allow, "
                "protocol: ICMP, ipVersion: 4}]}"),
         {"web > db UDP 1", "web > db ICMP"},
         {"web > db TCP 1", "web > db ICMPv6"}},
        {"Service accounts are not recorded.",
         calico("{selector: app == 'db', ingress: [{action: Allow, source: {serviceAccounts: "
                "{names: [web]}}}]}"),
         {},
         {"8.8.8.8 > db TCP 1"},
         {"web > db TCP 1"}},
    }));

constexpr const char* kDenyAll =
    "{subject: {namespaces: {}}, ingress: [{action: Deny, from: [{namespaces: {}}]}]}";

INSTANTIATE_TEST_SUITE_P(
    Administrator, Dialects,
    testing::ValuesIn(std::vector<Row>{
        {"Deny of an AdminNetworkPolicy cannot be overridden by a NetworkPolicy.",
         admin("{priority: 10, subject: {namespaces: {matchLabels: {team: a}}}, ingress: [{name: "
               "no-ops, action: Deny, from: [{namespaces: {matchLabels: {team: b}}}]}]}") +
             kubernetes("{podSelector: {}, ingress: [{}]}"),
         {"web > db TCP 1", "default/client > db TCP 1"},
         {"ops/prom > db TCP 1"}},
        {"Allow goes before a NetworkPolicy's isolation.",
         admin("{priority: 10, subject: {pods: {namespaceSelector: {}, podSelector: {matchLabels: "
               "{app: db}}}}, ingress: [{action: Allow, from: [{pods: {namespaceSelector: "
               "{matchLabels: {team: b}}, podSelector: {matchLabels: {app: prom}}}}], ports: "
               "[{portNumber: {port: 9100}}]}]}") +
             kubernetes("{podSelector: {}, policyTypes: [Ingress]}"),
         {"ops/prom > db TCP 9100"},
         {"ops/prom > db TCP 1", "web > db TCP 9100", "ops/prom > web TCP 9100"}},
        {"Pass leaves it to NetworkPolicies.",
         admin("{priority: 10, subject: {namespaces: {}}, ingress: [{action: Pass, from: "
               "[{namespaces: {matchLabels: {team: b}}}]}, {action: Deny, from: [{namespaces: "
               "{}}]}]}"),
         {"ops/prom > db TCP 1"},
         {"web > db TCP 1"}},
        {"The lower the priority's number, the earlier.",
         admin("{priority: 5, subject: {namespaces: {}}, ingress: [{action: Allow, from: "
               "[{namespaces: {}}], ports: [{portRange: {protocol: TCP, start: 1, end: 10}}]}]}",
               "z") +
             admin(std::string(kDenyAll).insert(1, "priority: 6, "), "a"),
         {"web > db TCP 10"},
         {"web > db TCP 11", "web > db UDP 1"}},
        {"Rules of an administrator isolate nobody.",
         admin("{priority: 5, subject: {namespaces: {}}, ingress: [{action: Allow, from: "
               "[{namespaces: {matchLabels: {team: b}}}]}]}"),
         {"web > db TCP 1", "8.8.8.8 > db TCP 1"},
         {}},
        {"The baseline is for what no NetworkPolicy selects.",
         baseline(kDenyAll) + kubernetes("{podSelector: {matchLabels: {app: db}}, ingress: [{}]}"),
         {"web > db TCP 1"},
         {"web > cache TCP 1", "db > web TCP 1"}},
        {"Networks, nodes and named ports of egress.",
         admin(
             "{priority: 1, subject: {namespaces: {}}, egress: [{action: Deny, to: [{networks: "
             "[198.51.100.0/24, 10.2.0.0/16]}]}, {action: Deny, to: [{nodes: {}}]}, {action: Deny, "
             "to: [{pods: {podSelector: {matchLabels: {app: db}}}}], ports: [{namedPort: "
             "dns}]}]}"),
         {"web > 8.8.8.8 TCP 1", "web > db TCP 5353", "web > db TCP 1"},
         {"web > 198.51.100.7 TCP 1", "web > ops/prom TCP 1", "web > node2 TCP 1",
          "web > db UDP 5353"}},
        {"ClusterNetworkPolicy: tier, Accept, protocols.",
         cluster_policy("{tier: Admin, priority: 3, subject: {namespaces: {}}, ingress: [{action: "
                        "Accept, from: [{namespaces: {matchLabels: {team: b}}}], protocols: [{tcp: "
                        "{destinationPort: {number: 80}}}, {udp: {destinationPort: {range: {start: "
                        "1, end: 9}}}}, {destinationNamedPort: http}]}, {action: Deny, from: "
                        "[{namespaces: {}}]}]}"),
         {"ops/prom > db TCP 80", "ops/prom > db UDP 9", "ops/prom > db TCP 8080"},
         {"ops/prom > db TCP 81", "web > db TCP 80", "ops/prom > db UDP 10"}},
        {"... as a baseline.",
         cluster_policy(
             "{tier: Baseline, priority: 3, subject: {namespaces: {}}, egress: [{action: "
             "Deny, to: [{networks: [0.0.0.0/0]}]}]}") +
             kubernetes("{podSelector: {matchLabels: {app: db}}, policyTypes: [Egress], egress: "
                        "[{}]}"),
         {"db > 8.8.8.8 TCP 1"},
         {"web > 8.8.8.8 TCP 1"}},
    }));

TEST(Dialects, NamesOfDnsDecideWhereOneWasRecorded) {
  const auto policies =
      policies_of(cilium("{endpointSelector: {}, egress: [{toFQDNs: [{matchName: api.example.com}, "
                         "{matchPattern: '*.cdn.example.com'}]}]}"));
  const PolicyEvaluator evaluator(policies);
  auto traffic = traffic_of("web > 198.51.100.7 TCP 443");
  EXPECT_EQ(word_of(evaluator.judge(traffic)), "undecided");
  traffic.destination.names = {"api.example.com"};
  EXPECT_EQ(word_of(evaluator.judge(traffic)), "allowed");
  traffic.destination.names = {"a.cdn.example.com"};
  EXPECT_EQ(word_of(evaluator.judge(traffic)), "allowed");
  traffic.destination.names = {"other.example.com"};
  EXPECT_EQ(word_of(evaluator.judge(traffic)), "denied");
  EXPECT_EQ(word_of(evaluator.judge(traffic_of("web > db TCP 443"))), "denied");
}

TEST(Dialects, NodesAreChosenByTheirLabelsWhereTheseAreKnown) {
  const auto policies =
      policies_of(admin("{priority: 1, subject: {namespaces: {}}, egress: [{action: Deny, to: "
                        "[{nodes: {matchLabels: {pool: gpu}}}]}]}"));
  const PolicyEvaluator evaluator(policies);
  auto traffic = traffic_of("web > node2 TCP 1");
  EXPECT_EQ(word_of(evaluator.judge(traffic)), "undecided");
  traffic.destination.labels_known = true;
  EXPECT_EQ(word_of(evaluator.judge(traffic)), "allowed");
  traffic.destination.labels = {{"pool", "gpu"}};
  EXPECT_EQ(word_of(evaluator.judge(traffic)), "denied");
}

TEST(Dialects, RulesAreCalledAsTheirDocumentHasThem) {
  const auto policies = policies_of(
      cilium("{endpointSelector: {}, egressDeny: [{toCIDR: [198.51.100.0/24]}], egress: [{}, "
             "{toPorts: [{ports: [{port: '80'}]}, {ports: [{port: '81'}]}]}, {toEntities: "
             "[world]}]}"));
  std::vector<std::string> places;
  for (const auto& rule : policies[0].egress) places.push_back(rule_text(true, 9, rule));
  EXPECT_THAT(places, ElementsAre("egressDeny rule 1", "egress rule 2, toPorts 1",
                                  "egress rule 2, toPorts 2", "egress rule 3"));
  const auto logs = policies_of(
      calico("{selector: all(), ingress: [{action: Log}, {action: Allow, protocol: TCP}]}"));
  EXPECT_EQ(rule_text(false, 0, logs[0].ingress[0]), "ingress rule 2");
}

TEST(Dialects, StagedPoliciesAreNotEnforced) {
  const auto policies =
      policies_of(global("{selector: all(), types: [Ingress]}", "s", "StagedGlobalNetworkPolicy"));
  ASSERT_TRUE(policies[0].is_staged);
  const auto traffic = traffic_of("web > db TCP 1");
  EXPECT_EQ(word_of(PolicyEvaluator(policies).judge(traffic)), "allowed");
  EXPECT_EQ(word_of(PolicyEvaluator(policies, {.with_staged = true}).judge(traffic)), "denied");
}

TEST(Dialects, AStagedPolicyTakesThePlaceOfItsNamesake) {
  const auto policies =
      policies_of(global("{selector: all(), types: [Ingress]}", "s") +
                  global("{stagedAction: Delete, selector: all(), types: [Ingress]}", "s",
                         "StagedGlobalNetworkPolicy"));
  const auto traffic = traffic_of("web > db TCP 1");
  EXPECT_EQ(word_of(PolicyEvaluator(policies).judge(traffic)), "denied");
  EXPECT_EQ(word_of(PolicyEvaluator(policies, {.with_staged = true}).judge(traffic)), "allowed");
}

TEST(Dialects, PoliciesForNodesAreSaidNotToBeJudged) {
  const auto policies =
      policies_of(cilium_everywhere("{nodeSelector: {}, ingress: [{fromEntities: [cluster]}]}"));
  EXPECT_THAT(policies[0].caveats, ElementsAre(HasSubstr("for nodes")));
  const PolicyEvaluator evaluator(policies);
  EXPECT_EQ(word_of(evaluator.judge(traffic_of("8.8.8.8 > node2 TCP 1"))), "undecided");
  EXPECT_EQ(word_of(evaluator.judge(traffic_of("8.8.8.8 > web TCP 1"))), "allowed");
}

struct Refused {
  std::string text;
  const char* says;
};

class RefusedDialect : public testing::TestWithParam<Refused> {};

TEST_P(RefusedDialect, IsAnErrorThatSaysWhere) {
  const auto policies = read_policies(GetParam().text, "x.yaml");
  ASSERT_FALSE(policies) << GetParam().text;
  EXPECT_THAT(policies.error().message, HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    All, RefusedDialect,
    testing::ValuesIn(std::vector<Refused>{
        {cilium("{ingress: [{}]}"), "needs one of endpointSelector and nodeSelector"},
        {cilium("{endpointSelector: {}, ingress: [{fromEndpoints: [{}], fromCIDR: [10.0.0.0/8]}]}"),
         "cannot have two kinds of peers"},
        {cilium("{endpointSelector: {}, ingress: [{fromEntities: [mars]}]}"), "entity mars"},
        {cilium("{endpointSelector: {}, ingress: [{fromRequires: [{}]}]}"), "fromRequires"},
        {cilium("{endpointSelector: {}, ingress: [{toPort: []}]}"), "'toPort' is not known"},
        {cilium("{endpointSelector: {}, egress: [{toCIDRSet: [{cidrGroupRef: gone}]}]}"),
         "no such CiliumCIDRGroup"},
        {cilium("{endpointSelector: {}, egress: [{toPorts: [{ports: [{port: '80', protocol: "
                "GRE}]}]}]}"),
         "protocol GRE"},
        {calico("{selector: app = 'x'}"), "spec.selector"},
        {calico("{tier: gone, selector: all()}"), "tier gone is not among the documents"},
        {calico("{selector: all(), ingress: [{action: Maybe}]}"), "'Maybe' is not one of"},
        {calico("{selector: all(), ingress: [{action: Allow, src: {}}]}"), "'src' is not known"},
        {calico("{selector: all(), ingress: [{action: Allow, destination: {ports: ['9:8']}}]}"),
         "ends before it begins"},
        {admin("{subject: {namespaces: {}}}"), "priority is missing"},
        {admin("{priority: 1, subject: {}}"), "needs one of namespaces and pods"},
        {admin("{priority: 1, subject: {namespaces: {}}, ingress: [{action: Allow, from: []}]}"),
         "names no peers"},
        {admin("{priority: 1, subject: {namespaces: {}}, ingress: [{action: Allow, from: "
               "[{networks: [10.0.0.0/8]}]}]}"),
         "'networks' is not known"},
        {admin("{priority: 1, subject: {namespaces: {}}, egress: [{action: Allow, to: "
               "[{networks: [10.0.0.5]}]}]}"),
         "'10.0.0.5' lacks the length"},
        {baseline(
             "{subject: {namespaces: {}}, ingress: [{action: Pass, from: [{namespaces: {}}]}]}"),
         "'Pass' is not one of"},
        {cluster_policy("{tier: Admin, priority: 1, subject: {namespaces: {}}, ingress: [{action: "
                        "Allow, from: [{namespaces: {}}]}]}"),
         "'Allow' is not one of"},
    }));

}  // namespace
}  // namespace ig::test
