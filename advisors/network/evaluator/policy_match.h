// SPDX-License-Identifier: Apache-2.0
// Whether one part of a policy is about one end or port. There are three answers: what was recorded
// may not be enough to say.
#pragma once

#include <string>
#include <utility>

#include "advisors/network/policy.h"
#include "advisors/network/traffic.h"

namespace ig {

class PolicyMatch {
 public:
  static PolicyMatch yes() { return PolicyMatch(2, {}); }
  static PolicyMatch no() { return PolicyMatch(0, {}); }
  static PolicyMatch maybe(std::string because) { return PolicyMatch(1, std::move(because)); }
  static PolicyMatch of(bool holds) { return holds ? yes() : no(); }

  bool is_yes() const { return level_ == 2; }
  bool is_no() const { return level_ == 0; }
  bool is_maybe() const { return level_ == 1; }
  const std::string& because() const { return because_; }

  // Of the same level the left one's reason counts.
  friend PolicyMatch operator&&(PolicyMatch a, PolicyMatch b) {
    return b.level_ < a.level_ ? b : a;
  }
  friend PolicyMatch operator||(PolicyMatch a, PolicyMatch b) {
    return b.level_ > a.level_ ? b : a;
  }
  friend PolicyMatch operator!(PolicyMatch a) {
    a.level_ = 2 - a.level_;
    return a;
  }

 private:
  PolicyMatch(int level, std::string because) : level_(level), because_(std::move(because)) {}
  int level_;
  std::string because_;
};

// Whether the end may be a pod or a node, or anything, is not known.
bool is_open(const TrafficEnd& end);

// Whether the policy is for the end.
PolicyMatch selects(const Policy& policy, const TrafficEnd& end);
// Whether `peer`, seen from `own`, is whom the rule means.
PolicyMatch matches_peer(const Policy& policy, const PeerRule& rule, const TrafficEnd& own,
                         const TrafficEnd& peer);
// Peers, ports and the selected end itself.
PolicyMatch matches_rule(const Policy& policy, const PolicyRule& rule, bool egress,
                         const Traffic& traffic);
PolicyMatch matches_port(const PortRule& rule, const Traffic& traffic);

// "*" in a label of Cilium's patterns, or for whole labels where `across` is set.
bool matches_name(std::string_view pattern, std::string_view name, bool across);

}  // namespace ig
