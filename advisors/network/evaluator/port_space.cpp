// SPDX-License-Identifier: Apache-2.0
#include "advisors/network/evaluator/port_space.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace ig {
namespace {

constexpr std::uint32_t kFirstPort = 1, kLastPort = 65535;
const std::vector<std::string> kProtocols = {"TCP", "UDP", "SCTP"};
const std::vector<std::string> kMessages = {"ICMP", "ICMPv6"};

std::string number_text(const PortRange& range) {
  if (!range.name.empty()) return "port " + range.name;
  if (range.first == range.last) return std::to_string(range.first);
  return fmt::format("{}-{}", range.first, range.last);
}

bool is_whole(const PortRange& range) {
  return range.first == kFirstPort && range.last == kLastPort;
}

}  // namespace

std::string ports_text(std::span<const PortRange> ranges) {
  const auto covers = [&](const std::vector<std::string>& protocols) {
    return std::ranges::all_of(protocols, [&](const std::string& protocol) {
      return std::ranges::any_of(ranges, [&](const PortRange& range) {
        return range.protocol == protocol && (is_whole(range) || range.first == 0);
      });
    });
  };
  if (covers(kProtocols)) return covers(kMessages) ? "every port, ICMP" : "every port";
  std::vector<std::string> parts;
  for (const auto* list : {&kProtocols, &kMessages}) {
    for (const auto& protocol : *list) {
      std::vector<std::string> numbers;
      bool whole = false;
      for (const auto& range : ranges) {
        if (range.protocol != protocol) continue;
        whole |= is_whole(range) || range.first == 0;
        numbers.push_back(number_text(range));
      }
      if (numbers.empty()) continue;
      parts.push_back(whole ? protocol : protocol + ' ' + join(numbers, ", "));
    }
  }
  return join(parts, "; ");
}

void PortSpace::add(const PortRule& rule) {
  const bool is_name = std::holds_alternative<std::string>(rule.port);
  for (const auto& protocol : kProtocols) {
    if (!rule.protocol.empty() && rule.protocol != protocol) continue;
    if (is_name) {
      names_.emplace(protocol, std::get<std::string>(rule.port));
    } else if (const auto* first = std::get_if<std::uint16_t>(&rule.port)) {
      starts_[protocol].insert(*first);
      starts_[protocol].insert(std::max<std::uint32_t>(*first, rule.end_port) + 1);
    }
  }
}

void PortSpace::add(const Policy& policy) {
  with_messages_ |= policy.dialect != "kubernetes";
  for (const auto* rules : {&policy.ingress, &policy.egress}) {
    for (const auto& rule : *rules) {
      for (const auto& port : rule.ports) add(port);
      for (const auto& port : rule.except_ports) add(port);
    }
  }
}

void PortSpace::add(const std::string& protocol, std::uint16_t port) {
  starts_[protocol].insert(port);
  starts_[protocol].insert(port + 1U);
}

std::vector<ContainerPort> PortSpace::named_ports() const {
  std::vector<ContainerPort> ports;
  std::uint32_t number = kLastPort;
  for (const auto& [protocol, name] : names_) {
    // A number of its own, and one at which nothing begins.
    const auto found = starts_.find(protocol);
    while (found != starts_.end() && found->second.contains(number)) --number;
    ports.push_back({name, protocol, static_cast<std::uint16_t>(number--)});
  }
  return ports;
}

std::vector<PortRange> PortSpace::pieces(const std::string& protocol) const {
  std::set<std::uint32_t> starts = {kFirstPort};
  if (const auto found = starts_.find(protocol); found != starts_.end()) {
    starts.insert(found->second.begin(), found->second.end());
  }
  std::vector<PortRange> pieces;
  for (auto at = starts.begin(); at != starts.end(); ++at) {
    if (*at < kFirstPort || *at > kLastPort) continue;
    const auto next = std::next(at);
    const auto last = next == starts.end() ? kLastPort : std::min(*next - 1, kLastPort);
    pieces.push_back(
        {protocol, static_cast<std::uint16_t>(*at), static_cast<std::uint16_t>(last), {}});
  }
  return pieces;
}

std::vector<PortRange> PortSpace::where(const std::function<bool(const PortRange&)>& holds,
                                        bool with_named) const {
  std::vector<PortRange> found;
  for (const auto& protocol : kProtocols) {
    for (const auto& piece : pieces(protocol)) {
      if (!holds(piece)) continue;
      const bool touches = !found.empty() && found.back().protocol == protocol &&
                           found.back().last + 1 == piece.first;
      if (touches) {
        found.back().last = piece.last;
      } else {
        found.push_back(piece);
      }
    }
  }
  for (const auto& protocol : with_messages_ ? kMessages : std::vector<std::string>{}) {
    if (PortRange piece{protocol, 0, 0, {}}; holds(piece)) found.push_back(std::move(piece));
  }
  if (!with_named) return found;
  for (const auto& port : named_ports()) {
    PortRange piece{port.protocol, port.port, port.port, port.name};
    // Where its protocol has every port, the name adds nothing.
    const bool known = std::ranges::any_of(found, [&](const PortRange& range) {
      return range.protocol == port.protocol && is_whole(range);
    });
    if (!known && holds(piece)) found.push_back(std::move(piece));
  }
  return found;
}

bool PortSpace::is_everything(std::span<const PortRange> ranges) const {
  return std::ranges::all_of(kProtocols, [&](const std::string& protocol) {
    return std::ranges::any_of(ranges, [&](const PortRange& range) {
      return range.protocol == protocol && is_whole(range);
    });
  });
}

}  // namespace ig
