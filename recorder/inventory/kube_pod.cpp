// SPDX-License-Identifier: Apache-2.0
#include "recorder/inventory/kube_pod.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

#include "base/json.h"
#include "recorder/inventory/kube_time.h"

namespace ig::kube {
namespace {

// Kubernetes cuts times to the second: what ended in it ended at its last moment at the latest.
constexpr std::int64_t kRestOfSecond = 999'999'999;

const json kNone = json::array();

const json& list_at(const json& value, std::initializer_list<const char*> keys) {
  const auto& list = json_at(value, keys);
  return list.is_array() ? list : kNone;
}

// Those that run as long as the pod does: containers, and init containers that are restarted.
std::vector<const json*> lasting_containers(const json& pod) {
  std::vector<const json*> found;
  for (const auto& container : list_at(pod, {"spec", "containers"})) found.push_back(&container);
  for (const auto& container : list_at(pod, {"spec", "initContainers"})) {
    if (json_text(container, {"restartPolicy"}) == "Always") found.push_back(&container);
  }
  return found;
}

json ports(const std::vector<const json*>& containers) {
  auto made = json::array();
  for (const auto* container : containers) {
    for (const auto& port : list_at(*container, {"ports"})) {
      auto one = container_port(port, "containerPort");
      if (one.is_object()) made.push_back(std::move(one));
    }
  }
  return made;
}

// A port by its number, or by the name that its container gives it.
std::uint16_t port_of(const json& port, const json& container) {
  if (!port.is_string()) return port_number(port);
  for (const auto& one : list_at(container, {"ports"})) {
    if (json_at(one, {"name"}) == port) return port_number(json_at(one, {"containerPort"}));
  }
  return 0;
}

void add_probe(json& probes, const char* kind, std::uint16_t port) {
  if (port == 0) return;
  json probe = {{"kind", kind}, {"protocol", "TCP"}, {"port", port}};
  if (std::ranges::find(probes, probe) == probes.end()) probes.push_back(std::move(probe));
}

void add_probes(json& probes, const json& container) {
  const std::initializer_list<std::pair<const char*, const char*>> kKinds = {
      {"livenessProbe", "liveness"}, {"readinessProbe", "readiness"}, {"startupProbe", "startup"}};
  for (const auto& [member, kind] : kKinds) {
    for (const auto* way : {"httpGet", "tcpSocket", "grpc"}) {
      const auto& call = json_at(container, {member, way});
      // One that names a host calls that one, and not the pod.
      if (json_text(call, {"host"}).empty()) {
        add_probe(probes, kind, port_of(json_at(call, {"port"}), container));
      }
    }
  }
}

// Prometheus, where annotations ask for it; without a port it calls all that are declared.
void add_metrics(json& probes, const json& pod, const json& declared) {
  const auto& annotations = json_at(pod, {"metadata", "annotations"});
  if (json_text(annotations, {"prometheus.io/scrape"}) != "true") return;
  const auto text = json_text(annotations, {"prometheus.io/port"});
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size()) {
    return add_probe(probes, "metrics", port_number(number));
  }
  for (const auto& port : declared) {
    if (json_text(port, {"protocol"}) == "TCP") {
      add_probe(probes, "metrics", port_number(port["port"]));
    }
  }
}

constexpr std::initializer_list<const char*> kStatuses = {
    "containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"};

json container_ids(const json& pod) {
  std::set<std::string> ids;
  const auto add = [&](const std::string& id) {
    const auto scheme = id.find("://");  // "containerd://4f1d…"
    if (scheme != std::string::npos && scheme + 3 < id.size()) ids.insert(id.substr(scheme + 3));
  };
  for (const auto* statuses : kStatuses) {
    for (const auto& status : list_at(pod, {"status", statuses})) {
      add(json_text(status, {"containerID"}));
      add(json_text(status, {"lastState", "terminated", "containerID"}));
    }
  }
  return ids;
}

// When the last container finished; nothing where one may still run.
std::optional<std::int64_t> end_of(const json& pod) {
  const auto phase = json_text(pod, {"status", "phase"});
  if (phase != "Succeeded" && phase != "Failed") return std::nullopt;
  std::optional<std::int64_t> last;
  for (const auto& status : list_at(pod, {"status", "containerStatuses"})) {
    const auto finished = parse_kube_time(json_text(status, {"state", "terminated", "finishedAt"}));
    if (!finished) return std::nullopt;
    last = std::max(last.value_or(0), *finished);
  }
  return last;
}

json addresses(const json& pod) {
  AddressList list;
  list.add(json_at(pod, {"status", "podIP"}));
  list.add_members(json_at(pod, {"status", "podIPs"}), "ip");
  return list.take();
}

}  // namespace

void read_pod(const json& pod, InventoryRow& row) {
  const auto found = addresses(pod);
  const auto started = parse_kube_time(json_text(pod, {"status", "startTime"}));
  if (!found.empty() && started) row.valid.from_ns = *started;
  if (const auto ended = end_of(pod)) row.valid.to_ns = *ended + kRestOfSecond;
  row.addresses = cell(found);
  row.containers = cell(container_ids(pod));

  const auto containers = lasting_containers(pod);
  const auto declared = ports(containers);
  auto probes = json::array();
  for (const auto* container : containers) add_probes(probes, *container);
  add_metrics(probes, pod, declared);
  auto spec = json::object();
  set(spec, "node", json_text(pod, {"spec", "nodeName"}));
  set(spec, "hostNetwork", json_bool(pod, {"spec", "hostNetwork"}));
  set(spec, "ports", declared);
  set(spec, "probes", std::move(probes));
  row.spec = cell(spec);
}

}  // namespace ig::kube
