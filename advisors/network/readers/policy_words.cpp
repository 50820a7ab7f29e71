// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "advisors/network/readers/policy_dialects.h"

namespace ig {
namespace {

LabelRequirement read_requirement(const PolicyNode& node) {
  PolicyFields fields(node);
  LabelRequirement requirement;
  requirement.key = fields.need("key").text();
  const auto op = fields.need("operator");
  requirement.op = op.text_of({"In", "NotIn", "Exists", "DoesNotExist"});
  if (const auto values = fields.find("values")) requirement.values = values->texts();
  fields.no_more();
  const bool wants_values = requirement.op == "In" || requirement.op == "NotIn";
  if (requirement.values.empty() == wants_values) {
    node.refuse(fmt::format("{} {} values", requirement.op, wants_values ? "needs" : "takes no"));
  }
  return requirement;
}

}  // namespace

Policy start_policy(const PolicyHead& head, const std::string& dialect) {
  Policy policy;
  policy.dialect = dialect;
  policy.kind = head.kind;
  policy.name = head.name;
  policy.source = head.source;
  return policy;
}

void take_namespace(Policy& policy, const PolicyHead& head) {
  policy.kube_namespace = head.kube_namespace;
  if (!head.kube_namespace.empty()) return;
  policy.kube_namespace = "default";
  policy.caveats.emplace_back("it names no namespace: taken for one of the namespace default");
}

LabelSelector read_label_selector(const PolicyNode& node) {
  PolicyFields fields(node);
  LabelSelector selector;
  if (const auto labels = fields.find("matchLabels")) {
    for (const auto& [key, value] : labels->entries()) selector.labels[key] = value.text();
  }
  for (const auto& item : fields.items("matchExpressions")) {
    selector.expressions.push_back(read_requirement(item));
  }
  fields.no_more();
  return selector;
}

IpNetwork read_network(const PolicyNode& node) {
  const auto text = node.text();
  if (const auto network = IpNetwork::parse(text)) return *network;
  node.refuse(fmt::format("'{}' is no block of addresses", text));
}

IpNetwork read_cidr(const PolicyNode& node) {
  if (node.text().find('/') == std::string::npos) {
    node.refuse(fmt::format("'{}' lacks the length of its prefix, as in /32", node.text()));
  }
  return read_network(node);
}

std::uint16_t read_port_number(const PolicyNode& node) {
  return static_cast<std::uint16_t>(node.number(1, 65535));
}

std::string read_port_name(const PolicyNode& node) {
  auto name = node.text();
  const auto fits = [](unsigned char c) { return std::isalnum(c) || c == '-'; };
  const bool has_letter =
      std::ranges::any_of(name, [](unsigned char c) { return std::isalpha(c); });
  if (name.size() > 15 || !has_letter || !std::ranges::all_of(name, fits) ||
      name.starts_with('-') || name.ends_with('-') || name.find("--") != name.npos) {
    node.refuse(fmt::format("'{}' is neither a port nor the name of one", name));
  }
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
  return name;
}

}  // namespace ig
