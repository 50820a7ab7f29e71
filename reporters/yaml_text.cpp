// SPDX-License-Identifier: Apache-2.0
#include "reporters/yaml_text.h"

#include <nlohmann/json.hpp>

#include "base/yaml.h"
#include "reporters/cell.h"

namespace ig {
namespace {

using Json = nlohmann::ordered_json;

std::string scalar(const Json& value) {
  if (value.is_string()) return yaml_scalar(value.get_ref<const std::string&>());
  return json_line(value);  // {} and [] too
}

void write(const Json& value, std::size_t indent, std::string& out) {
  const auto write_child = [&](const Json& child) {
    if (child.is_structured() && !child.empty()) {
      out += '\n';
      write(child, indent + 2, out);
    } else {
      out += ' ' + scalar(child) + '\n';
    }
  };
  if (value.is_object()) {
    for (const auto& [key, child] : value.items()) {
      out += std::string(indent, ' ') + yaml_scalar(key) + ':';
      write_child(child);
    }
  } else {
    for (const auto& child : value) {
      out += std::string(indent, ' ') + '-';
      write_child(child);
    }
  }
}

}  // namespace

std::string yaml_text(const Json& value) {
  if (!value.is_structured() || value.empty()) return scalar(value) + '\n';
  std::string out;
  write(value, 0, out);
  return out;
}

}  // namespace ig
