// SPDX-License-Identifier: Apache-2.0
#include "advisors/network/evaluator/diff_network.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "advisors/network/evaluator/address_atoms.h"
#include "advisors/network/evaluator/connectivity.h"
#include "advisors/network/evaluator/policy_atoms.h"
#include "base/text.h"
#include "tests/support/policy_world.h"

namespace ig::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string policy(const std::string& spec, const std::string& name = "p") {
  return "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: " + name +
         ", namespace: shop}\nspec: " + spec + "\n";
}

std::vector<std::string> diff(const std::string& before, const std::string& after) {
  const auto old_ones = policies_of(before), new_ones = policies_of(after);
  const auto found = diff_network(old_ones, new_ones);
  EXPECT_TRUE(found) << found.error().message;
  std::vector<std::string> lines;
  for (const auto& change : found->changes) {
    lines.push_back(fmt::format(
        "{} {} {} {}: {}", change.kind == NetworkChange::Kind::kAdded ? "+" : "-", change.subject,
        change.egress ? ">" : "<", join(change.peers, ", "), change.ports));
  }
  return lines;
}

std::string ingress(const std::string& rules, const std::string& name = "p") {
  return policy(
      "{podSelector: {matchLabels: {app: db}}, policyTypes: [Ingress], ingress: [" + rules + "]}",
      name);
}

TEST(DiffNetwork, FindsNoDifferenceInWhatIsWrittenOtherwise) {
  const auto one = ingress(
      "{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 80}, "
      "{port: 81}]}");
  const auto other = ingress(
      "{from: [{podSelector: {matchExpressions: [{key: app, operator: In, values: [web]}]}}]"
      ", ports: [{port: 80, endPort: 81, protocol: TCP}]}");
  const auto parts = ingress(
                         "{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: "
                         "81}]}",
                         "b") +
                     ingress(
                         "{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: "
                         "80}]}",
                         "a");
  EXPECT_THAT(diff(one, other), IsEmpty());
  EXPECT_THAT(diff(one, parts), IsEmpty());
  EXPECT_THAT(diff(parts, other), IsEmpty());
}

TEST(DiffNetwork, FindsBlocksThatAreWrittenOtherwiseEqual) {
  EXPECT_THAT(diff(ingress("{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}"),
                   ingress("{from: [{ipBlock: {cidr: 10.0.0.0/9}}, {ipBlock: {cidr: "
                           "10.128.0.0/9}}]}")),
              IsEmpty());
}

TEST(DiffNetwork, NamesWhatIsNewlyAllowed) {
  EXPECT_THAT(
      diff(ingress("{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 80}]}"),
           ingress("{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 80, endPort: "
                   "90}]}")),
      ElementsAre("+ pods app=db of shop < pods app=web of shop: TCP 81-90"));
}

TEST(DiffNetwork, NamesBothWays) {
  EXPECT_THAT(diff(ingress("{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}"),
                   ingress("{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}, "
                           "{namespaceSelector: {matchLabels: {team: b}}}]}")),
              ElementsAre("+ pods app=db of shop < all pods of namespaces team=b: every port",
                          "- pods app=db of shop < 10.1.0.0/16: every port"));
}

TEST(DiffNetwork, NamesWhatIsolatingTakesAway) {
  const auto lines = diff("", ingress("{from: [{podSelector: {}}]}"));
  EXPECT_THAT(lines, ElementsAre("- pods app=db of shop < all addresses, all pods of other "
                                 "namespaces: every port"));
  EXPECT_THAT(diff(ingress(""), ""), ElementsAre("+ pods app=db of shop < everybody: every port"));
}

TEST(DiffNetwork, LooksAtPodsThatTwoPoliciesSelect) {
  const auto for_tier = policy(
      "{podSelector: {matchLabels: {tier: back}}, ingress: [{from: [{podSelector: {matchLabels: "
      "{app: web}}}]}]}",
      "t");
  // Alone each of them denies; together a pod with both labels gains what the other allows.
  const auto before = ingress("");
  const auto lines = diff(before, before + for_tier);
  EXPECT_THAT(lines, testing::Contains("+ pods app=db,tier=back of shop < pods app=web of shop: "
                                       "every port"));
}

