// SPDX-License-Identifier: Apache-2.0
// The policy is read back by another YAML parser and asked about each flow, as a network plugin
// would do it; the nftables form is read by nft itself.
#include <gmock/gmock.h>
#include <yaml-cpp/yaml.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>

#include "advisors/advisor.h"
#include "tests/support/advise.h"
#include "tests/support/fake_session.h"
#include "tests/support/need.h"
#include "tests/support/scratch_folder.h"

namespace ig::test {
namespace {

Advice advised(FakeSession& session, const std::string& format) {
  AdviceRequest request;
  request.format = format;
  request.options["blocks"] = "none";
  const auto advice = test::advise("network-policy", {&session}, request);
  EXPECT_TRUE(advice) << advice.error().message;
  return advice->front();
}

bool has_type(const YAML::Node& spec, const std::string& type) {
  for (const auto& entry : spec["policyTypes"]) {
    if (entry.as<std::string>() == type) return true;
  }
  return false;
}

// Whether a pod under this policy may have the flow.
bool permits(const YAML::Node& policy, const Flow& flow) {
  const YAML::Node spec = policy["spec"];
  if (!has_type(spec, flow.egress ? "Egress" : "Ingress")) return true;
  const bool v6 = flow.peer.find(':') != std::string::npos;
  for (const auto& rule : spec[flow.egress ? "egress" : "ingress"]) {
    for (const auto& peer : rule[flow.egress ? "to" : "from"]) {
      if (peer["ipBlock"]["cidr"].as<std::string>() != flow.peer + (v6 ? "/128" : "/32")) continue;
      for (const auto& port : rule["ports"]) {
        if (port["protocol"].as<std::string>() == flow.protocol &&
            port["port"].as<int>() == flow.port) {
          return true;
        }
      }
    }
  }
  return false;
}

Flow flow_at_random(std::mt19937& random) {
  const std::vector<std::string> peers = {"10.0.0.1", "10.0.0.2", "192.168.3.4", "fd00::1",
                                          "fd00::2"};
  Flow flow;
  flow.egress = random() % 2 == 0;
  flow.protocol = random() % 2 == 0 ? "TCP" : "UDP";
  flow.peer = peers[random() % peers.size()];
  flow.port = static_cast<std::uint16_t>(1 + random() % 12);
  return flow;
}

std::string key(const Flow& flow) {
  return (flow.egress ? "e " : "i ") + flow.protocol + " " + flow.peer + " " +
         std::to_string(flow.port);
}

class NetworkProof : public testing::TestWithParam<unsigned> {};

TEST_P(NetworkProof, PermitsExactlyTheFlowsThatWereEstablished) {
  std::mt19937 random(GetParam());
  FakeSession session;
  const Workload& web = session.workload("web");
  std::set<std::string> established;
  session.flow(web, true, "TCP", "10.9.9.9", 1);  // both directions have evidence
  session.flow(web, false, "TCP", "10.9.9.9", 1);
  for (int i = 0; i < 60; ++i) {
    const Flow flow = flow_at_random(random);
    const bool fails = random() % 3 == 0;
    session.flow(web, flow.egress, flow.protocol, flow.peer, flow.port).error =
        fails ? "ECONNREFUSED" : "";
    if (!fails) established.insert(key(flow));
  }
  const YAML::Node policy = YAML::Load(advised(session, "kubernetes").document);
  EXPECT_EQ(policy["apiVersion"].as<std::string>(), "networking.k8s.io/v1");
  EXPECT_EQ(policy["kind"].as<std::string>(), "NetworkPolicy");
  int denied = 0;
  for (int i = 0; i < 500; ++i) {
    const Flow flow = flow_at_random(random);
    EXPECT_EQ(permits(policy, flow), established.contains(key(flow))) << key(flow);
    denied += permits(policy, flow) ? 0 : 1;
  }
  EXPECT_GT(denied, 0);
}

INSTANTIATE_TEST_SUITE_P(Seeds, NetworkProof, testing::Range(1U, 6U));

TEST(NetworkProof, IsYamlForAnyLabels) {
  FakeSession session;
  Workload& web = session.workload("web");
  web.pod = "web-0";
  web.kube_namespace = "on";
  web.labels = {{"a", "true"}, {"b", "1e3"}, {"c", "null"}, {"d", "0x1"}, {"e", ""}, {"y", "n"}};
  session.flow(web, true, "TCP", "10.0.0.7", 80);
  const YAML::Node policy = YAML::Load(advised(session, "kubernetes").document);
  EXPECT_EQ(policy["metadata"]["namespace"].Tag(), "!");  // quoted: a string for every parser
  for (const auto& [label, value] : web.labels) {
    const YAML::Node node = policy["spec"]["podSelector"]["matchLabels"][label];
    EXPECT_EQ(node.as<std::string>(), value);
    EXPECT_EQ(node.Tag(), "!") << label;
  }
}

TEST(NetworkProof, IsATableThatNftTakes) {
  IG_NEED(std::system("unshare -n nft list ruleset >/dev/null 2>&1") == 0,
          "needs nft and the right to make a network namespace");
  FakeSession session;
  const Workload& web = session.workload("web-1");
  session.flow(web, true, "TCP", "10.0.0.7", 80);
  session.flow(web, true, "TCP", "127.0.0.1", 6379);
  session.flow(web, true, "UDP", "224.0.0.251", 5353);
  session.flow(web, true, "UDP", "fe80::1", 547);
  session.flow(web, false, "TCP", "fd00::1", 8080);
  session.flow(web, false, "SCTP", "10.0.0.9", 36412);
  for (const bool lossy : {false, true}) {
    if (lossy) session.lose("advise_networkpolicy", Loss::Kind::kMapFull);
    AdviceRequest request;
    request.format = "nftables";
    request.tolerate_loss = true;
    const auto advice = test::advise("network-policy", {&session}, request);
    ASSERT_TRUE(advice);
    const ScratchFolder scratch;
    const std::string path = scratch.path() / "policy.nft";
    std::ofstream(path) << advice->front().document;
    // Twice: the second load must replace the first.
    const std::string command = "unshare -n sh -c 'nft -f " + path + " && nft -f " + path +
                                " && nft list table inet ig_web_1 >/dev/null'";
    EXPECT_EQ(std::system(command.c_str()), 0) << advice->front().document;
  }
}

}  // namespace
}  // namespace ig::test
