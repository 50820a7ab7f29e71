// SPDX-License-Identifier: Apache-2.0
#include "recorder/inventory/kube_reader.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "recorder/inventory/kube_files.h"
#include "recorder/inventory/kube_time.h"
#include "recorder/inventory/yaml_json.h"

namespace ig {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kNoon = 1'762'171'200 * kSecond;  // 2025-11-03T12:00:00Z
constexpr std::int64_t kSeen = kNoon + 3600 * kSecond;

Inventory inventory_of(KubeReader& reader) {
  Inventory inventory;
  for (const auto& row : reader.take_rows()) EXPECT_TRUE(take_row(row, inventory)) << row.spec;
  return inventory;
}

Inventory inventory_of(const std::string& yaml) {
  const auto documents = yaml_documents(yaml);
  EXPECT_TRUE(documents) << documents.error().message;
  KubeReader reader(kSeen);
  for (const auto& document : *documents) reader.take(document);
  return inventory_of(reader);
}

const std::string kPod = R"(
apiVersion: v1
kind: Pod
metadata:
  name: web-1
  namespace: shop
  uid: uid-1
  creationTimestamp: "2025-11-03T12:00:00Z"
  labels: {app: web, env: prod, data: "1"}
  annotations: {prometheus.io/scrape: "true", prometheus.io/port: "9100"}
  ownerReferences:
  - {kind: Other, name: x, uid: y}
  - {kind: ReplicaSet, name: web-5d, uid: uid-rs, controller: true}
spec:
  nodeName: n1
  initContainers:
  - name: once
    ports: [{containerPort: 1111}]
  - name: sidecar
    restartPolicy: Always
    ports: [{containerPort: 15090, name: proxy}]
  containers:
  - name: web
    env: [{name: PASSWORD, value: secret}]
    ports: [{containerPort: 8080, name: http}, {containerPort: 53, protocol: UDP}]
    readinessProbe: {httpGet: {port: http, path: /}}
    livenessProbe: {tcpSocket: {port: 8081}}
    startupProbe: {exec: {command: [true]}}
status:
  phase: Running
  startTime: "2025-11-03T12:00:05Z"
  podIP: 10.244.0.7
  podIPs: [{ip: 10.244.0.7}, {ip: "FD00::7"}]
  containerStatuses:
  - containerID: containerd://c2
    state: {running: {}}
    lastState: {terminated: {containerID: "containerd://c1"}}
)";

TEST(KubeReader, APodIsWhoItsAddressesAreSinceItStarted) {
  const auto found = inventory_of(kPod);
  ASSERT_EQ(found.pods.size(), 1U);
  const auto& pod = found.pods[0];
  EXPECT_EQ(pod.kube_namespace + "/" + pod.name + " " + pod.uid, "shop/web-1 uid-1");
  EXPECT_THAT(pod.labels, ElementsAre(Pair("app", "web"), Pair("data", "1"), Pair("env", "prod")));
  EXPECT_EQ(pod.owner, (OwnerReference{"ReplicaSet", "web-5d", "uid-rs"}));
  EXPECT_EQ(pod.valid, (Validity{kNoon + 5 * kSecond, Validity::kOpenEnd}));
  ASSERT_EQ(pod.addresses.size(), 2U);
  EXPECT_EQ(pod.addresses[0].text(), "10.244.0.7");
  EXPECT_EQ(pod.addresses[1].text(), "fd00::7");
  EXPECT_EQ(pod.node, "n1");
  EXPECT_FALSE(pod.host_network);
  EXPECT_THAT(pod.ports,
              ElementsAre(ContainerPort{"http", "TCP", 8080}, ContainerPort{"", "UDP", 53},
                          ContainerPort{"proxy", "TCP", 15090}))
      << "an init container that ends has no port";
  EXPECT_THAT(pod.probes,
              ElementsAre(ProbePort{"liveness", "TCP", 8081}, ProbePort{"readiness", "TCP", 8080},
                          ProbePort{"metrics", "TCP", 9100}));
  EXPECT_THAT(pod.container_ids, ElementsAre("c1", "c2"));
}

TEST(KubeReader, NothingOfAnEnvironmentIsKept) {
  const auto documents = yaml_documents(kPod);
  KubeReader reader(kSeen);
  reader.take((*documents)[0]);
  const auto rows = reader.take_rows();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_THAT(rows[0].spec + rows[0].labels, testing::Not(HasSubstr("secret")));
}

