// SPDX-License-Identifier: Apache-2.0
// NetworkDraft: the policy of one subject with everything that is said of it, before it is written
// in a dialect.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "advisors/network/drafts/network_subject.h"
#include "advisors/network/drafts/policy_draft.h"

namespace ig {

struct NetworkOptions {
  PolicyDialect dialect = PolicyDialect::kKubernetes;
  bool include_failed = false, fqdn = false, staged = false;
  std::set<std::string> blocks;
  std::size_t budget = 0;  // of blocks of addresses in one direction; 0 = as recorded
  bool name_recordings = false;
};

// What is common to all subjects of one advice.
struct NetworkEvidence {
  OwnerSelectors& selectors;
  std::map<std::string, std::vector<TrafficUse>> uses;  // by SubjectKeys
  std::set<IpAddress> not_outside;  // addresses of traffic that are in the cluster, or may be

  static NetworkEvidence of(OwnerSelectors& selectors, const SubjectKeys& keys,
                            std::span<const Traffic> traffic);
};

// Rules for pods; no rules, and a caveat that says why, where no policy can be for them.
PolicyDraft draft_for_pods(const NetworkSubject& subject, const std::string& name,
                           NetworkEvidence& evidence, std::span<const ResolvedName> names,
                           const NetworkOptions& options);

// Rules of addresses as they were dialed, for an nftables table. `traffic`: of the subject alone.
PolicyDraft draft_of_addresses(std::span<const Traffic> traffic, const Inventory& inventory,
                               const NetworkOptions& options);

}  // namespace ig
