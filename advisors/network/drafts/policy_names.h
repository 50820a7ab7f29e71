// SPDX-License-Identifier: Apache-2.0
// Names of policies: the owner's, which Kubernetes takes and no other policy of the namespace has.
// They follow from the inventory and not from what was chosen, so that advice for one owner
// replaces what advice for all made.
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>

#include "advisors/network/drafts/network_subject.h"

namespace ig {

struct PolicyName {
  std::string object;  // in Kubernetes; one of its namespace
  std::string file;    // one of all
};

class PolicyNames {
 public:
  PolicyNames(const OwnerSelectors& selectors, std::span<const NetworkSubject> subjects);
  PolicyName of(const NetworkSubject& subject) const { return names_.at(subject.key); }

 private:
  std::map<std::string, PolicyName> names_;  // by the subject's key
};

// A DNS-1123 label of at most 63 characters. What had to be changed for it ends in a hash of the
// whole, so that two names stay two.
std::string dns_label(const std::string& text);

}  // namespace ig
