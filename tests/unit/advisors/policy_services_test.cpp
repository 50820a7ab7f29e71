// SPDX-License-Identifier: Apache-2.0
#include "advisors/network/evaluator/policy_services.h"

#include <gmock/gmock.h>

#include "tests/support/fake_cluster.h"
#include "tests/support/policy_world.h"

namespace ig::test {
namespace {

std::string cilium(const std::string& egress) {
  return "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: c, namespace: "
         "shop}\nspec: {endpointSelector: {matchLabels: {app: web}}, egress: [" +
         egress + "]}\n";
}

const std::string kToDb =
    cilium("{toServices: [{k8sService: {serviceName: db, namespace: shop}}]}");
const std::string kToApiServer = cilium("{toEntities: [kube-apiserver]}");
const std::string kCalicoToDb =
    "apiVersion: projectcalico.org/v3\nkind: NetworkPolicy\nmetadata: {name: c, namespace: "
    "shop}\nspec: {selector: app == 'web', types: [Egress], egress: [{action: Allow, destination: "
    "{services: {name: db}}}]}\n";

class PolicyServices : public testing::Test {
 protected:
  std::string judge(const std::string& policy, const std::string& flow) {
    return judge(policy, traffic_of(flow));
  }
  std::string judge(const std::string& policy, const Traffic& traffic) {
    auto policies = policies_of(policy);
    resolve_services(policies, InventoryIndex(session.cluster()), {at(0), at(600)});
    return word_of(PolicyEvaluator(policies).judge(traffic));
  }

  FakeSession session;
  FakeCluster cluster{session};
};

TEST_F(PolicyServices, StayOpenWhereTheInventoryDoesNotHaveThem) {
  EXPECT_EQ(judge(kToDb, "web > 203.0.113.9 TCP 1"), "undecided");
  auto traffic = traffic_of("web > db TCP 1");
  EXPECT_EQ(judge(kToDb, traffic), "undecided");
  traffic.destination.service = "shop/db";  // it was reached by its address
  EXPECT_EQ(judge(kToDb, traffic), "allowed");
}

TEST_F(PolicyServices, ArePodsByTheirSelector) {
  cluster.service("shop", "db", "10.96.0.7", {{"app", "db"}}, 80, 5432);
  EXPECT_EQ(judge(kToDb, "web > db TCP 1"), "allowed");
  for (const char* other : {"cache", "ops/prom", "node2", "203.0.113.9"}) {
    EXPECT_EQ(judge(kToDb, "web > " + std::string(other) + " TCP 1"), "denied") << other;
  }
  EXPECT_EQ(judge(kToDb, "web > ?10.9.9.9 TCP 1"), "undecided");
  auto unlabelled = traffic_of("web > db TCP 1");
  unlabelled.destination.labels.clear();
  unlabelled.destination.labels_known = false;
  EXPECT_EQ(judge(kToDb, unlabelled), "undecided");
}

TEST_F(PolicyServices, StayOpenWhereTheirSelectorWasChanged) {
  cluster.service("shop", "db", "10.96.0.7", {{"tier", "back"}}, 80, 5432).valid.to_ns = at(99);
  cluster.service("shop", "db", "10.96.0.7", {{"app", "db"}}, 80, 5432).valid.from_ns = at(100);
  EXPECT_EQ(judge(kToDb, "web > db TCP 1"), "allowed");
  EXPECT_EQ(judge(kToDb, "web > cache TCP 1"), "undecided");
  EXPECT_EQ(judge(kToDb, "web > ops/prom TCP 1"), "denied");
}

TEST_F(PolicyServices, WithoutSelectorAreTheirEndpoints) {
  const auto& service = cluster.service("shop", "db", "10.96.0.7", {}, 80, 5432);
  EXPECT_EQ(judge(kToDb, "web > 203.0.113.9 TCP 1"), "undecided");
  cluster.endpoints(service, {"203.0.113.9"}, 5432);
  EXPECT_EQ(judge(kToDb, "web > 203.0.113.9 TCP 1"), "allowed");
  EXPECT_EQ(judge(kToDb, "web > ?203.0.113.9 TCP 1"), "allowed");
  EXPECT_EQ(judge(kToDb, "web > ?10.9.9.9 TCP 1"), "denied");
  EXPECT_EQ(judge(kToDb, "web > db TCP 1"), "denied");
}

TEST_F(PolicyServices, InCalicoAreEndpointsAndTheirPorts) {
  auto& service = cluster.service("shop", "db", "10.96.0.7", {{"app", "db"}}, 80, 5432);
  cluster.endpoints(service, {"192.168.0.2"}, 5432);  // a pod on its node's network
  EXPECT_EQ(judge(kCalicoToDb, "web > db TCP 5432"), "allowed");
  EXPECT_EQ(judge(kCalicoToDb, "web > node2 TCP 5432"), "allowed");
  EXPECT_EQ(judge(kCalicoToDb, "web > db TCP 22"), "denied");
  service.ports[0].target_port_name = "http";
  EXPECT_EQ(judge(kCalicoToDb, "web > db TCP 8080"), "allowed");
  EXPECT_EQ(judge(kCalicoToDb, "web > db TCP 5432"), "denied");
}

TEST_F(PolicyServices, SayWhereTheApiServerIs) {
  EXPECT_EQ(judge(kToApiServer, "web > 203.0.113.9 TCP 6443"), "undecided");
  const auto& service = cluster.service("default", "kubernetes", "10.96.0.1", {}, 443, 6443);
  cluster.endpoints(service, {"192.168.0.2"}, 6443);
  EXPECT_EQ(judge(kToApiServer, "web > node2 TCP 6443"), "allowed");
  EXPECT_EQ(judge(kToApiServer, "web > 203.0.113.9 TCP 6443"), "denied");
}

}  // namespace
}  // namespace ig::test
