// SPDX-License-Identifier: Apache-2.0
#include "advisors/network/writers/policy_writer.h"

#include <fmt/format.h>

#include "advisors/advice_text.h"
#include "base/yaml.h"

namespace ig {

std::string comment_lines(const std::vector<std::string>& comments, std::string_view indent) {
  std::string out;
  for (const std::string& comment : comments) {
    out += fmt::format("{}# {}\n", indent, one_line(comment));
  }
  return out;
}

std::string document_head(const Policy& policy, std::string_view api_version) {
  std::string out = comment_lines(policy.comments, "");
  out += fmt::format("apiVersion: {}\nkind: {}\nmetadata:\n  name: {}\n", api_version, policy.kind,
                     yaml_scalar(policy.name));
  if (!policy.kube_namespace.empty()) {
    out += fmt::format("  namespace: {}\n", yaml_scalar(policy.kube_namespace));
  }
  return out;
}

std::string selector_lines(const LabelSelector& selector, std::string_view indent,
                           std::string_view key_prefix) {
  std::string out;
  const auto key_text = [&](const std::string& key) {
    return yaml_scalar(std::string(key_prefix) + key);
  };
  if (!selector.labels.empty()) out += fmt::format("{}matchLabels:\n", indent);
  for (const auto& [key, value] : selector.labels) {
    out += fmt::format("{}  {}: {}\n", indent, key_text(key), yaml_scalar(value));
  }
  if (!selector.expressions.empty()) out += fmt::format("{}matchExpressions:\n", indent);
  for (const LabelRequirement& one : selector.expressions) {
    out += fmt::format("{0}  - key: {1}\n{0}    operator: {2}\n", indent, key_text(one.key),
                       yaml_scalar(one.op));
    if (one.values.empty()) continue;
    out += fmt::format("{}    values:\n", indent);
    for (const std::string& value : one.values) {
      out += fmt::format("{}      - {}\n", indent, yaml_scalar(value));
    }
  }
  return out;
}

std::string rule_comments(const PolicyRule& rule, std::string_view indent) {
  std::string out;
  if (!rule.block.empty()) {
    out += fmt::format("{}# block {}, not recorded:\n", indent, one_line(rule.block));
  }
  return out + comment_lines(rule.comments, indent);
}

std::string end_comment(const std::string& text) {
  return text.empty() ? "" : "  # " + one_line(text);
}

}  // namespace ig
