// SPDX-License-Identifier: Apache-2.0
// PolicyDraft: from one subject's traffic to the policy that admits it. Only what was established
// becomes a rule; protocols stay apart; the ports of a peer stand together; each port keeps its
// evidence, and what made no rule is said with the reason.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "advisors/network/drafts/peer_forms.h"
#include "advisors/network/policy.h"
#include "advisors/network/traffic.h"

namespace ig {

// A flow of the subject, and which way it went.
struct TrafficUse {
  const Traffic* traffic = nullptr;
  bool egress = false;

  const TrafficEnd& own() const { return egress ? traffic->source : traffic->destination; }
  const TrafficEnd& peer() const { return egress ? traffic->destination : traffic->source; }
  bool seen() const { return egress ? traffic->seen_at_source : traffic->seen_at_destination; }
};

class PolicyDraft {
 public:
  Policy policy;
  std::set<std::string> left_out, caveats;
  std::vector<Evidence> evidence;  // of every port of every rule

  // Without what rules of the same peers already have; false where nothing is left.
  bool add(bool egress, PolicyRule rule);
  // After rules were changed by others.
  void index_rules();

 private:
  void index(bool egress, const PolicyRule& rule);

  std::map<std::string, std::set<std::string>> ports_[2];  // by peer_key()
};

struct DraftRules {
  bool include_failed = false;
  bool name_recordings = false;  // in the evidence: there are several
};

// Why the flow can make no rule; "" where it can.
std::string obstacle(const TrafficUse& use, PolicyDialect dialect, bool include_failed);

// Rules of what was recorded. A direction that was only seen from other ends is left alone.
void add_recorded(PolicyDraft& draft, std::span<const TrafficUse> uses, PeerForms& forms,
                  const DraftRules& rules);

// "12 connections, 2026-…Z to 2026-…Z, 1.2 MiB sent, 3 B received, by curl"
std::string evidence_text(std::span<const TrafficUse> uses);
// "pods of StatefulSet data/db", "node node1", "203.0.113.7"
std::string peer_text(const TrafficEnd& peer);
// "egress TCP 10.0.0.7 port 5432"
std::string use_text(const TrafficUse& use);

}  // namespace ig