TEST(KubeReader, APodThatIsOverEndsWithItsLastContainer) {
  const auto pod = inventory_of(R"(
apiVersion: v1
kind: Pod
metadata: {name: job, namespace: shop, uid: u, creationTimestamp: "2025-11-03T12:00:00Z"}
status:
  phase: Succeeded
  startTime: "2025-11-03T12:00:01Z"
  podIP: 10.244.0.8
  containerStatuses:
  - state: {terminated: {finishedAt: "2025-11-03T12:00:09Z"}}
  - state: {terminated: {finishedAt: "2025-11-03T12:00:07Z"}}
)")
                       .pods.at(0);
  EXPECT_EQ(pod.valid, (Validity{kNoon + 1 * kSecond, kNoon + 10 * kSecond - 1}))
      << "to the end of the second in which it finished";
}

TEST(KubeReader, APodWithoutAnAddressIsThereSinceItWasMade) {
  const auto pod = inventory_of(R"(
apiVersion: v1
kind: Pod
metadata: {name: a, namespace: shop, uid: u, creationTimestamp: "2025-11-03T12:00:00Z"}
spec: {hostNetwork: true}
status: {phase: Pending, startTime: "2025-11-03T12:00:01Z"}
)")
                       .pods.at(0);
  EXPECT_EQ(pod.valid.from_ns, kNoon);
  EXPECT_TRUE(pod.host_network);
}

TEST(KubeReader, AProbeOfAnotherHostIsNotOneOfThePod) {
  const auto pod = inventory_of(R"(
apiVersion: v1
kind: Pod
metadata: {name: a, namespace: shop, uid: u, annotations: {prometheus.io/scrape: "true"}}
spec:
  containers:
  - ports: [{containerPort: 8080}, {containerPort: 53, protocol: UDP}]
    livenessProbe: {httpGet: {host: 127.0.0.1, port: 8080}}
    readinessProbe: {grpc: {port: 9000}}
    startupProbe: {httpGet: {port: nameless}}
)")
                       .pods.at(0);
  EXPECT_THAT(pod.probes,
              ElementsAre(ProbePort{"readiness", "TCP", 9000}, ProbePort{"metrics", "TCP", 8080}))
      << "metrics without a port: all that are declared";
}

TEST(KubeReader, AServiceHasEachOfItsAddressesAndItsPortsAtThePods) {
  const auto found = inventory_of(R"(
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Service
  metadata: {name: web, namespace: shop, uid: u, creationTimestamp: "2025-11-03T12:00:00Z"}
  spec:
    type: LoadBalancer
    clusterIP: 10.96.0.9
    clusterIPs: [10.96.0.9, "fd00:96::9"]
    externalIPs: [192.0.2.1]
    selector: {app: web, env: prod}
    ports:
    - {name: http, port: 80, targetPort: http, nodePort: 30080}
    - {name: dns, port: 53, protocol: UDP, targetPort: 5353}
    - {name: same, port: 443}
    - {name: text, port: 90, targetPort: "9090"}
    - {name: bad, port: 70000}
  status: {loadBalancer: {ingress: [{ip: 198.51.100.7}, {hostname: lb.example}]}}
- apiVersion: v1
  kind: Service
  metadata: {name: headless, namespace: shop}
  spec: {clusterIP: None}
- apiVersion: serving.knative.dev/v1
  kind: Service
  metadata: {name: another, namespace: shop}
)");
  ASSERT_EQ(found.services.size(), 2U) << "a kind of another group is another kind";
  const auto& web = found.services[0];
  std::vector<std::string> addresses;
  for (const auto& address : web.addresses) addresses.push_back(address.text());
  EXPECT_THAT(addresses, ElementsAre("10.96.0.9", "fd00:96::9", "192.0.2.1", "198.51.100.7"));
  EXPECT_EQ(web.type, "LoadBalancer");
  EXPECT_EQ(web.selector.size(), 2U);
  EXPECT_THAT(web.ports, ElementsAre(ServicePort{"http", "TCP", 80, 0, "http", 30080},
                                     ServicePort{"dns", "UDP", 53, 5353, "", 0},
                                     ServicePort{"same", "TCP", 443, 443, "", 0},
                                     ServicePort{"text", "TCP", 90, 9090, "", 0}));
  EXPECT_THAT(found.services[1].addresses, IsEmpty());
  EXPECT_EQ(found.services[1].type, "ClusterIP");
}

