// SPDX-License-Identifier: Apache-2.0
#include "recorder/inventory/kube_parts.h"

#include <algorithm>
#include <charconv>

#include "base/json.h"

namespace ig::kube {
namespace {

json expressions(const json& list) {
  auto made = json::array();
  if (!list.is_array()) return made;
  for (const auto& one : list) {
    json expression = {{"key", json_text(one, {"key"})},
                       {"operator", json_text(one, {"operator"})}};
    auto values = json::array();
    const auto& given = json_at(one, {"values"});
    for (std::size_t i = 0; given.is_array() && i < given.size(); ++i) {
      if (given[i].is_string()) values.push_back(given[i]);
    }
    set(expression, "values", std::move(values));
    made.push_back(std::move(expression));
  }
  return made;
}

}  // namespace

std::string cell(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

void set(json& object, const char* key, json value) {
  const bool says_nothing = value.empty() || value == json(false) || value == json(0) ||
                            (value.is_string() && value.get_ref<const std::string&>().empty());
  if (!says_nothing) object[key] = std::move(value);
}

json labels(const json& value) { return json_texts(value); }

json selector(const json& spec_selector) {
  auto made = json::object();
  set(made, "matchLabels", labels(json_at(spec_selector, {"matchLabels"})));
  set(made, "matchExpressions", expressions(json_at(spec_selector, {"matchExpressions"})));
  return made;
}

OwnerReference controller(const json& metadata) {
  const auto& owners = json_at(metadata, {"ownerReferences"});
  for (std::size_t i = 0; owners.is_array() && i < owners.size(); ++i) {
    const auto& owner = owners[i];
    if (!json_bool(owner, {"controller"})) continue;
    return {json_text(owner, {"kind"}), json_text(owner, {"name"}), json_text(owner, {"uid"})};
  }
  return {};
}

void AddressList::add(const json& value) {
  if (!value.is_string()) return;
  const auto address = IpAddress::parse(value.get_ref<const std::string&>());
  if (!address) return;
  json text = address->text();
  if (std::ranges::find(list_, text) == list_.end()) list_.push_back(std::move(text));
}

void AddressList::add_each(const json& list) {
  if (!list.is_array()) return;
  for (const auto& one : list) add(one);
}

void AddressList::add_members(const json& list, const char* key) {
  if (!list.is_array()) return;
  for (const auto& one : list) add(json_at(one, {key}));
}

std::uint16_t port_number(const json& value) {
  if (!value.is_number_integer()) return 0;
  const auto number = value.get<std::int64_t>();
  return number > 0 && number <= 0xffff ? static_cast<std::uint16_t>(number) : 0;
}

std::string protocol(const json& port) {
  const auto text = json_text(port, {"protocol"});
  return text.empty() ? "TCP" : text;
}

json container_port(const json& port, const char* key) {
  const auto number = port_number(json_at(port, {key}));
  if (number == 0) return nullptr;
  json made = {{"protocol", protocol(port)}, {"port", number}};
  set(made, "name", json_text(port, {"name"}));
  return made;
}

}  // namespace ig::kube
