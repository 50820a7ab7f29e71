// SPDX-License-Identifier: Apache-2.0
// NetworkPolicy as Kubernetes YAML. Written by hand and not by yaml-cpp, which has no comments at
// the end of a line, and these carry each rule's evidence.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <span>

#include "advisors/advice_text.h"
#include "advisors/network_policy.h"

namespace ig {
namespace {

// Plain where nobody could read it as anything but this text, quoted else.
std::string yaml_text(const std::string& text) {
  constexpr std::array<std::string_view, 7> kWords = {"true", "false", "null", "yes",
                                                      "no",   "on",    "off"};
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '/';
  };
  const bool starts_well = !text.empty() && text[0] >= 'a' && text[0] <= 'z' && text.size() > 1;
  if (starts_well && std::ranges::all_of(text, plain) &&
      std::ranges::find(kWords, text) == kWords.end()) {
    return text;
  }
  return nlohmann::json(text).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

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
                       peer_key, yaml_text(peer.address.cidr()));
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
        yaml_text(policy.name));
    return;
  }
  out += '\n';
  for (const auto& [key, value] : policy.labels) {
    out += fmt::format("      {}: {}\n", yaml_text(key), yaml_text(value));
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
  out += fmt::format("  name: {}\n", yaml_text(policy.name));
  if (!policy.kube_namespace.empty()) {
    out += fmt::format("  namespace: {}\n", yaml_text(policy.kube_namespace));
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
