// SPDX-License-Identifier: Apache-2.0
// What a pod needs and a recording may not have seen, in blocks: each labelled, with its reason,
// and left out by one word (--blocks). A block only adds to a direction that has rules of its own:
// where there are none, nothing is cut off.
//
//   dns         names over UDP and TCP: where they were asked for, and at the cluster's DNS pods
//   probes      the kubelets' calls to the ports that the pods' specs name
//   api-server  all endpoints of the API server, where one was talked to
//   metrics     scrapes that the pods' annotations ask for, by the cluster's monitoring pods
//   webhooks    calls of the API server to pods behind a service of webhooks
//   ipv6        the same peers at their address of the other family, for pods with both
#pragma once

#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "advisors/network/drafts/owner_selector.h"
#include "advisors/network/drafts/policy_draft.h"
#include "base/result.h"
#include "store/session_reader.h"

namespace ig {

inline constexpr std::string_view kDefaultBlocks = "dns,probes,api-server";

// "dns,probes", "all" or "none".
Result<std::set<std::string>> parse_blocks(std::string_view text);

struct NeedsOf {
  std::optional<PodOwner> owner;  // of the subject, where the inventory knows it
  std::span<const TrafficUse> uses;
  std::span<const ResolvedName> names;
};

void add_unseen_needs(PolicyDraft& draft, PeerForms& forms, OwnerSelectors& selectors,
                      const NeedsOf& subject, const std::set<std::string>& blocks);

// Whether the subject asked for names there.
bool asks_names(const TrafficUse& use);

}  // namespace ig
