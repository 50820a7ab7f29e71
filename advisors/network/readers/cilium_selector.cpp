// SPDX-License-Identifier: Apache-2.0
#include "advisors/network/readers/cilium_selector.h"

#include <fmt/format.h>

#include <algorithm>

#include "advisors/network/readers/policy_dialects.h"
#include "advisors/network/well_known.h"

namespace ig {
namespace {

constexpr std::string_view kPodNamespace = "io.kubernetes.pod.namespace";
constexpr std::string_view kNamespaceLabels = "io.cilium.k8s.namespace.labels.";
constexpr std::string_view kReserved = "reserved:";

constexpr std::string_view kEntities[] = {
    "all",     "world",     "world-ipv4",  "world-ipv6", "cluster", "host",          "init",
    "ingress", "unmanaged", "remote-node", "health",     "none",    "kube-apiserver"};

void take(CiliumSelector& selector, LabelRequirement requirement, const PolicyNode& node) {
  auto& key = requirement.key;
  if (key.starts_with(kReserved)) {
    if (!selector.entity.empty()) node.refuse("it names two reserved labels");
    if (requirement.op != "In" && requirement.op != "Exists") {
      node.refuse(fmt::format("{} of {} is not read", requirement.op, key));
    }
    selector.entity = key.substr(kReserved.size());
    return;
  }
  for (const std::string_view prefix : {"k8s:", "any:"}) {
    if (key.starts_with(prefix)) key.erase(0, prefix.size());
  }
  if (key.find(':') != key.npos) node.refuse(fmt::format("labels like '{}' are not known", key));
  if (key == kPodNamespace) {
    key = kNamespaceNameLabel;
  } else if (key.starts_with(kNamespaceLabels)) {
    key.erase(0, kNamespaceLabels.size());
  } else if (key.starts_with("io.cilium.k8s.policy.") || key.starts_with("io.kubernetes.")) {
    selector.unknown = fmt::format("the label {}", key);
    return;
  } else {
    selector.pods.expressions.push_back(std::move(requirement));
    return;
  }
  selector.names_namespace = true;
  selector.namespaces.expressions.push_back(std::move(requirement));
}

}  // namespace

bool is_cilium_entity(std::string_view word) {
  return std::ranges::find(kEntities, word) != std::end(kEntities);
}

CiliumSelector read_cilium_selector(const PolicyNode& node) {
  const auto written = read_label_selector(node);
  CiliumSelector selector;
  for (const auto& [key, value] : written.labels) take(selector, {key, "In", {value}}, node);
  for (const auto& requirement : written.expressions) take(selector, requirement, node);
  const bool alone = selector.pods.empty() && !selector.names_namespace && selector.unknown.empty();
  if (!selector.entity.empty() && !alone) node.refuse("a reserved label stands alone");
  if (!selector.entity.empty() && !is_cilium_entity(selector.entity)) {
    node.refuse(fmt::format("the reserved label {} is not known", selector.entity));
  }
  return selector;
}

}  // namespace ig
