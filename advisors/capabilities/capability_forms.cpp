// SPDX-License-Identifier: Apache-2.0
#include "advisors/capabilities/capability_forms.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/text.h"

namespace ig {
namespace {

std::string comment_lines(const CapabilityPolicy& policy) {
  std::string text;
  for (const std::string& line : policy.comments) text += "# " + line + "\n";
  return text;
}

// Kubernetes and compose leave out the CAP_.
std::string short_name(const std::string& name) { return name.substr(4); }

std::string yaml_list(std::string_view key, const std::set<std::string>& names,
                      std::string_view indent) {
  if (names.empty()) return "";
  std::string text = fmt::format("{}{}:\n", indent, key);
  for (const std::string& name : names) {
    text += fmt::format("{}  - {}\n", indent, short_name(name));
  }
  return text;
}

std::string yaml_drop(std::string_view key, bool enforce, std::string_view indent) {
  return enforce ? fmt::format("{}{}:\n{}  - ALL\n", indent, key, indent)
                 : fmt::format("{}# {}: [ALL]\n", indent, key);
}

std::string words(const std::set<std::string>& names) {
  return join(std::vector<std::string>(names.begin(), names.end()), " ");
}

}  // namespace

std::string kubernetes_capabilities(const CapabilityPolicy& policy) {
  std::string text = comment_lines(policy) + "securityContext:\n  capabilities:\n";
  // A key without a value would be null, which is not a map.
  if (!policy.enforce && policy.add.empty()) {
    return comment_lines(policy) + "securityContext:\n  capabilities: {}  # drop: [ALL]\n";
  }
  return text + yaml_drop("drop", policy.enforce, "    ") + yaml_list("add", policy.add, "    ");
}

std::string compose_capabilities(const CapabilityPolicy& policy) {
  const std::string head = comment_lines(policy) + "services:\n";
  if (!policy.enforce && policy.add.empty()) {
    return head + fmt::format("  {}: {{}}  # cap_drop: [ALL]\n", policy.name);
  }
  return head + fmt::format("  {}:\n", policy.name) +
         yaml_drop("cap_drop", policy.enforce, "    ") + yaml_list("cap_add", policy.add, "    ");
}

// An empty assignment forgets what the unit and earlier files said; without it sets are joined.
std::string systemd_capabilities(const CapabilityPolicy& policy) {
  const std::string_view mark = policy.enforce ? "" : "# ";
  std::string text = comment_lines(policy) + "[Service]\n";
  text += fmt::format("{}CapabilityBoundingSet=\n", mark);
  if (!policy.add.empty()) {
    text += fmt::format("{}CapabilityBoundingSet={}\n", mark, words(policy.add));
  }
  if (!policy.ambient.empty()) {
    text += fmt::format("{0}AmbientCapabilities=\n{0}AmbientCapabilities={1}\n", mark,
                        words(policy.ambient));
  }
  return text;
}

std::string oci_capabilities(const CapabilityPolicy& policy) {
  nlohmann::ordered_json sets;
  for (const char* set : {"bounding", "effective", "permitted"}) sets[set] = policy.add;
  for (const char* set : {"inheritable", "ambient"}) sets[set] = policy.ambient;
  nlohmann::ordered_json config;
  config["process"]["capabilities"] = sets;
  return config.dump(2) + "\n";
}

}  // namespace ig
