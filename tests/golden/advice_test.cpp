// SPDX-License-Identifier: Apache-2.0
// Advice of whole sessions, compared with files byte for byte.
#include <gtest/gtest.h>

#include "advisors/advisor.h"
#include "tests/support/advise.h"
#include "tests/support/fake_cluster.h"
#include "tests/support/golden_file.h"

namespace ig::test {
namespace {

// The document, and the words that the command line prints beside it.
std::string words(const Advice& advice) {
  std::string text;
  for (const std::string& line : advice.summary) text += "summary: " + line + "\n";
  for (const std::string& line : advice.caveats) text += "caveat: " + line + "\n";
  for (const Evidence& evidence : advice.evidence) {
    text += "evidence: " + evidence.rule + ": " + evidence.fact + "\n";
  }
  return text;
}

void expect_advice(FakeSession& session, const std::string& advisor, const std::string& name,
                   AdviceRequest request = {}) {
  const auto advice = test::advise(advisor, {&session}, request);
  ASSERT_TRUE(advice) << advice.error().message;
  ASSERT_EQ(advice->size(), 1U);
  const Advice& one = advice->front();
  expect_file(name + "." + one.extension, one.document);
  expect_file(name + ".words", words(one));
}

// A redis started by crun with no_new_privileges while the recording ran, with a health check.
TEST(Golden, SeccompProfileOfAContainerSeenFromItsStart) {
  FakeSession session;
  Workload& redis = session.workload("redis");
  redis.runtime = "crun";
  redis.image = "redis:7";
  redis.no_new_privileges = true;
  session.calls(redis, "setup", {"clone", "mount", "pivot_root", "umount2"}, 1, 2)
      .calls(redis, "setup", {"close", "execve"}, 1, 4)
      .mark(redis, "no_new_privs", 3)
      .mark(redis, "entry_exec", 4)
      .calls(redis, "startup", {"openat", "read", "mmap", "bind", "listen", "clone3", "futex"}, 4,
             5)
      .calls(redis, "steady", {"epoll_wait", "accept4", "read", "write", "close"}, 5, 590)
      .calls(redis, "exec", {"setresuid", "read", "exit_group"}, 60, 540);
  expect_advice(session, "seccomp-profile", "seccomp_crun_from_start");
}

TEST(Golden, SeccompProfileOfAPartialContainerWithI386Calls) {
  FakeSession session;
  Workload& legacy = session.workload("legacy");
  legacy.runtime = "runc";
  legacy.partial = true;
  session.calls(legacy, "running", {"read", "write", "poll"}, 0, 600)
      .calls(legacy, "running", {"waitpid", "write"}, 5, 6, "i386")
      .number_call(legacy, "running", 4000, 7, 7);
  expect_advice(session, "seccomp-profile", "seccomp_partial_i386");
}

void record_flows(FakeSession& session, const Workload& web) {
  session.flow(web, false, "TCP", "10.0.0.9", 8080).bytes_sent = 12'345'678;
  session.flow(web, false, "TCP", "fd00::9", 8080);
  session.flow(web, true, "TCP", "10.0.0.7", 5432).before_start = true;
  session.flow(web, true, "UDP", "10.96.0.10", 53);
  session.flow(web, true, "TCP", "127.0.0.1", 6379);
  session.flow(web, true, "UDP", "224.0.0.251", 5353);
  session.flow(web, true, "TCP", "10.0.0.8", 81).error = "ECONNREFUSED";
}

TEST(Golden, NetworkPolicyOfAPod) {
  FakeSession session;
  Workload& web = session.workload("web");
  web.runtime = "containerd";
  web.pod = "web-7d4b9";
  web.kube_namespace = "shop";
  web.labels = {{"app", "web"}, {"pod-template-hash", "7d4b9"}, {"tier", "on"}};
  record_flows(session, web);
  expect_advice(session, "network-policy", "network_policy_pod");
}

TEST(Golden, NftablesOfAContainer) {
  FakeSession session;
  Workload& web = session.workload("web");
  web.runtime = "crun";
  web.partial = true;
  record_flows(session, web);
  AdviceRequest request;
  request.format = "nftables";
  expect_advice(session, "network-policy", "nftables_container", request);
}

// A shop in a cluster: its web pods use a database through a service, names, the API server, an
// address outside, and are used by an ingress controller and a node.
class ClusterForms : public testing::TestWithParam<const char*> {};

TEST_P(ClusterForms, OfADeployment) {
  FakeSession session;
  FakeCluster cluster(session);
  cluster.node("node1", "192.168.0.1", "10.1.0.0/24");
  cluster.node("node2", "192.168.0.2", "10.2.0.0/24");
  auto& web = cluster.owner("shop", "Deployment", "web", {{"app", "web"}});
  auto& db = cluster.owner("data", "StatefulSet", "db", {{"app", "db"}});
  auto& dns = cluster.owner("kube-system", "Deployment", "coredns", {{"k8s-app", "kube-dns"}});
  auto& door = cluster.owner("ingress", "DaemonSet", "nginx", {{"app", "nginx"}, {"on", "true"}});
  cluster.pod_of(db, "db-0", "10.1.0.7");
  cluster.pod_of(dns, "coredns-h1-a", "10.2.0.3");
  cluster.pod_of(door, "nginx-b", "10.1.0.9");
  cluster.service("data", "sql", "10.96.0.7", {{"app", "db"}}, 80, 5432);
  cluster.service("kube-system", "kube-dns", "10.96.0.10", {{"k8s-app", "kube-dns"}}, 53, 53,
                  "UDP");
  const auto& api = cluster.service("default", "kubernetes", "10.96.0.1", {}, 443, 6443);
  cluster.endpoints(api, {"192.168.0.1", "192.168.0.2"}, 6443);
  KubePod& pod = cluster.pod_of(web, "web-h1-x", "10.1.0.5");
  pod.probes = {{"readiness", "TCP", 8081}};
  Workload& app = recorded(session, pod);
  Flow& sql = session.flow(app, true, "TCP", "10.96.0.7", 80);
  sql.count = 1204;
  sql.bytes_sent = 12'345'678;
  sql.process = "app";
  session.flow(app, true, "UDP", "10.96.0.10", 53);
  session.flow(app, true, "TCP", "10.96.0.1", 443).process = "app";
  session.flow(app, true, "TCP", "203.0.113.7", 443);
  session.resolved(app, "api.example", "203.0.113.7");
  session.flow(app, true, "TCP", "203.0.113.8", 81).error = "ECONNREFUSED";
  session.flow(app, true, "ICMP", "203.0.113.7", 0);
  session.flow(app, true, "TCP", "127.0.0.1", 6379);
  session.flow(app, false, "TCP", "10.1.0.9", 8080);
  session.flow(app, false, "TCP", "10.2.0.1", 8080);
  AdviceRequest request;
  request.format = GetParam();
  request.options["fqdn"] = "true";
  expect_advice(session, "network-policy", "network_policy_cluster_" + request.format, request);
}

INSTANTIATE_TEST_SUITE_P(Golden, ClusterForms, testing::Values("kubernetes", "cilium", "calico"),
                         [](const auto& form) { return std::string(form.param); });

// An nginx that crun starts as root, with a tool beside it that makes user namespaces.
void record_capabilities(FakeSession& session) {
  Workload& web = session.workload("web");
  web.runtime = "crun";
  web.image = "nginx:1";
  web.mntns_id = kMntns;
  session.mark(web, "entry_exec", 4);
  session.asked(web, "CAP_SYS_ADMIN", "mount", "crun", 1, 3).program_mntns = 4026531832;
  session.asked(web, "CAP_SETGID", "setgroups", "crun", 2, 60).program_mntns = 4026531832;
  session.asked(web, "CAP_SYS_ADMIN", "mmap", "nginx", 5, 590).audit = 0;
  session.asked(web, "CAP_NET_BIND_SERVICE", "bind", "nginx", 6, 6);
  session.asked(web, "CAP_SETGID", "setgid", "nginx", 6, 7);
  session.asked(web, "CAP_SETUID", "setuid", "nginx", 6, 7);
  session.asked(web, "CAP_DAC_READ_SEARCH", "openat", "nginx", 6, 300).granted = false;
  CapabilityUse& sandbox = session.asked(web, "CAP_SYS_CHROOT", "chroot", "sandbox", 100, 110);
  sandbox.current_userns = sandbox.target_userns = 4026532300;
}

class CapabilityForms : public testing::TestWithParam<const char*> {};

TEST_P(CapabilityForms, OfAContainerSeenFromItsStart) {
  FakeSession session;
  record_capabilities(session);
  AdviceRequest request;
  request.format = GetParam();
  expect_advice(session, "capabilities", "capabilities_" + request.format, request);
}

INSTANTIATE_TEST_SUITE_P(Golden, CapabilityForms,
                         testing::Values("kubernetes", "compose", "systemd", "oci"),
                         [](const auto& form) { return std::string(form.param); });

// A unit that starts as an ordinary user with an ambient set, and was running before.
TEST(Golden, CapabilitiesOfAPartialUnitOfAnOrdinaryUser) {
  FakeSession session;
  Workload& unit = session.workload("caddy.service", WorkloadKind::kUnit);
  unit.partial = true;
  CapabilityUse& bind = session.asked(unit, "CAP_NET_BIND_SERVICE", "bind", "caddy", 5, 590);
  bind.uid = 998;
  bind.effective = 1 << 10;
  AdviceRequest request;
  request.format = "systemd";
  expect_advice(session, "capabilities", "capabilities_partial_unit", request);
}

}  // namespace
}  // namespace ig::test
