// SPDX-License-Identifier: Apache-2.0
#include "recorder/inventory/kube_service.h"

#include <charconv>

#include "base/json.h"

namespace ig::kube {
namespace {

// A number, a number as text, or the name of a port of the pods; where nothing is said, the port.
json target_port(const json& port) {
  const auto& target = json_at(port, {"targetPort"});
  if (const auto number = port_number(target)) return number;
  if (target.is_string()) {
    const auto text = target.get<std::string>();
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc() && end == text.data() + text.size()) return port_number(number);
    if (!text.empty()) return text;
  }
  return port_number(json_at(port, {"port"}));
}

json service_ports(const json& list) {
  auto made = json::array();
  for (std::size_t i = 0; list.is_array() && i < list.size(); ++i) {
    auto port = container_port(list[i], "port");
    if (!port.is_object()) continue;
    set(port, "targetPort", target_port(list[i]));
    set(port, "nodePort", port_number(json_at(list[i], {"nodePort"})));
    made.push_back(std::move(port));
  }
  return made;
}

void set_target(json& endpoint, const json& reference) {
  if (json_text(reference, {"kind"}) != "Pod") return;
  set(endpoint, "pod", json_text(reference, {"name"}));
  set(endpoint, "podUid", json_text(reference, {"uid"}));
}

json endpoint_ports(const json& list) {
  auto made = json::array();
  for (std::size_t i = 0; list.is_array() && i < list.size(); ++i) {
    auto port = container_port(list[i], "port");
    if (port.is_object()) made.push_back(std::move(port));
  }
  return made;
}

// Of a slice. A name in the place of an address (addressType FQDN) is no endpoint.
json slice_endpoint(const json& endpoint, AddressList& all) {
  AddressList own;
  own.add_each(json_at(endpoint, {"addresses"}));
  auto addresses = own.take();
  if (addresses.empty()) return nullptr;
  all.add_each(addresses);
  json made = {{"addresses", std::move(addresses)}};
  const auto& ready = json_at(endpoint, {"conditions", "ready"});
  set(made, "notReady", ready.is_boolean() && !ready.get<bool>());
  set_target(made, json_at(endpoint, {"targetRef"}));
  auto node = json_text(endpoint, {"nodeName"});
  if (node.empty()) node = json_text(endpoint, {"topology", "kubernetes.io/hostname"});  // v1beta1
  set(made, "node", std::move(node));
  return made;
}

void add_subset_endpoints(json& made, const json& list, bool is_ready, AddressList& all) {
  for (std::size_t i = 0; list.is_array() && i < list.size(); ++i) {
    AddressList own;
    own.add(json_at(list[i], {"ip"}));
    auto addresses = own.take();
    if (addresses.empty()) continue;
    all.add_each(addresses);
    json endpoint = {{"addresses", std::move(addresses)}};
    set(endpoint, "notReady", !is_ready);
    set_target(endpoint, json_at(list[i], {"targetRef"}));
    set(endpoint, "node", json_text(list[i], {"nodeName"}));
    made.push_back(std::move(endpoint));
  }
}

json subset_of(json endpoints, const json& ports) {
  auto subset = json::object();
  set(subset, "endpoints", std::move(endpoints));
  set(subset, "ports", endpoint_ports(ports));
  return subset;
}

// Of a slice it is a label; where somebody left that out, what owns it.
std::string service_of(const json& slice) {
  const auto& metadata = json_at(slice, {"metadata"});
  const auto name = json_text(metadata, {"labels", "kubernetes.io/service-name"});
  if (!name.empty()) return name;
  const auto& owners = json_at(metadata, {"ownerReferences"});
  for (std::size_t i = 0; owners.is_array() && i < owners.size(); ++i) {
    if (json_text(owners[i], {"kind"}) == "Service") return json_text(owners[i], {"name"});
  }
  return "";
}

}  // namespace

void read_service(const json& service, InventoryRow& row) {
  AddressList addresses;
  addresses.add(json_at(service, {"spec", "clusterIP"}));
  addresses.add_each(json_at(service, {"spec", "clusterIPs"}));
  addresses.add_each(json_at(service, {"spec", "externalIPs"}));
  addresses.add_members(json_at(service, {"status", "loadBalancer", "ingress"}), "ip");
  row.addresses = cell(addresses.take());
  const auto type = json_text(service, {"spec", "type"});
  json spec = {{"type", type.empty() ? "ClusterIP" : type}};
  set(spec, "selector", labels(json_at(service, {"spec", "selector"})));
  set(spec, "ports", service_ports(json_at(service, {"spec", "ports"})));
  row.spec = cell(spec);
}

void read_endpoint_slice(const json& slice, InventoryRow& row) {
  AddressList all;
  auto endpoints = json::array();
  const auto& list = json_at(slice, {"endpoints"});
  for (std::size_t i = 0; list.is_array() && i < list.size(); ++i) {
    auto endpoint = slice_endpoint(list[i], all);
    if (endpoint.is_object()) endpoints.push_back(std::move(endpoint));
  }
  json spec = {{"subsets", {subset_of(std::move(endpoints), json_at(slice, {"ports"}))}}};
  set(spec, "service", service_of(slice));
  row.addresses = cell(all.take());
  row.spec = cell(spec);
}

void read_endpoints(const json& endpoints, InventoryRow& row) {
  AddressList all;
  auto subsets = json::array();
  const auto& list = json_at(endpoints, {"subsets"});
  for (std::size_t i = 0; list.is_array() && i < list.size(); ++i) {
    auto made = json::array();
    add_subset_endpoints(made, json_at(list[i], {"addresses"}), true, all);
    add_subset_endpoints(made, json_at(list[i], {"notReadyAddresses"}), false, all);
    subsets.push_back(subset_of(std::move(made), json_at(list[i], {"ports"})));
  }
  json spec = {{"service", row.key.name}};
  set(spec, "subsets", std::move(subsets));
  row.addresses = cell(all.take());
  row.spec = cell(spec);
}

}  // namespace ig::kube
