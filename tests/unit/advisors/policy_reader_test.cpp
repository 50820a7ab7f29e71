// SPDX-License-Identifier: Apache-2.0
#include "advisors/network/readers/policy_reader.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "advisors/network/readers/calico_selector.h"
#include "tests/support/policy_world.h"

namespace ig::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kHead =
    "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: web, namespace: "
    "shop}\n";

std::string error_of(const std::string& text) {
  const auto policies = read_policies(text, "web.yaml");
  EXPECT_FALSE(policies) << text;
  return policies ? "" : policies.error().message;
}

std::string error_of_spec(const std::string& spec) { return error_of(kHead + ("spec: " + spec)); }

TEST(PolicyReader, ReadsSeveralDocuments) {
  const std::string text = std::string("# head\n---\n") + kHead + "spec: {podSelector: {}}\n...\n" +
                           "---\n---\n# nothing\n---\n" + kHead +
                           "spec: {podSelector: {}, policyTypes: [Egress]}\n";
  const auto policies = policies_of(text);
  ASSERT_EQ(policies.size(), 2U);
  EXPECT_EQ(policies[0].source, "test.yaml, document 1");
  EXPECT_TRUE(policies[0].is_ingress);
  EXPECT_FALSE(policies[0].is_egress);
  EXPECT_TRUE(policies[1].is_egress);
  EXPECT_FALSE(policies[1].is_ingress);
}

TEST(PolicyReader, ReadsListsInJson) {
  const auto policies = policies_of(R"({"apiVersion": "v1", "kind": "List", "items": [
    {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
     "metadata": {"name": "a", "namespace": "shop", "uid": "1", "creationTimestamp": null},
     "spec": {"podSelector": {"matchLabels": {"app": "web"}},
              "ingress": [{"from": [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}}],
                           "ports": [{"port": 80, "protocol": "TCP"}, {"port": "http"}]}]}},
    {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "b"}, "spec": {"ports": []}}]})");
  ASSERT_EQ(policies.size(), 1U);
  EXPECT_EQ(policies[0].source, "test.yaml, item 1");
  EXPECT_EQ(policies[0].name, "a");
  EXPECT_EQ(policies[0].kube_namespace, "shop");
  ASSERT_EQ(policies[0].ingress.size(), 1U);
  const auto& rule = policies[0].ingress[0];
  EXPECT_EQ(rule.peers[0].block->network.text(), "10.0.0.0/8");
  EXPECT_EQ(rule.peers[0].block->except[0].text(), "10.1.0.0/16");
  EXPECT_EQ(std::get<std::uint16_t>(rule.ports[0].port), 80);
  EXPECT_EQ(std::get<std::string>(rule.ports[1].port), "http");
  EXPECT_EQ(rule.ports[1].protocol, "TCP");
}

TEST(PolicyReader, ReadsTypedListsWhoseItemsDoNotSayWhatTheyAre) {
  const auto policies = policies_of(
      "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicyList\nitems:\n- metadata: {name: a}\n"
      "  spec: {podSelector: {}}\n");
  ASSERT_EQ(policies.size(), 1U);
  EXPECT_EQ(policies[0].kind, "NetworkPolicy");
}

TEST(PolicyReader, SaysWhereANamespaceWasTakenForGranted) {
  const auto policies = policies_of(
      "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: a}\nspec: "
      "{podSelector: {}}");
  EXPECT_EQ(policies[0].kube_namespace, "default");
  EXPECT_THAT(policies[0].caveats, ElementsAre(HasSubstr("names no namespace")));
}

TEST(PolicyReader, SaysThatRulesWithoutTheirTypeDoNothing) {
  const auto policies = policies_of(
      kHead + std::string("spec: {podSelector: {}, policyTypes: [Ingress], egress: [{}]}"));
  EXPECT_TRUE(policies[0].egress.empty());
  EXPECT_THAT(policies[0].caveats, ElementsAre(HasSubstr("egress rules do nothing")));
}

TEST(PolicyReader, TellsWhichDocumentsItPassedOver) {
  PolicyReader reader;
  ASSERT_TRUE(reader.add("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\n---\n" +
                             std::string(kHead) + "spec: {podSelector: {}}",
                         "a.yaml"));
  EXPECT_EQ(reader.finish()->size(), 1U);
  EXPECT_THAT(reader.passed_over(), ElementsAre("Deployment"));
}

