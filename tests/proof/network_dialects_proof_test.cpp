// SPDX-License-Identifier: Apache-2.0
// Clusters and flows at random: the policies that are advised of a recording are read back in every
// dialect by readers that share nothing with the writers, and judged by the words of the dialects'
// documentation. All must admit what was recorded, and deny alike what was not; what must be denied
// is worked out here from the flows alone.
#include <gmock/gmock.h>

#include <fstream>
#include <random>
#include <set>
#include <sstream>
#include <tuple>

#include "advisors/network/evaluator/policy_evaluator.h"
#include "advisors/network/readers/policy_reader.h"
#include "advisors/network/traffic.h"
#include "tests/support/advise.h"
#include "tests/support/fake_cluster.h"
#include "tests/support/resolve_traffic.h"

namespace ig::test {
namespace {

using Kind = TrafficEnd::Kind;
constexpr const char* kDialects[] = {"kubernetes", "cilium", "calico"};
constexpr std::uint16_t kPorts[] = {80, 443, 5432, 8080};
constexpr const char* kProtocols[] = {"TCP", "UDP", "SCTP"};

// One end that flows are made between: a pod, or an address outside.
struct End {
  const KubePod* pod = nullptr;
  std::string owner;  // "namespace/kind/name", or the address
  IpAddress address;
  std::string service;  // address of its owner's service; "" = none
  std::uint16_t target = 0;
};

struct Meeting {
  std::size_t source, destination;
  std::string protocol;
  std::uint16_t port;
};

class RandomCluster {
 public:
  explicit RandomCluster(unsigned seed) : random_(seed), cluster_(session_) {
    cluster_.node("node1", "192.168.0.1", "10.1.0.0/16");
    for (const char* space : {"shop", "data"}) {
      cluster_.space(space);
      for (int i = 0; i < 4; ++i) add_owner(space, i);
    }
    for (int i = 0; i < 4; ++i) {
      const std::string text =
          i % 2 == 0 ? "203.0.113." + std::to_string(i + 1) : "2001:db8::" + std::to_string(i + 1);
      ends_.push_back({nullptr, text, ip(text), "", 0});
    }
    for (int i = 0; i < 60; ++i) add_flow();
  }

  std::size_t pick(std::size_t count) { return random_() % count; }
  FakeSession& session() { return session_; }
  const std::vector<End>& ends() const { return ends_; }

  // Both ends' policies, by what was recorded.
  bool must_admit(const Meeting& one) const {
    const End &from = ends_[one.source], &to = ends_[one.destination];
    if (from.pod != nullptr && from.pod == to.pod) return true;
    const auto key = std::tuple(from.owner, to.owner, one.protocol, one.port);
    const bool recorded = recorded_.contains(key);
    const bool leaves = from.pod == nullptr || !sends_.contains(from.owner) || recorded;
    const bool enters = to.pod == nullptr || !takes_.contains(to.owner) || recorded;
    return leaves && enters;
  }

  Traffic traffic(const Meeting& one) const {
    Traffic made;
    made.source = end(ends_[one.source]);
    made.destination = end(ends_[one.destination]);
    made.protocol = one.protocol;
    made.port = one.port;
    return made;
  }

 private:
  void add_owner(const std::string& space, int number) {
    constexpr const char* kKinds[] = {"Deployment", "StatefulSet", "DaemonSet", "Deployment"};
    const std::string name = "app" + std::to_string(number);
    // Two share a label, so that it is not enough to tell them apart.
    Labels labels = {{"app", number < 2 ? "shared" : name}, {"tier", name}};
    KubeOwner& owner = cluster_.owner(space, kKinds[number], name, labels);
    if (number < 2) owner.selector.labels.erase("tier");
    const std::string address = "10.96.0." + std::to_string(ends_.size() + 1);
    const bool has_service = pick(2) == 0;
    const std::uint16_t target = kPorts[pick(4)];
    if (has_service) cluster_.service(space, name, address, labels, 8443, target);
    for (int replica = 0; replica < 2; ++replica) {
      const auto text = "10.1." + std::to_string(++pods_) + ".5";
      const std::string pod_name = name + "-h1-" + std::to_string(replica);
      const KubePod& pod = cluster_.pod_of(owner, pod_name, text);
      ends_.push_back({&pod, space + '/' + kKinds[number] + '/' + name, ip(text),
                       has_service ? address : "", target});
      // Not all nodes are recorded.
      if (replica == 0) recorded_pods_[ends_.size() - 1] = &recorded(session_, pod);
    }
  }

