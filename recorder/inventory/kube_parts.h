// SPDX-License-Identifier: Apache-2.0
// Parts that several kinds of Kubernetes objects have, in the form that the inventory gives them
// (schemas/0003_inventory.sql). What is empty, false or 0 is left out.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "store/inventory.h"

namespace ig::kube {

using nlohmann::json;

// JSON as a cell has it: bytes that are not UTF-8 are replaced.
std::string cell(const json& value);
void set(json& object, const char* key, json value);  // unless it says nothing

json labels(const json& value);  // the members that are texts
json selector(const json& spec_selector);
OwnerReference controller(const json& metadata);

// Addresses in one spelling, each once, in the order in which they are added.
class AddressList {
 public:
  void add(const json& value);                          // a text that is an address
  void add_each(const json& list);                      // of texts
  void add_members(const json& list, const char* key);  // of objects
  json take() { return std::move(list_); }

 private:
  json list_ = json::array();
};

// 0 where it is no port.
std::uint16_t port_number(const json& value);
// "TCP" where nothing is said.
std::string protocol(const json& port);
// A port of `key` (port, containerPort); null where it has no such number.
json container_port(const json& port, const char* key);

}  // namespace ig::kube