TEST(DiffNetwork, ComparesNamedPorts) {
  EXPECT_THAT(diff(ingress("{ports: [{port: http}]}"), ingress("{ports: [{port: https}]}")),
              ElementsAre("+ pods app=db of shop < everybody: TCP port https",
                          "- pods app=db of shop < everybody: TCP port http"));
}

TEST(DiffNetwork, ComparesDialects) {
  const auto calico =
      "apiVersion: projectcalico.org/v3\nkind: NetworkPolicy\nmetadata: {name: p, namespace: "
      "shop}\n"
      "spec: {selector: app == 'db', ingress: [{action: Allow, protocol: TCP, source: {selector: "
      "app == 'web'}, destination: {ports: [80]}}]}";
  const auto kubernetes =
      ingress("{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 80}]}");
  // What they do to ICMP is all they differ in: Kubernetes does not say.
  for (const auto& line : diff(kubernetes, calico)) {
    EXPECT_TRUE(line.ends_with("ICMP; ICMPv6")) << line;
  }
}

TEST(AddressAtoms, CutAllAddressesIntoPieces) {
  std::set<IpNetwork> networks;
  for (const char* text : {"10.0.0.0/8", "10.0.0.0/9", "10.128.0.0/9", "192.168.0.0/16",
                           "192.168.0.0/24", "fd00::/8", "255.255.255.255/32"}) {
    networks.insert(*IpNetwork::parse(text));
  }
  std::vector<std::string> names;
  for (const auto& atom : address_atoms(networks)) {
    names.push_back(atom.name + " " + atom.address.text());
  }
  EXPECT_THAT(
      names, ElementsAre("other IPv4 addresses 0.0.0.0", "10.0.0.0/9 10.0.0.0",
                         "10.128.0.0/9 10.128.0.0", "192.168.0.0/16 but 192.168.0.0/24 192.168.1.0",
                         "192.168.0.0/24 192.168.0.0", "255.255.255.255/32 255.255.255.255",
                         "other IPv6 addresses ::", "fd00::/8 fd00::"));
}

std::vector<std::string> edges_of(const Connectivity& connectivity) {
  std::vector<std::string> lines;
  for (const auto& edge : connectivity.edges) {
    lines.push_back(fmt::format("{} > {}: {} ({})", join(edge.sources, ", "),
                                join(edge.destinations, ", "), edge.ports, edge.count));
  }
  return lines;
}

TEST(Connectivity, SaysWhoMayTalkToWhom) {
  const auto policies = policies_of(
      policy("{podSelector: {}, policyTypes: [Ingress, Egress], egress: [{to: [{podSelector: "
             "{}}]}], ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: "
             "http}]}]}"));
  const std::vector<TrafficEnd> pods = {named_end("web"), named_end("db")};
  const std::vector<Traffic> traffic = {traffic_of("web > db TCP 8080")};
  const auto found = connectivity_by(policies, pods, traffic);
  ASSERT_TRUE(found);
  EXPECT_THAT(edges_of(*found),
              testing::Contains("shop/Deployment/web > all of shop: TCP 8080 (3)"));
}

TEST(Connectivity, SaysWhoDid) {
  const std::vector<Traffic> traffic = {traffic_of("web > db TCP 5432"),
                                        traffic_of("web > db TCP 5433"),
                                        traffic_of("web > 8.8.8.8 UDP 53")};
  EXPECT_THAT(edges_of(connectivity_recorded(traffic)),
              ElementsAre("shop/Deployment/web > 8.8.8.8: UDP 53 (3)",
                          "shop/Deployment/web > shop/Deployment/db: TCP 5432, 5433 (6)"));
}

}  // namespace
}  // namespace ig::test