  void add_flow() {
    const Meeting one = {pick(ends_.size()), pick(ends_.size()), kProtocols[pick(3)],
                         kPorts[pick(4)]};
    const End &from = ends_[one.source], &to = ends_[one.destination];
    if (from.owner == to.owner || from.address.is_v6() != to.address.is_v6()) return;
    const bool fails = pick(5) == 0;
    const bool by_service = !to.service.empty() && one.protocol == "TCP" && pick(2) == 0;
    const std::uint16_t port = by_service ? to.target : one.port;
    bool seen = false;
    if (const auto own = recorded_pods_.find(one.source); own != recorded_pods_.end()) {
      seen = true;
      session_
          .flow(*own->second, true, one.protocol, by_service ? to.service : to.address.text(),
                by_service ? 8443 : port)
          .error = fails ? "ECONNREFUSED" : "";
      if (!fails) sends_.insert(from.owner);
    }
    if (const auto own = recorded_pods_.find(one.destination); own != recorded_pods_.end()) {
      // A service chooses one of the pods, so that the other end need not see it here.
      seen = true;
      session_.flow(*own->second, false, one.protocol, from.address.text(), port).error =
          fails ? "ECONNREFUSED" : "";
      if (!fails) takes_.insert(to.owner);
    }
    if (seen && !fails) recorded_.emplace(from.owner, to.owner, one.protocol, port);
  }

  static TrafficEnd end(const End& one) {
    TrafficEnd end;
    end.address = one.address;
    end.kind = one.pod == nullptr ? Kind::kOutside : Kind::kPod;
    if (one.pod == nullptr) return end;
    end.kube_namespace = one.pod->kube_namespace;
    end.pod = one.pod->name;
    end.pod_uid = one.pod->uid;
    end.labels = one.pod->labels;
    end.namespace_labels = {{"kubernetes.io/metadata.name", one.pod->kube_namespace}};
    end.labels_known = end.namespace_known = end.ports_known = true;
    return end;
  }

