// SPDX-License-Identifier: Apache-2.0
// Reading policies that others wrote, of every dialect that PolicyEvaluator knows: NetworkPolicy of
// Kubernetes, CiliumNetworkPolicy and CiliumClusterwideNetworkPolicy, NetworkPolicy and
// GlobalNetworkPolicy of Calico (staged, too), AdminNetworkPolicy, BaselineAdminNetworkPolicy and
// ClusterNetworkPolicy.
//
// A rule that is not understood would be a wrong verdict. So a field that is unknown is an error
// that says where it stands, and what is known but cannot be judged by a recording (service
// accounts, HTTP requests) is kept as `unknown` where it decides.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "advisors/network/policy.h"
#include "base/result.h"

namespace ig {

// Several texts that belong together: policies of Calico name tiers and network sets, and policies
// of Cilium name groups of blocks, which are documents of their own.
class PolicyReader {
 public:
  PolicyReader();
  ~PolicyReader();

  // YAML with any number of documents, JSON, and Lists of either. `name`: of the file.
  Result<> add(std::string_view text, const std::string& name);
  // In the order of the texts.
  Result<std::vector<Policy>> finish() const;
  // Kinds of documents that are no policies and were passed over: "Deployment".
  std::vector<std::string> passed_over() const;

 private:
  struct Documents;
  std::unique_ptr<Documents> documents_;
};

// Of one text; an error where it holds no policy.
Result<std::vector<Policy>> read_policies(std::string_view text, const std::string& name);

}  // namespace ig
