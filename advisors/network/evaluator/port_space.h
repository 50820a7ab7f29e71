// SPDX-License-Identifier: Apache-2.0
// PortSpace: all ports of all protocols, cut at the numbers that policies mention, so that a few
// questions answer for all of them. Two ports of one piece are never told apart by any policy.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "advisors/network/policy.h"

namespace ig {

struct PortRange {
  std::string protocol;
  std::uint16_t first = 0, last = 0;  // both 0 for ICMP
  std::string name;                   // of a port that a container names; first is its number here
  bool operator==(const PortRange&) const = default;
};

// "every port", "TCP 80, 8080-8090; UDP 53", "TCP port http".
std::string ports_text(std::span<const PortRange> ranges);

class PortSpace {
 public:
  void add(const Policy& policy);
  void add(const std::string& protocol, std::uint16_t port);

  // Ports that policies name, as containers of a made-up pod would have them.
  std::vector<ContainerPort> named_ports() const;
  // The pieces of which `holds` is true, joined where they touch.
  std::vector<PortRange> where(const std::function<bool(const PortRange&)>& holds,
                               bool with_named = false) const;
  // Of all of them.
  bool is_everything(std::span<const PortRange> ranges) const;

 private:
  void add(const PortRule& rule);
  std::vector<PortRange> pieces(const std::string& protocol) const;

  bool with_messages_ = false;  // ICMP, of which NetworkPolicies of Kubernetes say nothing
  std::map<std::string, std::set<std::uint32_t>> starts_;  // by protocol
  std::set<std::pair<std::string, std::string>> names_;    // protocol, name
};

}  // namespace ig