  std::mt19937 random_;
  FakeSession session_;
  FakeCluster cluster_;
  std::vector<End> ends_;
  std::map<std::size_t, Workload*> recorded_pods_;
  std::set<std::tuple<std::string, std::string, std::string, std::uint16_t>> recorded_;
  std::set<std::string> sends_, takes_;  // owners with rules in that direction
  int pods_ = 0;
};

std::vector<Policy> advised(FakeSession& session, const std::string& dialect) {
  AdviceRequest request;
  request.format = dialect;
  request.options["blocks"] = "none";
  const auto advice = test::advise("network-policy", {&session}, request);
  EXPECT_TRUE(advice) << advice.error().message;
  std::string text;
  for (const Advice& one : *advice) {
    if (!one.document.empty()) text += "---\n" + one.document;
  }
  auto policies = read_policies(text, dialect + ".yaml");
  EXPECT_TRUE(policies) << (policies ? "" : policies.error().message) << '\n' << text;
  return policies ? std::move(*policies) : std::vector<Policy>{};
}

class NetworkDialects : public testing::TestWithParam<unsigned> {};

TEST_P(NetworkDialects, AdmitWhatWasRecordedAndDenyAlikeWhatWasNot) {
  RandomCluster cluster(GetParam());
  const std::vector<Recording> recordings = {{&cluster.session(), "r.db"}};
  const auto traffic = resolve_traffic(recordings, {});
  ASSERT_TRUE(traffic);
  std::vector<Meeting> meetings;
  for (int i = 0; i < 600; ++i) {
    const Meeting one = {cluster.pick(cluster.ends().size()), cluster.pick(cluster.ends().size()),
                         kProtocols[cluster.pick(3)], kPorts[cluster.pick(4)]};
    const End &from = cluster.ends()[one.source], &to = cluster.ends()[one.destination];
    if (one.source != one.destination && from.address.is_v6() == to.address.is_v6()) {
      meetings.push_back(one);
    }
  }
  for (const char* dialect : kDialects) {
    const auto policies = advised(cluster.session(), dialect);
    ASSERT_FALSE(policies.empty());
    const PolicyEvaluator evaluator(policies);
    for (const Traffic& one : *traffic) {
      if (!one.error.empty()) continue;
      EXPECT_TRUE(evaluator.judge(one).allowed())
          << dialect << ": " << end_text(one.source) << " to " << end_text(one.destination) << ' '
          << one.protocol << ' ' << one.port;
    }
    int admitted = 0, denied = 0;
    for (const Meeting& one : meetings) {
      const auto verdict = evaluator.judge(cluster.traffic(one));
      EXPECT_EQ(verdict.egress.undecided_because + verdict.ingress.undecided_because, "");
      EXPECT_EQ(verdict.allowed(), cluster.must_admit(one))
          << dialect << ": " << cluster.ends()[one.source].owner << " to "
          << cluster.ends()[one.destination].owner << ' ' << one.protocol << ' ' << one.port;
      (verdict.allowed() ? admitted : denied) += 1;
    }
    EXPECT_GT(admitted, 10) << dialect;
    EXPECT_GT(denied, 50) << dialect;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, NetworkDialects, testing::Range(1U, 13U));

// Without a cluster all forms have addresses: nftables, too.
bool table_admits(const std::string& table, const Flow& flow) {
  const std::string chain = flow.egress ? "\tchain output {" : "\tchain input {";
  const auto begin = table.find(chain);
  if (begin == std::string::npos) return true;
  std::istringstream lines(table.substr(begin, table.find("\n\t}", begin) - begin));
  std::string protocol = flow.protocol;
  for (char& c : protocol) c = static_cast<char>(std::tolower(c));
  const std::string wanted =
      std::string(flow.peer.find(':') == std::string::npos ? "ip " : "ip6 ") +
      (flow.egress ? "daddr " : "saddr ") + flow.peer + ' ' + protocol + " dport " +
      std::to_string(flow.port) + " accept";
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("\t\t" + wanted)) return true;
  }
  return false;
}

Traffic traffic_of(const Flow& flow) {
  Traffic traffic;
  TrafficEnd own, peer;
  own.kind = Kind::kPod;
  own.kube_namespace = "shop";
  own.pod = "web-0";
  own.labels = {{"app", "web"}};
  own.namespace_labels = {{"kubernetes.io/metadata.name", "shop"}};
  own.labels_known = own.namespace_known = own.ports_known = true;
  peer.kind = Kind::kOutside;
  peer.address = IpAddress::parse(flow.peer);
  traffic.source = flow.egress ? own : peer;
  traffic.destination = flow.egress ? peer : own;
  traffic.protocol = flow.protocol;
  traffic.port = flow.port;
  return traffic;
}

TEST(NetworkDialects, AdmitTheSameAddressesWithoutACluster) {
  std::mt19937 random(7);
  const auto flow_at_random = [&] {
    const std::vector<std::string> peers = {"10.0.0.1", "192.168.3.4", "fd00::1", "203.0.113.9"};
    Flow flow;
    flow.egress = random() % 2 == 0;
    flow.protocol = kProtocols[random() % 3];
    flow.peer = peers[random() % peers.size()];
    flow.port = static_cast<std::uint16_t>(1 + random() % 8);
    return flow;
  };
  FakeSession session;
  Workload& web = session.workload("web");
  web.kube_namespace = "shop";
  web.pod = "web-0";
  web.labels = {{"app", "web"}};
  for (int i = 0; i < 40; ++i) {
    const Flow flow = flow_at_random();
    session.flow(web, flow.egress, flow.protocol, flow.peer, flow.port);
  }
  AdviceRequest request;
  request.format = "nftables";
  request.options["blocks"] = "none";
  const auto advice = test::advise("network-policy", {&session}, request);
  ASSERT_TRUE(advice);
  std::vector<std::vector<Policy>> policies;
  for (const char* dialect : kDialects) policies.push_back(advised(session, dialect));
  int admitted = 0, denied = 0;
  for (int i = 0; i < 500; ++i) {
    const Flow flow = flow_at_random();
    const bool by_table = table_admits(advice->front().document, flow);
    (by_table ? admitted : denied) += 1;
    for (const auto& of_dialect : policies) {
      EXPECT_EQ(PolicyEvaluator(of_dialect).judge(traffic_of(flow)).allowed(), by_table)
          << of_dialect.front().dialect << ' ' << flow.peer << ' ' << flow.protocol << ' '
          << flow.port;
    }
  }
  EXPECT_GT(admitted, 20);
  EXPECT_GT(denied, 20);
}

// Text from recordings is hostile: whatever names say, each document stays one policy that readers
// take, and says no more than its rules.
TEST(NetworkDialects, StayOneDocumentWhateverNamesSay) {
  const std::string evil = "x\n---\nkind: NetworkPolicy\r\x1b[2J # '\" }}";
  FakeSession session;
  FakeCluster cluster(session);
  auto& owner = cluster.owner("shop", "Deployment", evil, {{"app", "web"}});
  auto& pod = cluster.pod_of(owner, evil, "10.1.0.5");
  auto& peer = cluster.owner(evil, "Deployment", evil, {{"app", "db"}});
  cluster.pod_of(peer, evil + "2", "10.1.0.7");
  cluster.service(evil, evil, "10.96.0.7", {{"app", "db"}}, 80, 5432);
  Workload& web = recorded(session, pod);
  session.flow(web, true, "TCP", "10.96.0.7", 80).process = evil;
  session.flow(web, true, "TCP", "203.0.113.7", 443);
  session.flow(web, true, "TCP", "203.0.113.8", 443).error = evil;
  session.resolved(web, evil, "203.0.113.7");
  for (const char* dialect : kDialects) {
    const auto policies = advised(session, dialect);
    ASSERT_EQ(policies.size(), 1U) << dialect;
    EXPECT_EQ(policies[0].egress.size(), 2U) << dialect;
    EXPECT_FALSE(policies[0].is_ingress) << dialect;
  }
}

}  // namespace
}  // namespace ig::test
