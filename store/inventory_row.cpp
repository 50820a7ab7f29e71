// SPDX-License-Identifier: Apache-2.0
#include "store/inventory_row.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/json.h"

namespace ig {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 7> kOwnerKinds = {
    "CronJob",    "DaemonSet", "Deployment", "Job", "ReplicaSet", "ReplicationController",
    "StatefulSet"};

// Reads the cells of one row and remembers whether one of them was damaged.
class RowReader {
 public:
  bool is_sound() const { return sound_; }

  json parse(const std::string& cell, json::value_t type) {
    auto value = json::parse(cell, nullptr, false);
    if (value.type() == type) return value;
    sound_ = false;
    return json(type);
  }

  std::vector<std::string> texts(const json& list) {
    std::vector<std::string> found;
    for_each(list, [&](const json& item) {
      if (item.is_string()) {
        found.push_back(item.get<std::string>());
      } else {
        sound_ = false;
      }
    });
    return found;
  }

  std::vector<IpAddress> addresses(const json& list) {
    std::vector<IpAddress> found;
    for (const auto& text : texts(list)) {
      const auto address = IpAddress::parse(text);
      if (address) found.push_back(*address);
      sound_ = sound_ && address;
    }
    return found;
  }

  std::uint16_t port(const json& value, const char* key) {
    const auto number = json_integer(value, {key});
    sound_ = sound_ && number >= 0 && number <= 0xffff;
    return static_cast<std::uint16_t>(number);
  }

  template <typename Item>
  auto list(const json& value, const char* key, Item (RowReader::*item_of)(const json&)) {
    std::vector<Item> items;
    for_each(json_at(value, {key}),
             [&](const json& one) { items.push_back((this->*item_of)(one)); });
    return items;
  }

  ContainerPort container_port(const json& value) {
    return {json_text(value, {"name"}), json_text(value, {"protocol"}), port(value, "port")};
  }
  ProbePort probe_port(const json& value) {
    return {json_text(value, {"kind"}), json_text(value, {"protocol"}), port(value, "port")};
  }
  ServicePort service_port(const json& value) {
    ServicePort found{.name = json_text(value, {"name"}),
                      .protocol = json_text(value, {"protocol"}),
                      .port = port(value, "port"),
                      .target_port = 0,
                      .target_port_name = json_text(value, {"targetPort"}),
                      .node_port = port(value, "nodePort")};
    if (found.target_port_name.empty()) found.target_port = port(value, "targetPort");
    return found;
  }
  KubeEndpoint endpoint(const json& value) {
    return {.addresses = addresses(json_at(value, {"addresses"})),
            .ready = !json_bool(value, {"notReady"}),
            .pod = json_text(value, {"pod"}),
            .pod_uid = json_text(value, {"podUid"}),
            .node = json_text(value, {"node"})};
  }
  LabelRequirement requirement(const json& value) {
    return {json_text(value, {"key"}), json_text(value, {"operator"}),
            texts(json_at(value, {"values"}))};
  }
  LabelSelector selector(const json& value) {
    return {json_texts(json_at(value, {"matchLabels"})),
            list(value, "matchExpressions", &RowReader::requirement)};
  }

 private:
  template <typename Function>
  void for_each(const json& list, Function&& function) {
    sound_ = sound_ && (list.is_array() || list.is_null());
    if (!list.is_array()) return;
    for (const auto& item : list) function(item);
  }

