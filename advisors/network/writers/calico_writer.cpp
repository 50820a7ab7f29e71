// SPDX-License-Identifier: Apache-2.0
// NetworkPolicy and StagedNetworkPolicy of projectcalico.org/v3. A rule has one protocol and, but
// for blocks of addresses, one peer, so a rule may become several.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "advisors/network/writers/policy_writer.h"
#include "base/yaml.h"

namespace ig {
namespace {

// Text between quotes that it does not contain. What cannot be said so matches nothing: no label
// and no namespace has both kinds of quotes in its value.
std::string quoted(std::string text) {
  const char quote = text.find('\'') == text.npos ? '\'' : '"';
  std::ranges::replace_if(
      text, [&](char c) { return c == quote || c < ' ' || c > '~' || c == '\\'; }, '?');
  return quote + text + quote;
}

std::string selector_text(const LabelSelector& selector) {
  std::string text;
  const auto add = [&](const std::string& term) { text += (text.empty() ? "" : " && ") + term; };
  for (const auto& [key, value] : selector.labels) add(fmt::format("{} == {}", key, quoted(value)));
  for (const LabelRequirement& one : selector.expressions) {
    if (one.op == "Exists") {
      add(fmt::format("has({})", one.key));
    } else if (one.op == "DoesNotExist") {
      add(fmt::format("!has({})", one.key));
    } else {
      std::string values;
      for (const std::string& value : one.values) {
        values += (values.empty() ? "" : ", ") + quoted(value);
      }
      add(fmt::format("{} {} {{{}}}", one.key, one.op == "In" ? "in" : "not in", values));
    }
  }
  return text.empty() ? "all()" : text;
}

std::string nets_lines(const std::vector<PeerRule>& peers) {
  std::string out;
  for (const PeerRule& peer : peers) {
    if (peer.block) out += fmt::format("          - {}\n", yaml_scalar(peer.block->network.text()));
  }
  return out.empty() ? "" : "        nets:\n" + out;
}

std::string pods_lines(const PeerRule& peer) {
  std::string out = fmt::format("        selector: {}\n",
                                yaml_scalar(selector_text(peer.pods.value_or(LabelSelector{}))));
  if (peer.namespaces) {
    out += fmt::format("        namespaceSelector: {}\n",
                       yaml_scalar(selector_text(*peer.namespaces)));
  }
  return out;
}

// The lines of each peer; all blocks are one.
std::vector<std::string> peer_lines(const PolicyRule& rule) {
  std::vector<std::string> all;
  if (const std::string nets = nets_lines(rule.peers); !nets.empty()) all.push_back(nets);
  for (const PeerRule& peer : rule.peers) {
    if (!peer.block) all.push_back(pods_lines(peer));
  }
  return all;
}

struct Ports {
  std::string lines;
  std::vector<std::string> evidence;  // of what has no port
};

std::map<std::string, Ports> ports_by_protocol(const PolicyRule& rule) {
  std::map<std::string, Ports> by_protocol;
  for (const PortRule& port : rule.ports) {
    Ports& ports = by_protocol[port.protocol];
    const auto* number = std::get_if<std::uint16_t>(&port.port);
    if (number == nullptr) {
      ports.evidence.push_back(port.comment);
    } else if (port.end_port == 0) {
      ports.lines += fmt::format("          - {}{}\n", *number, end_comment(port.comment));
    } else {
      ports.lines += fmt::format("          - \"{}:{}\"{}\n", *number, port.end_port,
                                 end_comment(port.comment));
    }
  }
  return by_protocol;
}

std::string rule_lines(const std::vector<PolicyRule>& rules, bool egress) {
  if (rules.empty()) return "";
  std::string out = egress ? "  egress:\n" : "  ingress:\n";
  for (const PolicyRule& rule : rules) {
    for (const auto& [protocol, ports] : ports_by_protocol(rule)) {
      const std::string list = ports.lines.empty() ? "" : "        ports:\n" + ports.lines;
      for (const std::string& peer : peer_lines(rule)) {
        out += rule_comments(rule, "    ") + comment_lines(ports.evidence, "    ");
        out += fmt::format("    - action: Allow\n      protocol: {}\n", yaml_scalar(protocol));
        if (egress) {
          out += "      destination:\n" + peer + list;
        } else {
          out += "      source:\n" + peer;
          if (!list.empty()) out += "      destination:\n" + list;
        }
      }
    }
  }
  return out;
}

}  // namespace

std::string write_calico_policy(const Policy& policy) {
  if (policy.ingress.empty() && policy.egress.empty()) return "";
  std::string out = document_head(policy, "projectcalico.org/v3") + "spec:\n";
  if (policy.is_staged) out += "  stagedAction: Set\n";
  out += fmt::format("  selector: {}\n  types:\n", yaml_scalar(selector_text(policy.pods)));
  if (!policy.ingress.empty()) out += "    - Ingress\n";
  if (!policy.egress.empty()) out += "    - Egress\n";
  return out + rule_lines(policy.ingress, false) + rule_lines(policy.egress, true);
}

}  // namespace ig
