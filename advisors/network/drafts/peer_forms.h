// SPDX-License-Identifier: Apache-2.0
// PeerForms: how a dialect names the other end of a flow. Pods by proven selectors; nodes by their
// addresses, or in Cilium, where blocks of addresses never match nodes, by entities.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "advisors/network/drafts/owner_selector.h"
#include "advisors/network/policy.h"
#include "advisors/network/traffic.h"

namespace ig {

// kNftables: inside of the subject's own network namespace, where addresses are as dialed.
enum class PolicyDialect { kKubernetes, kCilium, kCalico, kNftables };

class PeerForms {
 public:
  // `selectors` outlive it.
  PeerForms(OwnerSelectors& selectors, PolicyDialect dialect, std::string own_namespace, bool fqdn)
      : selectors_(selectors), dialect_(dialect), own_(std::move(own_namespace)), fqdn_(fqdn) {}

  // Nothing where the dialect has no word for it; a caveat then says so.
  std::vector<PeerRule> of(const TrafficEnd& end, const std::set<IpAddress>& addresses,
                           bool egress);
  std::vector<PeerRule> pods(const PodOwner& owner, const std::set<IpAddress>& addresses);
  std::vector<PeerRule> nodes(const std::set<IpAddress>& addresses) const;
  // Of whom a pod's own node calls it.
  std::vector<PeerRule> kubelets(const std::set<IpAddress>& addresses) const;
  std::vector<PeerRule> api_server(const std::set<IpAddress>& addresses) const;
  static std::vector<PeerRule> blocks(const std::set<IpAddress>& addresses);
  PeerRule pods_of(const std::string& kube_namespace, LabelSelector pods);

  PolicyDialect dialect() const { return dialect_; }
  const std::set<std::string>& caveats() const { return caveats_; }

 private:
  std::vector<PeerRule> service(const TrafficEnd& end, const std::set<IpAddress>& addresses);

  OwnerSelectors& selectors_;
  PolicyDialect dialect_;
  std::string own_;
  bool fqdn_;
  std::set<std::string> caveats_;
};

// The same for peers that admit the same.
std::string peer_key(const PeerRule& peer);
// A name that a policy may ask for: no pattern, nothing that DNS does not know.
bool is_dns_name(std::string_view name);

}  // namespace ig