struct Refused {
  const char* spec;
  const char* says;
};

class RefusedSpec : public testing::TestWithParam<Refused> {};

TEST_P(RefusedSpec, IsAnErrorThatSaysWhere) {
  EXPECT_THAT(error_of_spec(GetParam().spec), HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    Kubernetes, RefusedSpec,
    testing::ValuesIn(std::vector<Refused>{
        {"{podSelectr: {}}", "spec: 'podSelectr' is not known here; is it podSelector?"},
        {"{podSelector: {}, ingress: [{form: []}]}", "spec.ingress[0]: 'form' is not known"},
        {"{podSelector: {}, ingress: [{from: [{}]}]}", "spec.ingress[0].from[0]: it names no peer"},
        {"{podSelector: {}, ingress: [{from: [{podSelector: {}, ipBlock: {cidr: 10.0.0.0/8}}]}]}",
         "an ipBlock stands alone"},
        {"{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/33}}]}]}",
         "'10.0.0.0/33' is no block"},
        {"{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.5}}]}]}",
         "cidr: '10.0.0.5' lacks the length of its prefix"},
        {"{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: "
         "[10.0.0.5]}}]}]}",
         "except[0]: '10.0.0.5' lacks the length"},
        {"{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: "
         "[11.0.0.0/9]}}]}]}",
         "11.0.0.0/9 is not a part of 10.0.0.0/8"},
        {"{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: "
         "[10.0.0.0/8]}}]}]}",
         "is not a part of"},
        {"{podSelector: {}, ingress: [{ports: [{port: 0}]}]}", "number from 1 to 65535"},
        {"{podSelector: {}, ingress: [{ports: [{port: 65536}]}]}", "number from 1 to 65535"},
        {"{podSelector: {}, ingress: [{ports: [{port: '80'}]}]}", "neither a port nor the name"},
        {"{podSelector: {}, ingress: [{ports: [{port: 80, protocol: tcp}]}]}", "'tcp' is not one"},
        {"{podSelector: {}, ingress: [{ports: [{port: 80, endPort: 79}]}]}", "is below port"},
        {"{podSelector: {}, ingress: [{ports: [{port: http, endPort: 90}]}]}", "needs a port"},
        {"{podSelector: {}, ingress: [{ports: [{endPort: 90}]}]}", "needs a port"},
        {"{podSelector: {}, policyTypes: [Both]}", "'Both' is not one of Ingress, Egress"},
        {"{podSelector: {matchExpressions: [{key: a, operator: In}]}}", "In needs values"},
        {"{podSelector: {matchExpressions: [{key: a, operator: Exists, values: [b]}]}}",
         "Exists takes no values"},
        {"{podSelector: {matchExpressions: [{key: a, operator: Like, values: [b]}]}}",
         "'Like' is not one of"},
        {"{podSelector: {matchLabels: {a: true}}}", "must be text, and is true or false"},
        {"{podSelector: {matchLabels: {a: 1}}}", "must be text, and is a number"},
        {"[]", "spec: must be an object, and is a list"},
        {"{podSelector: {}, ingress: {}}", "must be a list, and is an object"},
    }));

TEST(PolicyReader, RefusesWhatItDoesNotKnow) {
  EXPECT_THAT(error_of("apiVersion: crd.antrea.io/v1beta1\nkind: ClusterNetworkPolicy\nmetadata: "
                       "{name: a}\nspec: {}"),
              HasSubstr("not a kind of policy that is read"));
  EXPECT_THAT(error_of("apiVersion: v1\nkind: Service\nmetadata: {name: a}"),
              HasSubstr("no network policy"));
  EXPECT_THAT(error_of(""), HasSubstr("no network policy"));
  EXPECT_THAT(error_of(kHead + std::string("spec: {podSelector: {}}\nmore: 1")),
              HasSubstr("'more' is not known here"));
}

TEST(PolicyReader, RefusesHostileYaml) {
  // Each line ten times the one before.
  std::string bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n";
  for (char c = 'b'; c < 'k'; ++c) {
    const std::string one = std::string(1, c), before(1, static_cast<char>(c - 1));
    bomb += one + ": &" + one + " [*" + before;
    for (int i = 0; i < 9; ++i) bomb += ", *" + before;
    bomb += "]\n";
  }
  EXPECT_THAT(error_of(bomb), HasSubstr("stands for too much"));
  const std::string deep(3000, '[');
  EXPECT_NE(error_of(deep), "");
  EXPECT_NE(error_of("{\"a\":" + deep), "");
  EXPECT_NE(error_of(std::string(200, '[') + std::string(200, ']')), "");
  EXPECT_NE(error_of("a: b: c"), "");
  EXPECT_NE(error_of("? [a]\n: b"), "");
  EXPECT_NE(error_of("&a [*a]"), "");
  EXPECT_NE(error_of(std::string("kind: \0x\nspec: 1", 16)), "");
  EXPECT_THAT(error_of("kind: A\nkind: B"), HasSubstr("stands twice"));
  EXPECT_THAT(error_of(R"({"kind": "A", "kind": "B"})"), HasSubstr("stands twice"));
  EXPECT_THAT(error_of("x: &x {a: b}\ny:\n  <<: *x"), HasSubstr("<<"));
  EXPECT_THAT(error_of(std::string(17 << 20, ' ')), HasSubstr("too large"));
}

TEST(CalicoSelector, ReadsItsLanguage) {
  const auto matches = [](const std::string& text, const Labels& labels) {
    const auto terms = parse_calico_selector(text);
    EXPECT_TRUE(terms) << text << ": " << terms.error().message;
    return terms && std::ranges::any_of(*terms, [&](const CalicoTerm& term) {
             return !term.global && LabelSelector{{}, term.requirements}.matches(labels);
           });
  };
  EXPECT_TRUE(matches("", {}));
  EXPECT_TRUE(matches("all()", {}));
  EXPECT_FALSE(matches("!all()", {{"a", "b"}}));
  EXPECT_FALSE(matches("global()", {}));
  EXPECT_TRUE(matches("!global()", {}));
  EXPECT_TRUE(matches("app == 'x'", {{"app", "x"}}));
  EXPECT_FALSE(matches("app == \"x\"", {}));
  EXPECT_TRUE(matches("app != 'x'", {}));
  EXPECT_TRUE(matches("app in {'x', 'y'}", {{"app", "y"}}));
  EXPECT_TRUE(matches("app not in {'x','y'}", {}));
  EXPECT_FALSE(matches("app in {}", {{"app", "y"}}));
  EXPECT_TRUE(matches("has(projectcalico.org/x)", {{"projectcalico.org/x", ""}}));
  EXPECT_TRUE(matches("app contains 'ee'", {{"app", "beer"}}));
  EXPECT_TRUE(matches("app starts with 'be'", {{"app", "beer"}}));
  EXPECT_TRUE(matches("app ends with 'er'", {{"app", "beer"}}));
  EXPECT_TRUE(matches("!(app ends with 'er')", {}));
  const std::string mixed = "app == 'x' && has(y) || !(z in {'a','b'})";
  EXPECT_TRUE(matches(mixed, {{"app", "x"}, {"y", ""}, {"z", "a"}}));
  EXPECT_TRUE(matches(mixed, {{"z", "c"}}));
  EXPECT_TRUE(matches(mixed, {}));
  EXPECT_FALSE(matches(mixed, {{"app", "x"}, {"z", "b"}}));
  EXPECT_TRUE(matches("!(a == '1' || b == '2') && !!has(c)", {{"c", ""}}));
  EXPECT_FALSE(matches("!(a == '1' || b == '2')", {{"b", "2"}}));
  EXPECT_TRUE(matches("in in {'in'}", {{"in", "in"}}));
}

TEST(CalicoSelector, RefusesWhatIsNoSelector) {
  for (const char* text :
       {"app", "app ==", "app == x", "app == 'x", "(app == 'x'", "app = 'x'",
        "app == 'x' and b == 'y'", "has(", "has()", "all(", "a in 'x'", "a in {'x'", "== 'x'",
        "a == 'x')", "a starts 'x'", "&& a == 'b'", "!"}) {
    EXPECT_FALSE(parse_calico_selector(text)) << text;
  }
  EXPECT_FALSE(parse_calico_selector(std::string(500, '(') + "all()" + std::string(500, ')')));
  std::string many = "(a0=='x'||b0=='x')";
  for (int i = 1; i < 30; ++i) many += "&&(a" + std::to_string(i) + "=='x'||b=='x')";
  EXPECT_FALSE(parse_calico_selector(many));
}

}  // namespace
}  // namespace ig::test
