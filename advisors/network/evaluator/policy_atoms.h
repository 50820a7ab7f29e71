// SPDX-License-Identifier: Apache-2.0
// Made-up ends of traffic for policies that are compared without a cluster.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "advisors/network/evaluator/port_space.h"
#include "advisors/network/policy.h"
#include "advisors/network/traffic.h"

namespace ig {

struct PolicyAtom {
  enum class Kind { kPod, kAddress, kOther };
  Kind kind = Kind::kPod;
  std::string name;   // "pods app=web of shop"
  std::string group;  // of pods: their namespace, as it is named here
  TrafficEnd end;
};

class PolicyAtoms {
 public:
  // `policies`: of all sides together.
  PolicyAtoms(std::span<const Policy> policies, const PortSpace& ports);

  const std::vector<PolicyAtom>& peers() const { return peers_; }
  // Pods that some policy may select.
  const std::vector<PolicyAtom>& subjects() const { return subjects_; }
  const std::vector<std::string>& caveats() const { return caveats_; }

 private:
  std::vector<PolicyAtom> peers_, subjects_;
  std::vector<std::string> caveats_;
};

// Sets of labels: one that the selector chooses for each of its values, and such as it leaves out.
std::vector<Labels> examples_of(const LabelSelector& selector);

}  // namespace ig
