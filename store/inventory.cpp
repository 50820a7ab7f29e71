// SPDX-License-Identifier: Apache-2.0
#include "store/inventory.h"

#include <algorithm>

namespace ig {
namespace {

// Calico's operators; like NotIn, their opposites hold for objects that lack the key, too.
bool value_holds(std::string_view op, const std::string& value, const std::string& part) {
  if (op == "StartsWith") return value.starts_with(part);
  if (op == "EndsWith") return value.ends_with(part);
  return op == "Contains" && value.find(part) != value.npos;
}

// By the words of the Kubernetes documentation (Labels and Selectors): NotIn holds for objects
// that lack the key, too.
bool holds(const LabelRequirement& requirement, const Labels& labels) {
  const auto found = labels.find(requirement.key);
  const bool has = found != labels.end();
  const bool is_in =
      has && std::ranges::find(requirement.values, found->second) != requirement.values.end();
  if (requirement.op == "In") return is_in;
  if (requirement.op == "NotIn") return !is_in;
  if (requirement.op == "Exists") return has;
  if (requirement.op == "DoesNotExist") return !has;
  const bool negated = requirement.op.starts_with("Not");
  const auto op = std::string_view(requirement.op).substr(negated ? 3 : 0);
  const bool any = has && std::ranges::any_of(requirement.values, [&](const auto& part) {
                     return value_holds(op, found->second, part);
                   });
  return any != negated;
}

}  // namespace

bool LabelSelector::matches(const Labels& of) const {
  const auto has = [&](const auto& label) {
    const auto found = of.find(label.first);
    return found != of.end() && found->second == label.second;
  };
  return std::ranges::all_of(labels, has) &&
         std::ranges::all_of(expressions, [&](const auto& one) { return holds(one, of); });
}

}  // namespace ig
