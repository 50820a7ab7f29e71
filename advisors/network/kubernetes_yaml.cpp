// SPDX-License-Identifier: Apache-2.0
// NetworkPolicy as Kubernetes YAML. Written by hand and not by yaml-cpp, which has no comments at
// the end of a line, and these carry each rule's evidence.
#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "advisors/advice_text.h"
#include "advisors/network/network_policy.h"
#include "base/yaml.h"

namespace ig {
namespace {

// Why no rule of a NetworkPolicy reaches this peer; "" where one does.
std::string obstacle(const IpAddress& address) {
  if (address.is_loopback()) return "never leaves the pod";
  if (address.is_multicast()) return "multicast, for which NetworkPolicy is not defined";
  if (address.is_link_local() && address.is_v6()) return "link-local, which names no one for sure";
  return "";
}

void take_out_unreachable(std::vector<PolicyPeer>& peers, std::string_view direction,
                          std::vector<std::string>& left_out) {
  std::erase_if(peers, [&](const PolicyPeer& peer) {
    const std::string why = obstacle(peer.address);
    if (why.empty()) return false;
    for (const PolicyPort& port : peer.ports) {
      left_out.push_back(fmt::format("{} {} {} port {}: {}", direction, port.protocol,
                                     peer.address.text(), port.port, why));
    }
    return true;
  });
}

void write_rules(std::string& out, std::span<const PolicyPeer> peers, std::string_view direction,
                 std::string_view peer_key) {
  if (peers.empty()) return;
  out += fmt::format("  {}:\n", direction);
  for (const PolicyPeer& peer : peers) {
    out += fmt::format("    - {}:\n        - ipBlock:\n            cidr: {}\n      ports:\n",
                       peer_key, yaml_scalar(peer.address.cidr()));
    for (const PolicyPort& port : peer.ports) {
      out += fmt::format("        - protocol: {}\n          port: {}  # {}\n", port.protocol,
                         port.port, port.evidence());
    }
  }
}

void write_selector(std::string& out, const NetworkPolicy& policy) {
  out += "  podSelector:\n    matchLabels:";
  if (policy.labels.empty()) {
    out += fmt::format(
        "  # the pod's labels were not recorded: put them here\n      app.kubernetes.io/name: {}\n",
        yaml_scalar(policy.name));
    return;
  }
  out += '\n';
  for (const auto& [key, value] : policy.labels) {
    out += fmt::format("      {}: {}\n", yaml_scalar(key), yaml_scalar(value));
  }
}

}  // namespace

void leave_out_what_kubernetes_cannot_say(NetworkPolicy& policy) {
  take_out_unreachable(policy.egress, "egress", policy.left_out);
  take_out_unreachable(policy.ingress, "ingress", policy.left_out);
}

std::string to_kubernetes_yaml(const NetworkPolicy& policy) {
  if (policy.empty()) return "";
  std::string out = fmt::format("# {}, {}\n", policy.title, policy.window);
  for (const std::string& caveat : policy.caveats) out += "# caveat: " + caveat + "\n";
  for (const std::string& flow : policy.left_out) out += "# no rule for " + flow + "\n";
  out += "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n";
  out += fmt::format("  name: {}\n", yaml_scalar(policy.name));
  if (!policy.kube_namespace.empty()) {
    out += fmt::format("  namespace: {}\n", yaml_scalar(policy.kube_namespace));
  }
  out += "spec:\n";
  write_selector(out, policy);
  // A direction without evidence is left alone: an empty one would cut it off.
  out += "  policyTypes:\n";
  if (!policy.ingress.empty()) out += "    - Ingress\n";
  if (!policy.egress.empty()) out += "    - Egress\n";
  write_rules(out, policy.ingress, "ingress", "from");
  write_rules(out, policy.egress, "egress", "to");
  return out;
}

}  // namespace ig