TEST(KubeReader, SlicesOfBothVersionsAndEndpointsSayTheSame) {
  const auto found = inventory_of(R"(
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: web-x, namespace: shop, labels: {kubernetes.io/service-name: web}}
addressType: IPv4
endpoints:
- addresses: [10.244.0.7]
  conditions: {ready: true}
  nodeName: n1
  targetRef: {kind: Pod, name: web-1, uid: u1}
- {addresses: [10.244.0.8], conditions: {ready: false}, nodeName: n1}
ports: [{name: http, port: 8080, protocol: TCP}]
---
apiVersion: discovery.k8s.io/v1beta1
kind: EndpointSlice
metadata: {name: web-y, namespace: shop, ownerReferences: [{kind: Service, name: web}]}
addressType: IPv4
endpoints:
- addresses: [10.244.0.7]
  topology: {kubernetes.io/hostname: n1}
  targetRef: {kind: Pod, name: web-1, uid: u1}
- {addresses: [10.244.0.8], conditions: {ready: false}, topology: {kubernetes.io/hostname: n1}}
- {addresses: [name.example]}
ports: [{name: http, port: 8080, protocol: TCP}]
---
apiVersion: v1
kind: Endpoints
metadata: {name: web, namespace: shop}
subsets:
- addresses: [{ip: 10.244.0.7, nodeName: n1, targetRef: {kind: Pod, name: web-1, uid: u1}}]
  notReadyAddresses: [{ip: 10.244.0.8, nodeName: n1}]
  ports: [{name: http, port: 8080}]
)");
  ASSERT_EQ(found.endpoints.size(), 3U);
  const std::vector<KubeEndpoint> both = {
      {{*IpAddress::parse("10.244.0.7")}, true, "web-1", "u1", "n1"},
      {{*IpAddress::parse("10.244.0.8")}, false, "", "", "n1"}};
  for (const auto& endpoints : found.endpoints) {
    EXPECT_EQ(endpoints.service, "web");
    EXPECT_EQ(endpoints.endpoints, both);
    EXPECT_THAT(endpoints.ports, ElementsAre(ContainerPort{"http", "TCP", 8080}));
  }
}

TEST(KubeReader, WhatMakesPodsSaysWhichAndHow) {
  const auto found = inventory_of(R"(
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector:
    matchLabels: {app: web}
    matchExpressions: [{key: tier, operator: NotIn, values: [a, b]}, {key: x, operator: Exists}]
  template: {metadata: {labels: {app: web, env: prod}}}
---
apiVersion: v1
kind: ReplicationController
metadata: {name: old, namespace: shop}
spec: {selector: {app: old}, template: {metadata: {labels: {app: old}}}}
---
apiVersion: batch/v1beta1
kind: CronJob
metadata: {name: night, namespace: shop}
spec: {jobTemplate: {spec: {template: {metadata: {labels: {app: night}}}}}}
)");
  ASSERT_EQ(found.owners.size(), 3U);
  EXPECT_EQ(found.owners[0].kind, "Deployment");
  EXPECT_EQ(found.owners[0].selector.labels, (Labels{{"app", "web"}}));
  EXPECT_THAT(found.owners[0].selector.expressions,
              ElementsAre(LabelRequirement{"tier", "NotIn", {"a", "b"}},
                          LabelRequirement{"x", "Exists", {}}));
  EXPECT_EQ(found.owners[0].template_labels.at("env"), "prod");
  EXPECT_EQ(found.owners[1].selector.labels, (Labels{{"app", "old"}}));
  EXPECT_TRUE(found.owners[2].selector.empty());
  EXPECT_EQ(found.owners[2].template_labels, (Labels{{"app", "night"}}));
}

TEST(KubeReader, ANodeHasTheAddressesFromWhichItCallsPods) {
  const auto node = inventory_of(R"(
apiVersion: v1
kind: Node
metadata:
  name: n1
  annotations: {projectcalico.org/IPv4IPIPTunnelAddr: 10.244.9.1, projectcalico.org/IPv4Address: 192.168.0.1/24}
spec: {podCIDR: 10.244.0.0/24, podCIDRs: [10.244.0.0/24, "fd00::/64", nonsense]}
status: {addresses: [{type: InternalIP, address: 192.168.0.1}, {type: Hostname, address: n1}]}
)")
                        .nodes.at(0);
  ASSERT_EQ(node.addresses.size(), 2U);
  EXPECT_EQ(node.addresses[0].text(), "192.168.0.1");
  EXPECT_EQ(node.addresses[1].text(), "10.244.9.1");
  EXPECT_THAT(node.pod_cidrs, ElementsAre("10.244.0.0/24", "fd00::/64"));
}

TEST(KubeReader, AServersListSaysTheKindOnceForAll) {
  KubeReader reader(kSeen);
  reader.take(json::parse(R"({"items":[{"metadata":{"name":"a"}},{"metadata":{}}],
    "kind":"EndpointSliceList","apiVersion":"discovery.k8s.io/v1"})"));
  EXPECT_THAT(reader.read(), ElementsAre(Pair("EndpointSlice", 1)));
  EXPECT_EQ(reader.unreadable(), 1U);
}

