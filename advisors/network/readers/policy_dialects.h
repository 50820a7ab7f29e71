// SPDX-License-Identifier: Apache-2.0
// The readers behind PolicyReader, one file a dialect, and the words that they share. All throw
// PolicyUnfit.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "advisors/network/policy.h"
#include "advisors/network/readers/policy_document.h"

namespace ig {

// What every document says before its spec.
struct PolicyHead {
  std::string group, version;  // "projectcalico.org", "v3"
  std::string kind, name;
  std::string kube_namespace;  // "" = none is written
  Labels labels;
  std::string source;
};

// Documents that policies refer to.
struct PolicyContext {
  struct Tier {
    double order = 0;
    bool passes = false;  // what no rule matches goes on to the next tier
  };
  struct NetworkSet {
    std::string kube_namespace, name;  // namespace "": a GlobalNetworkSet
    Labels labels;
    std::vector<IpNetwork> networks;
  };
  std::map<std::string, Tier> tiers;
  std::vector<NetworkSet> network_sets;
  std::vector<NetworkSet> cidr_groups;  // Cilium's
};

// `document`: all of it; its head was read.
std::vector<Policy> read_kubernetes_policy(const PolicyHead& head, PolicyFields& document);
std::vector<Policy> read_cilium_policy(const PolicyHead& head, PolicyFields& document,
                                       const PolicyContext& context);
std::vector<Policy> read_calico_policy(const PolicyHead& head, PolicyFields& document,
                                       const PolicyContext& context);
std::vector<Policy> read_admin_policy(const PolicyHead& head, PolicyFields& document);

// Documents of the context, where the head says that it is one.
bool add_calico_context(const PolicyHead& head, PolicyFields& document, PolicyContext& context);
bool add_cilium_context(const PolicyHead& head, PolicyFields& document, PolicyContext& context);

// The name by which every namespace can be selected.

Policy start_policy(const PolicyHead& head, const std::string& dialect);
// Where a namespaced document names none, kubectl takes that of its context.
void take_namespace(Policy& policy, const PolicyHead& head);
LabelSelector read_label_selector(const PolicyNode& node);
// An address alone is a block of its own in Cilium and Calico; the API server refuses it.
IpNetwork read_network(const PolicyNode& node);
IpNetwork read_cidr(const PolicyNode& node);
std::uint16_t read_port_number(const PolicyNode& node);
// A name that a container may give a port (IANA service name), in small letters.
std::string read_port_name(const PolicyNode& node);
// podSelector, namespaceSelector, ipBlock and ports of a NetworkPolicy's spec, without its
// document.
void read_kubernetes_spec(Policy& policy, PolicyFields& spec);

}  // namespace ig
