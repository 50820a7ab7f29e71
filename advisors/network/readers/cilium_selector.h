// SPDX-License-Identifier: Apache-2.0
// One selector of Cilium's endpoints, taken apart: what it says of the pod, of its namespace, and
// of neither.
#pragma once

#include <string>
#include <string_view>

#include "advisors/network/readers/policy_document.h"
#include "store/inventory.h"

namespace ig {

struct CiliumSelector {
  LabelSelector pods, namespaces;
  bool names_namespace = false;
  std::string entity;   // of a label "reserved:host"
  std::string unknown;  // what no recording has
};

// Throws PolicyUnfit.
CiliumSelector read_cilium_selector(const PolicyNode& node);
bool is_cilium_entity(std::string_view word);

}  // namespace ig
