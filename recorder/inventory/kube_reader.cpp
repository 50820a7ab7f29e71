// SPDX-License-Identifier: Apache-2.0
#include "recorder/inventory/kube_reader.h"

#include <algorithm>
#include <array>

#include "base/json.h"
#include "recorder/inventory/kube_parts.h"
#include "recorder/inventory/kube_pod.h"
#include "recorder/inventory/kube_service.h"
#include "recorder/inventory/kube_time.h"

namespace ig {
namespace {

using kube::json;

void read_nothing_more(const json&, InventoryRow&) {}

// What networks write down of a node's addresses: from these it calls pods.
constexpr std::array<const char*, 8> kNodeAddressAnnotations = {
    "projectcalico.org/IPv4Address",         "projectcalico.org/IPv6Address",
    "projectcalico.org/IPv4IPIPTunnelAddr",  "projectcalico.org/IPv4VXLANTunnelAddr",
    "projectcalico.org/IPv6VXLANTunnelAddr", "network.cilium.io/ipv4-cilium-host",
    "network.cilium.io/ipv6-cilium-host",    "io.cilium.network.ipv4-cilium-host"};

void read_node(const json& node, InventoryRow& row) {
  kube::AddressList addresses;
  addresses.add_members(json_at(node, {"status", "addresses"}), "address");
  for (const auto* key : kNodeAddressAnnotations) {
    const auto text = json_text(node, {"metadata", "annotations", key});
    addresses.add(text.substr(0, text.find('/')));
  }
  row.addresses = kube::cell(addresses.take());
  auto networks = json::array();
  const auto add = [&](const json& network) {
    if (!network.is_string() || !IpNetwork::parse(network.get_ref<const std::string&>())) return;
    if (std::ranges::find(networks, network) == networks.end()) networks.push_back(network);
  };
  add(json_at(node, {"spec", "podCIDR"}));
  const auto& more = json_at(node, {"spec", "podCIDRs"});
  for (std::size_t i = 0; more.is_array() && i < more.size(); ++i) add(more[i]);
  auto spec = json::object();
  kube::set(spec, "podCIDRs", std::move(networks));
  row.spec = kube::cell(spec);
}

void set_owner_spec(InventoryRow& row, json selector, const json& pod_template) {
  auto spec = json::object();
  kube::set(spec, "selector", std::move(selector));
  kube::set(spec, "templateLabels", kube::labels(json_at(pod_template, {"metadata", "labels"})));
  row.spec = kube::cell(spec);
}

void read_owner(const json& owner, InventoryRow& row) {
  set_owner_spec(row, kube::selector(json_at(owner, {"spec", "selector"})),
                 json_at(owner, {"spec", "template"}));
}

void read_cron_job(const json& owner, InventoryRow& row) {
  set_owner_spec(row, json::object(), json_at(owner, {"spec", "jobTemplate", "spec", "template"}));
}

// Its selector is older than expressions.
void read_replication_controller(const json& owner, InventoryRow& row) {
  auto selector = json::object();
  kube::set(selector, "matchLabels", kube::labels(json_at(owner, {"spec", "selector"})));
  set_owner_spec(row, std::move(selector), json_at(owner, {"spec", "template"}));
}

struct Kind {
  std::string_view name;
  std::string_view group;  // others have kinds of the same name; "" = the core's
  void (*read)(const json&, InventoryRow&);
};

constexpr std::array<Kind, 13> kKinds = {
    {{"Pod", "", kube::read_pod},
     {"Service", "", kube::read_service},
     {"Endpoints", "", kube::read_endpoints},
     {"EndpointSlice", "discovery.k8s.io", kube::read_endpoint_slice},
     {"Namespace", "", read_nothing_more},
     {"Node", "", read_node},
     {"ReplicationController", "", read_replication_controller},
     {"Deployment", "apps", read_owner},
     {"ReplicaSet", "apps", read_owner},
     {"StatefulSet", "apps", read_owner},
     {"DaemonSet", "apps", read_owner},
     {"Job", "batch", read_owner},
     {"CronJob", "batch", read_cron_job}}};

const Kind* find_kind(const std::string& name, const std::string& api_version) {
  const auto slash = api_version.find('/');
  const auto group = api_version.substr(0, slash == std::string::npos ? 0 : slash);
  const auto found = std::ranges::find_if(
      kKinds, [&](const Kind& kind) { return kind.name == name && kind.group == group; });
  return found == kKinds.end() ? nullptr : &*found;
}

bool is_list(const json& document, const std::string& kind) {
  return kind.ends_with("List") && json_at(document, {"items"}).is_array();
}

std::string or_else(std::string text, const std::string& other) {
  return text.empty() ? other : text;
}

}  // namespace

void KubeReader::take_list(const json& list, const std::string& kind,
                           const std::string& api_version) {
  // "List" holds any kind, "PodList" pods that do not say so.
  const auto of_items = kind.substr(0, kind.size() - std::string_view("List").size());
  for (const auto& item : list["items"]) {
    // A list in a list is nobody's; without this a file could make the reader go deep.
    if (is_list(item, json_text(item, {"kind"}))) {
      ++unreadable_;
    } else {
      take(item, of_items, of_items.empty() ? "" : api_version);
    }
  }
}

void KubeReader::take(const json& document, const std::string& of_list,
                      const std::string& version_of_list) {
  const auto kind = or_else(json_text(document, {"kind"}), of_list);
  const auto api_version = or_else(json_text(document, {"apiVersion"}), version_of_list);
  if (is_list(document, kind)) return take_list(document, kind, api_version);
  const auto& metadata = json_at(document, {"metadata"});
  InventoryRow row;
  row.key = {kind, json_text(metadata, {"namespace"}), json_text(metadata, {"name"}),
             json_text(metadata, {"uid"})};
  if (kind.empty() || row.key.name.empty()) {
    ++unreadable_;
    return;
  }
  const auto* known = find_kind(kind, api_version);
  if (known == nullptr) {
    ++passed_over_[kind];
    return;
  }
  row.seen_ns = seen_ns_;
  row.valid.from_ns = parse_kube_time(json_text(metadata, {"creationTimestamp"})).value_or(0);
  row.labels = kube::cell(kube::labels(json_at(metadata, {"labels"})));
  row.owner = kube::controller(metadata);
  known->read(document, row);
  ++read_[kind];
  rows_.push_back(std::move(row));
}

}  // namespace ig
