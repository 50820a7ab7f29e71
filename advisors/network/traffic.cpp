// SPDX-License-Identifier: Apache-2.0
#include "advisors/network/traffic.h"

#include <fmt/format.h>

#include "advisors/advice_text.h"

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

}  // namespace ig
