// SPDX-License-Identifier: Apache-2.0
#include "advisors/network/network_policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "advisors/advice_text.h"
#include "base/text.h"

namespace ig {
namespace {

constexpr std::uint16_t kDnsPort = 53;

// Egress of an address before its ingress; ports by protocol and number.
using RuleKey = std::tuple<bool, IpAddress, std::string, std::uint16_t>;
using RuleTable = std::map<RuleKey, PolicyPort>;

std::string flow_text(const Flow& flow) {
  return fmt::format("{} {} {} port {}", flow.egress ? "egress" : "ingress",
                     one_line(flow.protocol), one_line(flow.peer), flow.port);
}

// Why a flow can make no rule; "" where it can.
std::string obstacle(const Flow& flow) {
  if (!flow.error.empty()) {
    return fmt::format("failed with {}, {}", one_line(flow.error), count_text(flow.count, "time"));
  }
  if (flow.protocol != "TCP" && flow.protocol != "UDP" && flow.protocol != "SCTP") {
    return "a policy has no word for its protocol";
  }
  if (flow.port == 0) return "without a port";
  if (!IpAddress::parse(flow.peer)) return "not an IP address";
  return "";
}

void merge(PolicyPort& port, const Flow& flow) {
  const bool is_new = port.protocol.empty();
  port.protocol = flow.protocol;
  port.port = flow.port;
  port.count += flow.count;
  port.bytes_sent += flow.bytes_sent;
  port.bytes_received += flow.bytes_received;
  port.first_ns = is_new ? flow.first_ns : std::min(port.first_ns, flow.first_ns);
  port.last_ns = std::max(port.last_ns, flow.last_ns);
  port.before_start |= flow.before_start;
}

void add_dns_over_tcp(RuleTable& table) {
  RuleTable added;
  for (const auto& [key, udp] : table) {
    const auto& [egress, address, protocol, port] = key;
    if (!egress || protocol != "UDP" || port != kDnsPort) continue;
    added[{true, address, "TCP", kDnsPort}] = {
        .protocol = "TCP",
        .port = kDnsPort,
        .added_because = "not recorded: DNS answers too long for UDP come over TCP"};
  }
  table.merge(added);  // keeps what was recorded
}

}  // namespace

std::string PolicyPort::evidence() const {
  if (!added_because.empty()) return added_because;
  std::string text =
      fmt::format("{}, {}", count_text(count, protocol == "UDP" ? "exchange" : "connection"),
                  span_text(first_ns, last_ns));
  if (bytes_sent + bytes_received > 0) {
    text +=
        fmt::format(", {} sent, {} received", format_size(bytes_sent), format_size(bytes_received));
  }
  if (before_start) text += ", open before the recording";
  return text;
}

void add_flows(NetworkPolicy& policy, const std::vector<Flow>& flows, const FlowRules& rules) {
  RuleTable table;
  std::map<std::string, bool> left_out;
  for (const Flow& flow : flows) {
    if (const std::string why = obstacle(flow); !why.empty()) {
      left_out[fmt::format("{}: {}", flow_text(flow), why)] = true;
      continue;
    }
    merge(table[{flow.egress, *IpAddress::parse(flow.peer), flow.protocol, flow.port}], flow);
  }
  if (rules.dns_over_tcp) add_dns_over_tcp(table);
  for (const auto& [text, unused] : left_out) policy.left_out.push_back(text);
  for (auto& [key, port] : table) {
    auto& peers = std::get<0>(key) ? policy.egress : policy.ingress;
    const IpAddress& address = std::get<1>(key);
    if (peers.empty() || peers.back().address != address) peers.push_back({address, {}});
    peers.back().ports.push_back(std::move(port));
  }
}

}  // namespace ig
