// SPDX-License-Identifier: Apache-2.0
// The forms in which capabilities are written down: drop all, add these.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace ig {

struct CapabilityPolicy {
  std::string name;                    // of the service in a compose file: a DNS label
  std::set<std::string> add, ambient;  // "CAP_CHOWN"
  bool enforce = true;                 // false: what would take something away is only a comment
  std::vector<std::string> comments;   // lines of printable ASCII
};

std::string kubernetes_capabilities(const CapabilityPolicy& policy);
std::string compose_capabilities(const CapabilityPolicy& policy);
std::string systemd_capabilities(const CapabilityPolicy& policy);
std::string oci_capabilities(const CapabilityPolicy& policy);

}  // namespace ig
