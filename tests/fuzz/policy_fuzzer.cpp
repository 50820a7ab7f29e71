// SPDX-License-Identifier: Apache-2.0
// Policies from anywhere: they are refused, or they can be put to a flow and compared with
// themselves, which makes no difference.
#include <cstdint>
#include <cstdlib>

#include "advisors/network/evaluator/diff_network.h"
#include "advisors/network/evaluator/policy_evaluator.h"
#include "advisors/network/readers/policy_reader.h"

namespace {

// Comparing is quick for policies as people write them only.
constexpr std::size_t kMostRules = 16;

ig::Traffic flow(const char* from, const char* to) {
  ig::Traffic traffic;
  traffic.source.kind = ig::TrafficEnd::Kind::kPod;
  traffic.source.kube_namespace = "default";
  traffic.source.labels = {{"app", "web"}};
  traffic.source.address = ig::IpAddress::parse(from);
  traffic.destination.kind = ig::TrafficEnd::Kind::kOutside;
  traffic.destination.address = ig::IpAddress::parse(to);
  traffic.destination.names = {"a.example.com"};
  traffic.protocol = "TCP";
  traffic.port = 443;
  return traffic;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto policies = ig::read_policies(text, "fuzz.yaml");
  if (!policies) return 0;
  const ig::PolicyEvaluator evaluator(*policies);
  static_cast<void>(evaluator.judge(flow("10.0.0.1", "198.51.100.7")));
  static_cast<void>(evaluator.judge(flow("fd00::1", "2001:db8::1")));
  std::size_t rules = policies->size();
  for (const auto& policy : *policies) rules += policy.ingress.size() + policy.egress.size();
  if (rules > kMostRules) return 0;
  const auto diff = ig::diff_network(*policies, *policies);
  if (diff && !diff->changes.empty()) std::abort();
  return 0;
}
