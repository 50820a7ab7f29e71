// SPDX-License-Identifier: Apache-2.0
#include "store/inventory.h"

#include <algorithm>

namespace ig {
namespace {

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
  return requirement.op == "DoesNotExist" && !has;
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
