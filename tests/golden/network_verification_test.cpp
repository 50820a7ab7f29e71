// SPDX-License-Identifier: Apache-2.0
// What is found about network policies in all its forms, compared with files byte for byte.
// IG_UPDATE_GOLDEN=1 rewrites them.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "reporters/network_diff_report.h"
#include "reporters/network_verify_report.h"
#include "tests/support/golden_file.h"
#include "tests/support/policy_world.h"

namespace ig::test {
namespace {

constexpr const char* kBefore = R"(apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  ingress:
  - from: [{podSelector: {matchLabels: {app: web}}}]
    ports: [{port: 5432}]
  - from: [{namespaceSelector: {matchLabels: {team: b}}}]
    ports: [{port: 9100, endPort: 9199}]
  - from: [{ipBlock: {cidr: 198.51.100.0/24, except: [198.51.100.128/25]}}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web, namespace: shop}
spec:
  podSelector: {matchLabels: {app: web}}
  policyTypes: [Egress]
  egress:
  - to: [{podSelector: {matchLabels: {app: db}}}]
  - to: [{ipBlock: {cidr: 2001:db8::/32}}]
    ports: [{port: 443}, {port: dns, protocol: UDP}]
)";

constexpr const char* kAfter = R"(apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  ingress:
  - from: [{podSelector: {matchLabels: {app: web}}}, {podSelector: {matchLabels: {app: cache}}}]
    ports: [{port: 5432}]
  - from: [{ipBlock: {cidr: 198.51.0.0/16}}]
    ports: [{port: http}]
)";

constexpr const char* kStaged = R"(---
apiVersion: projectcalico.org/v3
kind: StagedGlobalNetworkPolicy
metadata: {name: no-metrics}
spec:
  selector: app == 'db'
  types: [Ingress]
  order: 1
  ingress:
  - {action: Deny, protocol: TCP, destination: {ports: ['9000:9999']}}
)";

std::vector<TrafficEnd> pods() {
  return {named_end("web"), named_end("db"), named_end("cache"), named_end("ops/prom")};
}

std::vector<Traffic> traffic() {
  std::vector<Traffic> all;
  for (const char* text : {"web > db TCP 5432", "cache > db TCP 5432", "ops/prom > db TCP 9100",
                           "198.51.100.7 > db TCP 22", "web > 2001:db8::1 TCP 443",
                           "web > ?10.9.9.9 TCP 80", "web > db ICMP", "node1 > web TCP 8080"}) {
    all.push_back(traffic_of(text));
  }
  all[1].processes = {"redis-\x1b[31mserver"};
  all[1].dialed_port = 15432;
  all.push_back(traffic_of("web > 8.8.8.8 UDP 53"));
  all.back().error = "ETIMEDOUT";
  return all;
}

TEST(Golden, NetworkVerification) {
  const auto policies = policies_of(std::string(kBefore) + kStaged);
  const NetworkVerifyReport report{.policy_files = {"db.yaml"},
                                   .sessions = {"web.db"},
                                   .policies = policies.size(),
                                   .result = verify_network(policies, traffic(), pods()),
                                   .caveats = {"web.db: 7 records lost"}};
  std::string words;
  for (const auto& line : network_verify_warnings(report)) words += "warning: " + line + '\n';
  words += over_permission_text(report.result) + '\n';
  expect_file("network_verification.txt", network_flows_table(report, true, Style{}) + '\n' +
                                              network_rules_table(report, Style{}) + '\n' + words);
  expect_file("network_verification.json", network_verify_json(report));
}

TEST(Golden, NetworkConnectivity) {
  const auto policies = policies_of(kBefore);
  const auto found = connectivity_by(policies, pods(), traffic());
  ASSERT_TRUE(found);
  expect_file("network_connectivity.txt", connectivity_table(*found, Style{}));
  expect_file("network_connectivity.json", connectivity_json(*found));
  expect_file("network_connectivity.dot", connectivity_dot(*found));
  const auto recorded = connectivity_recorded(traffic());
  expect_file("network_connectivity_recorded.txt", connectivity_table(recorded, Style{}));
  expect_file("network_connectivity_recorded.dot", connectivity_dot(recorded));
}

TEST(Golden, NetworkDiff) {
  const auto before = policies_of(kBefore), after = policies_of(kAfter);
  auto diff = diff_network(before, after);
  ASSERT_TRUE(diff);
  const NetworkDiffReport report{
      .diff = std::move(*diff), .before = "old", .after = "new", .texts = {{"test.yaml", kAfter}}};
  expect_file("network_diff.txt", network_diff_text(report, Style{}));
  expect_file("network_diff.md", network_diff_markdown(report));
  expect_file("network_diff.json", network_diff_json(report).dump(2) + '\n');
  expect_file("network_diff.sarif", network_diff_sarif(report, "0.0.0").dump(2) + '\n');
}

}  // namespace
}  // namespace ig::test