TEST(KubeReader, OtherKindsAreCountedAndListsInListsAreNot) {
  KubeReader reader(kSeen);
  reader.take(json::parse(R"({"kind":"List","items":[
    {"kind":"Secret","apiVersion":"v1","metadata":{"name":"s"},"data":{"p":"c2VjcmV0"}},
    {"kind":"List","items":[]}, 7, null, {"kind":7}]})"));
  EXPECT_THAT(reader.passed_over(), ElementsAre(Pair("Secret", 1)));
  EXPECT_EQ(reader.unreadable(), 4U);
  EXPECT_THAT(reader.take_rows(), IsEmpty());
}

// Members of other types than expected must not matter.
TEST(KubeReader, HostileObjectsAreReadWithoutHarm) {
  const auto pod = (*yaml_documents(kPod))[0];
  const std::vector<json> values = {nullptr, 7,     "x", json::array({1}), json::object({{"a", 1}}),
                                    -1,      1e300, true};
  const auto flat = pod.flatten();
  for (const auto& [path, ignored] : flat.items()) {
    for (const auto& value : values) {
      for (json::json_pointer at(path); !at.empty(); at = at.parent_pointer()) {
        auto changed = pod;
        changed[at] = value;
        KubeReader reader(kSeen);
        reader.take(changed);
        inventory_of(reader);
      }
    }
  }
}

TEST(KubeFiles, JsonDocumentsMayFollowEachOther) {
  KubeReader reader(kSeen);
  EXPECT_TRUE(
      take_json_documents(R"( {"kind":"Namespace","apiVersion":"v1","metadata":{"name":"a}\""}}
    {"kind":"Namespace","apiVersion":"v1","metadata":{"name":"b"}} )",
                          reader));
  EXPECT_THAT(reader.read(), ElementsAre(Pair("Namespace", 2)));
}

TEST(KubeFiles, LabelsCalledAsWhatIsNotNeededStay) {
  KubeReader reader(kSeen);
  const auto text = (*yaml_documents(kPod))[0].dump();
  EXPECT_TRUE(take_json_documents(text, reader));
  const auto found = inventory_of(reader);
  EXPECT_THAT(found.pods.at(0).labels,
              ElementsAre(Pair("app", "web"), Pair("data", "1"), Pair("env", "prod")));
  EXPECT_EQ(found.pods.at(0).ports.size(), 3U);
}

TEST(KubeFiles, WhatIsNoJsonIsAnError) {
  for (const auto* text : {"{", "{}}", "[1,", "{\"a\":\"", "] {}", "{\"a\\", "{} x"}) {
    KubeReader reader(kSeen);
    EXPECT_FALSE(take_json_documents(text, reader)) << text;
  }
}

TEST(YamlJson, PlainScalarsAreWhatTheyLookLikeAndQuotedOnesAreText) {
  const auto documents =
      yaml_documents("[1, \"1\", true, 'true', null, ~, 1.5, 1.2.3, 0x1f, a: b]");
  ASSERT_TRUE(documents);
  EXPECT_EQ((*documents)[0].dump(),
            R"([1,"1",true,"true",null,null,1.5,"1.2.3","0x1f",{"a":"b"}])");
}

TEST(YamlJson, BombsAreErrors) {
  std::string aliases = "a: &a [x,x,x,x,x,x,x,x,x]\n";
  for (char c = 'b'; c < 'k'; ++c) {
    const std::string last(1, static_cast<char>(c - 1));
    aliases += fmt::format("{0}: &{0} [*{1},*{1},*{1},*{1},*{1},*{1},*{1},*{1}]\n", c, last);
  }
  EXPECT_FALSE(yaml_documents(aliases));
  EXPECT_FALSE(yaml_documents(std::string(100'000, '[')));
  EXPECT_FALSE(yaml_documents("a: [b"));
  EXPECT_FALSE(yaml_documents("&a [*a]")) << "a list that has itself";
}

TEST(KubeTime, IsAsRfc3339HasIt) {
  EXPECT_EQ(parse_kube_time("2025-11-03T12:00:00Z"), kNoon);
  EXPECT_EQ(parse_kube_time("2025-11-03T13:30:00+01:30"), kNoon);
  EXPECT_EQ(parse_kube_time("2025-11-03T11:00:00.250000-01:00"), kNoon + kSecond / 4);
  for (const auto* text :
       {"", "2025", "2025-11-03", "2025-13-03T12:00:00Z", "2025-11-31T12:00:00Z",
        "2025-11-03T25:00:00Z", "2025-11-03T12:00:00", "2025-11-03T12:00:00Zx",
        "9999-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "-025-11-03T12:00:00Z"}) {
    EXPECT_FALSE(parse_kube_time(text)) << text;
  }
}

}  // namespace
}  // namespace ig
