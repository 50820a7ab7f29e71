// SPDX-License-Identifier: Apache-2.0
// Whom a policy of Calico means: the pods of its selectors, and the network sets, which selectors
// find by their labels like pods.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "advisors/network/readers/calico_selector.h"
#include "advisors/network/readers/policy_dialects.h"

namespace ig {

// Throws PolicyUnfit where it is no selector.
std::vector<CalicoTerm> read_calico_selector(const PolicyNode& node);

class CalicoPeers {
 public:
  // Both outlive it. `global`: the policy has no namespace.
  CalicoPeers(const Policy& policy, const PolicyContext& context, bool global)
      : policy_(policy), context_(context), global_(global) {}

  struct Selected {
    std::vector<SelectedPods> pods;  // one of them
    std::string unknown;             // what else selects
  };
  // `scopes`: of namespaces; null where there is no such selector.
  Selected select(const std::vector<CalicoTerm>& terms,
                  const std::vector<CalicoTerm>* scopes) const;

  // What a rule says of an end, its ports aside. An empty list: everybody; nothing: nobody.
  std::optional<std::vector<PeerRule>> read(PolicyFields& fields) const;

 private:
  struct One {
    SelectedPods pods;
    std::string unknown;
  };
  std::vector<One> pods_of(CalicoTerm term, const std::vector<CalicoTerm>* scopes) const;
  One pods_within(const CalicoTerm& term, std::optional<LabelSelector> namespaces) const;
  std::vector<PeerRule> pods_and_sets(const std::optional<PolicyNode>& selector,
                                      const std::optional<PolicyNode>& namespaces) const;
  void add_sets(std::vector<PeerRule>& peers, const CalicoTerm& term,
                const std::vector<CalicoTerm>* scopes) const;
  bool set_is_meant(const PolicyContext::NetworkSet& set, const CalicoTerm& term,
                    const std::vector<CalicoTerm>* scopes) const;
  std::string read_service(const PolicyNode& node) const;

  const Policy& policy_;
  const PolicyContext& context_;
  bool global_;
};

// Only addresses of one family are left; false where nobody is.
bool keep_family(std::vector<PeerRule>& peers, bool v6);

}  // namespace ig
