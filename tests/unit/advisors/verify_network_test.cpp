// SPDX-License-Identifier: Apache-2.0
#include "advisors/network/evaluator/verify_network.h"

#include <gmock/gmock.h>

#include "tests/support/policy_world.h"

namespace ig::test {
namespace {

using testing::ElementsAre;

std::string policy(const std::string& spec, const std::string& name = "p") {
  return "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: " + name +
         ", namespace: shop}\nspec: " + spec + "\n";
}

std::vector<Traffic> flows(const std::vector<std::string>& texts) {
  std::vector<Traffic> traffic;
  for (const auto& text : texts) traffic.push_back(traffic_of(text));
  return traffic;
}

const std::string kForDb =
    "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {tier: "
    "front}}}], ports: [{port: 5432}]}, {from: [{podSelector: {}}], ports: [{port: 1, endPort: "
    "100}]}, {from: [{ipBlock: {cidr: 198.51.100.0/24}}], ports: [{port: 443}]}]}";

TEST(VerifyNetwork, FindsWhatWouldBeDenied) {
  const auto policies = policies_of(policy(kForDb));
  const auto result = verify_network(policies, flows({"web > db TCP 5432", "cache > db TCP 5432"}),
                                     std::vector<TrafficEnd>{});
  EXPECT_EQ(result.count(FlowVerdict::kDenied), 1U);
  EXPECT_EQ(result.flows[1].verdict, FlowVerdict::kDenied);
  EXPECT_EQ(decision_text(result.flows[0].decided.ingress, false),
            "NetworkPolicy shop/p, ingress rule 1");
  EXPECT_EQ(decision_text(result.flows[1].decided.ingress, false),
            "NetworkPolicy shop/p, no ingress rule");
}

TEST(VerifyNetwork, LeavesOutWhatCameToNothing) {
  const auto policies = policies_of(policy(kForDb));
  auto traffic = flows({"cache > db TCP 5432"});
  traffic[0].error = "ECONNREFUSED";
  const auto result = verify_network(policies, traffic, std::vector<TrafficEnd>{});
  EXPECT_TRUE(result.flows.empty());
  EXPECT_EQ(result.failed, 1U);
}

TEST(VerifyNetwork, DeniesNothingWhereItIsNotSureWhoItWas) {
  const auto policies = policies_of(policy(kForDb));
  auto traffic = flows({"cache > db TCP 5432", "cache > db TCP 5433"});
  traffic[0].count_shared = true;
  traffic[1].source.doubt = "pod ops/prom-0";
  const auto result = verify_network(policies, traffic, std::vector<TrafficEnd>{});
  EXPECT_EQ(result.count(FlowVerdict::kUndecided), 2U);
  EXPECT_EQ(result.flows[1].because, "its address was also that of pod ops/prom-0");
}

TEST(VerifyNetwork, TellsWhereOnlyOneEndIsKnown) {
  const auto policies = policies_of(
      policy("{podSelector: {}, policyTypes: [Ingress, Egress], egress: [{to: [{ipBlock: {cidr: "
             "10.9.0.0/16}}]}]}"));
  auto traffic = flows({"web > ?10.9.9.9 TCP 1"});
  traffic[0].seen_at_destination = false;
  const auto result = verify_network(policies, traffic, std::vector<TrafficEnd>{});
  EXPECT_EQ(result.flows[0].verdict, FlowVerdict::kAllowedHere);
}

TEST(VerifyNetwork, CountsWhatARuleAdmitsBeyondWhatWasUsed) {
  const auto policies = policies_of(policy(kForDb));
  const std::vector<TrafficEnd> pods = {named_end("web"), named_end("db"), named_end("cache")};
  const auto result =
      verify_network(policies, flows({"web > db TCP 5432", "198.51.100.7 > db TCP 443"}), pods);
  ASSERT_EQ(result.rules.size(), 3U);
  const auto& exact = result.rules[0].excess;
  EXPECT_EQ(exact.pods, 1U);
  EXPECT_EQ(exact.unused_pods, 0U);
  EXPECT_EQ(exact.ports, 1U);
  EXPECT_DOUBLE_EQ(exact.share, 0);
  EXPECT_EQ(result.rules[1].flows, 0U);
  EXPECT_EQ(result.rules[1].excess.pods, 3U);
  EXPECT_EQ(result.rules[1].excess.unused_pods, 3U);
  EXPECT_EQ(result.rules[1].excess.ports, 100U);
  EXPECT_DOUBLE_EQ(result.rules[1].excess.share, 1);
  EXPECT_EQ(result.rules[2].excess.addresses, 256);
  EXPECT_EQ(result.rules[2].excess.unused_addresses, 255);
  EXPECT_DOUBLE_EQ(result.rules[2].excess.share, 255.0 / 256);
  EXPECT_NEAR(result.over_permission, (0 + 1 + 255.0 / 256) / 3, 1e-9);
}

TEST(VerifyNetwork, CountsReplicasOfOneOwnerOnceInTheShare) {
  const auto policies = policies_of(policy(
      "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {app: "
      "web}}}], ports: [{port: 5432}]}]}"));
  auto replica = named_end("web");
  replica.pod = "web-1";
  replica.pod_uid = "uid-web-1";
  const std::vector<TrafficEnd> pods = {named_end("web"), replica};
  const auto result = verify_network(policies, flows({"web > db TCP 5432"}), pods);
  EXPECT_EQ(result.rules[0].excess.unused_pods, 1U);
  EXPECT_EQ(result.rules[0].excess.unused_owners, 0U);
  EXPECT_DOUBLE_EQ(result.rules[0].excess.share, 0);
}

TEST(VerifyNetwork, NamesPoliciesThatSelectNobodyRecorded) {
  const auto policies = policies_of(policy(kForDb) + policy("{podSelector: {matchLabels: {app: "
                                                            "gone}}}",
                                                            "idle"));
  const auto result =
      verify_network(policies, flows({"web > db TCP 5432"}), std::vector<TrafficEnd>{});
  EXPECT_THAT(result.idle_policies, ElementsAre(&policies[1]));
}

TEST(VerifyNetwork, ReportsWhatIsStaged) {
  const auto policies = policies_of(
      "apiVersion: projectcalico.org/v3\nkind: StagedGlobalNetworkPolicy\nmetadata: {name: s}\n"
      "spec: {selector: app == 'db', types: [Ingress]}");
  const auto result =
      verify_network(policies, flows({"web > db TCP 5432"}), std::vector<TrafficEnd>{});
  EXPECT_EQ(result.flows[0].verdict, FlowVerdict::kAllowed);
  EXPECT_EQ(result.flows[0].staged, FlowVerdict::kDenied);
}

}  // namespace
}  // namespace ig::test