  bool sound_ = true;
};

template <typename T>
T as(const KubeObject& object) {
  T made;
  static_cast<KubeObject&>(made) = object;
  return made;
}

KubePod pod_of(const KubeObject& object, const InventoryRow& row, const json& spec,
               RowReader& reader) {
  auto pod = as<KubePod>(object);
  pod.addresses = reader.addresses(reader.parse(row.addresses, json::value_t::array));
  pod.node = json_text(spec, {"node"});
  pod.host_network = json_bool(spec, {"hostNetwork"});
  pod.ports = reader.list(spec, "ports", &RowReader::container_port);
  pod.probes = reader.list(spec, "probes", &RowReader::probe_port);
  pod.container_ids = reader.texts(reader.parse(row.containers, json::value_t::array));
  return pod;
}

KubeService service_of(const KubeObject& object, const InventoryRow& row, const json& spec,
                       RowReader& reader) {
  auto service = as<KubeService>(object);
  service.type = json_text(spec, {"type"});
  service.addresses = reader.addresses(reader.parse(row.addresses, json::value_t::array));
  service.selector = json_texts(json_at(spec, {"selector"}));
  service.ports = reader.list(spec, "ports", &RowReader::service_port);
  return service;
}

std::vector<KubeEndpoints> endpoints_of(const KubeObject& object, const json& spec,
                                        RowReader& reader) {
  std::vector<KubeEndpoints> found;
  const auto& subsets = json_at(spec, {"subsets"});
  for (std::size_t i = 0; subsets.is_array() && i < subsets.size(); ++i) {
    auto endpoints = as<KubeEndpoints>(object);
    endpoints.service = json_text(spec, {"service"});
    endpoints.endpoints = reader.list(subsets[i], "endpoints", &RowReader::endpoint);
    endpoints.ports = reader.list(subsets[i], "ports", &RowReader::container_port);
    found.push_back(std::move(endpoints));
  }
  return found;
}

KubeNode node_of(const KubeObject& object, const InventoryRow& row, const json& spec,
                 RowReader& reader) {
  auto node = as<KubeNode>(object);
  node.addresses = reader.addresses(reader.parse(row.addresses, json::value_t::array));
  node.pod_cidrs = reader.texts(json_at(spec, {"podCIDRs"}));
  return node;
}

KubeOwner owner_of(const KubeObject& object, const InventoryRow& row, const json& spec,
                   RowReader& reader) {
  auto owner = as<KubeOwner>(object);
  owner.kind = row.key.kind;
  owner.selector = reader.selector(json_at(spec, {"selector"}));
  owner.template_labels = json_texts(json_at(spec, {"templateLabels"}));
  return owner;
}

std::unexpected<Error> damaged(const InventoryKey& key) {
  return fail(ErrorCode::kInvalid,
              fmt::format("the inventory's {} '{}' is damaged", key.kind, key.name));
}

}  // namespace

Result<> take_row(const InventoryRow& row, Inventory& inventory) {
  RowReader reader;
  const auto& kind = row.key.kind;
  const auto spec = reader.parse(row.spec, json::value_t::object);
  KubeObject object{.kube_namespace = row.key.kube_namespace,
                    .name = row.key.name,
                    .uid = row.key.uid,
                    .labels = json_texts(reader.parse(row.labels, json::value_t::object)),
                    .owner = row.owner,
                    .valid = row.valid};
  if (row.valid.from_ns > row.valid.to_ns) return damaged(row.key);
  // What is made of a damaged row is thrown away, so each branch adds only when all was sound.
  const auto add = [&]<typename T>(std::vector<T>& list, T made) -> Result<> {
    if (!reader.is_sound()) return damaged(row.key);
    list.push_back(std::move(made));
    return {};
  };
  if (kind == "Pod") return add(inventory.pods, pod_of(object, row, spec, reader));
  if (kind == "Service") return add(inventory.services, service_of(object, row, spec, reader));
  if (kind == "Namespace") return add(inventory.namespaces, as<KubeNamespace>(object));
  if (kind == "Node") return add(inventory.nodes, node_of(object, row, spec, reader));
  if (kind == "EndpointSlice" || kind == "Endpoints") {
    for (auto& endpoints : endpoints_of(object, spec, reader)) {
      IG_TRY(add(inventory.endpoints, std::move(endpoints)));
    }
    return {};
  }
  if (std::ranges::find(kOwnerKinds, kind) == kOwnerKinds.end()) return damaged(row.key);
  return add(inventory.owners, owner_of(object, row, spec, reader));
}

}  // namespace ig
