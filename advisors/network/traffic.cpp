// SPDX-License-Identifier: Apache-2.0
#include "advisors/network/traffic.h"

#include <fmt/format.h>

#include "advisors/advice_text.h"
#include "advisors/network/traffic_resolver.h"
#include "advisors/workload_choice.h"

namespace ig {

std::string end_text(const TrafficEnd& end) {
  const std::string address = end.address ? end.address->text() : "an unknown address";
  switch (end.kind) {
    case TrafficEnd::Kind::kPod:
      if (end.pod.empty()) return "this workload";
      return one_line(end.owner.kind.empty()
                          ? fmt::format("pod {}/{}", end.kube_namespace, end.pod)
                          : fmt::format("pod {}/{} ({} {})", end.kube_namespace, end.pod,
                                        end.owner.kind, end.owner.name));
    case TrafficEnd::Kind::kHost:
      return one_line(fmt::format("node {}{}", end.node.empty() ? address : end.node,
                                  end.pod.empty() ? "" : ", pod " + end.pod));
    case TrafficEnd::Kind::kService:
      return one_line(fmt::format("service {} ({})", end.service, address));
    case TrafficEnd::Kind::kOutside:
    case TrafficEnd::Kind::kUnknown:
      return address;
    case TrafficEnd::Kind::kLoopback:
      return "itself";
  }
  return address;
}

Result<std::vector<RecordedWorkload>> choose_recorded(Recordings recordings,
                                                      const Selector& selector) {
  std::vector<RecordedWorkload> chosen;
  Error nobody;
  for (std::size_t i = 0; i < recordings.size(); ++i) {
    auto workloads = choose_workloads(*recordings[i].session, selector);
    if (!workloads && workloads.error().code != ErrorCode::kNotFound) {
      return std::unexpected(workloads.error());
    }
    if (!workloads) {
      nobody = workloads.error();
      continue;
    }
    for (Workload& workload : *workloads) chosen.push_back({i, std::move(workload)});
  }
  if (chosen.empty()) return std::unexpected(nobody);
  return chosen;
}

Result<std::vector<Traffic>> resolve_traffic(Recordings recordings, const Selector& selector) {
  IG_ASSIGN(const auto workloads, choose_recorded(recordings, selector));
  IG_ASSIGN(const TrafficResolver resolver, TrafficResolver::open(recordings));
  return resolver.traffic(workloads);
}

}  // namespace ig
