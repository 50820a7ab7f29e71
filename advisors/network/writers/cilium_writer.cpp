// SPDX-License-Identifier: Apache-2.0
// CiliumNetworkPolicy of cilium.io/v2. One entry has one kind of peers, so a rule may become
// several.
#include <fmt/format.h>

#include <array>

#include "advisors/network/well_known.h"
#include "advisors/network/writers/policy_writer.h"
#include "base/yaml.h"

namespace ig {
namespace {

constexpr std::string_view kSource = "k8s:";

std::string endpoint_lines(const PeerRule& peer) {
  LabelSelector selector = peer.pods.value_or(LabelSelector{});
  if (peer.namespaces) {
    for (const auto& [key, value] : peer.namespaces->labels) {
      const bool is_name = key == kNamespaceNameLabel;
      selector.labels[is_name ? "io.kubernetes.pod.namespace"
                              : "io.cilium.k8s.namespace.labels." + key] = value;
    }
  }
  std::string lines = selector_lines(selector, "          ", kSource);
  if (lines.empty()) return "        - {}\n";
  lines.replace(8, 1, "-");
  return lines;
}

enum class PeerKind { kEndpoints, kBlocks, kEntities, kNames };

struct KindWords {
  PeerKind kind;
  const char* word;  // after "to" or "from"
};
constexpr std::array<KindWords, 4> kKinds = {{{PeerKind::kEndpoints, "Endpoints"},
                                              {PeerKind::kBlocks, "CIDRSet"},
                                              {PeerKind::kEntities, "Entities"},
                                              {PeerKind::kNames, "FQDNs"}}};

PeerKind kind_of(const PeerRule& peer) {
  if (peer.block) return PeerKind::kBlocks;
  if (!peer.entity.empty()) return PeerKind::kEntities;
  return peer.fqdns.empty() ? PeerKind::kEndpoints : PeerKind::kNames;
}

std::string peer_lines(const PeerRule& peer) {
  std::string out;
  switch (kind_of(peer)) {
    case PeerKind::kEndpoints:
      return endpoint_lines(peer);
    case PeerKind::kEntities:
      return fmt::format("        - {}\n", yaml_scalar(peer.entity));
    case PeerKind::kNames:
      for (const std::string& name : peer.fqdns) {
        out += fmt::format("        - matchName: {}\n", yaml_scalar(name));
      }
      return out;
    case PeerKind::kBlocks:
      break;
  }
  out = fmt::format("        - cidr: {}\n", yaml_scalar(peer.block->network.text()));
  if (peer.block->except.empty()) return out;
  out += "          except:\n";
  for (const IpNetwork& except : peer.block->except) {
    out += fmt::format("            - {}\n", yaml_scalar(except.text()));
  }
  return out;
}

std::string port_lines(const PortRule& port) {
  const auto* number = std::get_if<std::uint16_t>(&port.port);
  const auto* name = std::get_if<std::string>(&port.port);
  // A string, as the API wants it.
  const std::string text =
      number ? fmt::format("\"{}\"", *number) : yaml_scalar(name ? *name : "0");
  std::string out = fmt::format("            - port: {}{}\n              protocol: {}\n", text,
                                end_comment(port.comment), yaml_scalar(port.protocol));
  if (port.end_port != 0) out += fmt::format("              endPort: {}\n", port.end_port);
  return out;
}

bool is_message(const PortRule& port) { return port.protocol.starts_with("ICMP"); }

// "toPorts" with those ports that are read by the DNS proxy apart from the others.
std::string ports_lines(const std::vector<PortRule>& ports, bool may_read) {
  std::string plain, read;
  for (const PortRule& port : ports) {
    if (!is_message(port)) (may_read && port.reads_names ? read : plain) += port_lines(port);
  }
  if (plain.empty() && read.empty()) return "";
  std::string out = "      toPorts:\n";
  if (!plain.empty()) out += "        - ports:\n" + plain;
  if (!read.empty()) {
    out += "        - ports:\n" + read +
           "          rules:  # the names that are asked for tell which addresses toFQDNs means\n"
           "            dns:\n              - matchPattern: \"*\"\n";
  }
  return out;
}

// Pings; the type of what was recorded is not kept.
std::string messages_lines(const std::vector<PortRule>& ports) {
  std::string out;
  for (const PortRule& port : ports) {
    if (!is_message(port)) continue;
    const bool v6 = port.protocol == "ICMPv6";
    out += fmt::format("            - family: {}\n              type: {}{}\n", v6 ? "IPv6" : "IPv4",
                       v6 ? 128 : 8, end_comment(port.comment));
  }
  return out.empty() ? "" : "      icmps:\n        - fields:\n" + out;
}

// Of one kind of peers; ports and messages exclude each other in one entry.
std::string entries(const PolicyRule& rule, const KindWords& kind, const char* direction) {
  std::string peers;
  for (const PeerRule& peer : rule.peers) {
    if (kind_of(peer) == kind.kind) peers += peer_lines(peer);
  }
  if (peers.empty()) return "";
  const std::string head =
      rule_comments(rule, "    ") + fmt::format("    - {}{}:\n", direction, kind.word) + peers;
  const std::string ports = ports_lines(rule.ports, kind.kind == PeerKind::kEndpoints);
  const std::string messages = messages_lines(rule.ports);
  return (ports.empty() ? "" : head + ports) + (messages.empty() ? "" : head + messages);
}

std::string rule_lines(const std::vector<PolicyRule>& rules, const char* name,
                       const char* direction) {
  std::string out;
  for (const PolicyRule& rule : rules) {
    for (const KindWords& kind : kKinds) out += entries(rule, kind, direction);
  }
  return out.empty() ? "" : fmt::format("  {}:\n", name) + out;
}

}  // namespace

std::string write_cilium_policy(const Policy& policy) {
  const std::string ingress = rule_lines(policy.ingress, "ingress", "from");
  const std::string egress = rule_lines(policy.egress, "egress", "to");
  if (ingress.empty() && egress.empty()) return "";
  return document_head(policy, "cilium.io/v2") + "spec:\n  endpointSelector:\n" +
         selector_lines(policy.pods, "    ", kSource) + ingress + egress;
}

}  // namespace ig
