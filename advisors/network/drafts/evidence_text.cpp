// SPDX-License-Identifier: Apache-2.0
// What is behind a rule's port, in one line for a reader.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <vector>

#include "advisors/advice_text.h"
#include "advisors/network/drafts/policy_draft.h"
#include "base/text.h"

namespace ig {
namespace {

struct Sum {
  std::uint64_t count = 0, sent = 0, received = 0;
};

// Counts of a flow that may have gone to several backends count once.
Sum sum_of(std::span<const TrafficUse> uses) {
  std::map<std::tuple<std::string, std::string, std::string, std::uint16_t, std::string>, Sum>
      shared;
  Sum sum;
  for (const TrafficUse& use : uses) {
    const Traffic& traffic = *use.traffic;
    const Sum one{traffic.count, use.egress ? traffic.bytes_sent : traffic.bytes_received,
                  use.egress ? traffic.bytes_received : traffic.bytes_sent};
    Sum& to = traffic.count_shared
                  ? shared[{traffic.source.pod_uid, traffic.source.pod, traffic.destination.service,
                            traffic.dialed_port, traffic.error}]
                  : sum;
    if (traffic.count_shared) {
      to.count = std::max(to.count, one.count);
      to.sent = std::max(to.sent, one.sent);
      to.received = std::max(to.received, one.received);
    } else {
      to.count += one.count;
      to.sent += one.sent;
      to.received += one.received;
    }
  }
  for (const auto& [key, one] : shared) {
    sum.count += one.count;
    sum.sent += one.sent;
    sum.received += one.received;
  }
  return sum;
}

std::string processes_text(const std::set<std::string>& processes) {
  constexpr std::size_t kMost = 3;
  std::string text;
  std::size_t shown = 0;
  for (const std::string& process : processes) {
    if (shown++ == kMost) return text + fmt::format(" and {} more", processes.size() - kMost);
    text += (text.empty() ? ", by " : ", ") + one_line(process);
  }
  return text;
}

std::string established_text(std::span<const TrafficUse> uses) {
  const Traffic& first = *uses.front().traffic;
  std::int64_t first_ns = first.first_ns, last_ns = first.last_ns;
  bool before_start = false, seen = false, shared = false;
  std::set<std::string> processes;
  for (const TrafficUse& use : uses) {
    const Traffic& traffic = *use.traffic;
    first_ns = std::min(first_ns, traffic.first_ns);
    last_ns = std::max(last_ns, traffic.last_ns);
    before_start |= traffic.before_start;
    seen |= use.seen();
    shared |= traffic.count_shared;
    processes.insert(traffic.processes.begin(), traffic.processes.end());
  }
  const Sum sum = sum_of(uses);
  const bool connects = first.protocol == "TCP" || first.protocol == "SCTP";
  std::string text =
      fmt::format("{}, {}", count_text(sum.count, connects ? "connection" : "exchange"),
                  span_text(first_ns, last_ns));
  if (sum.sent + sum.received > 0) {
    text += fmt::format(", {} sent, {} received", format_size(sum.sent), format_size(sum.received));
  }
  if (before_start) text += ", open before the recording";
  text += processes_text(processes);
  if (shared) text += ", to one or another of these";
  if (!seen) text += ", seen from the other end";
  return text;
}

}  // namespace

std::string evidence_text(std::span<const TrafficUse> uses) {
  std::vector<TrafficUse> worked;
  std::map<std::string, std::vector<TrafficUse>> failed;
  for (const TrafficUse& use : uses) {
    const std::string& error = use.traffic->error;
    (error.empty() ? worked : failed[error]).push_back(use);
  }
  std::string text = worked.empty() ? "" : established_text(worked);
  for (const auto& [error, times] : failed) {
    text += text.empty() ? established_text(times) + ", failed with " + one_line(error)
                         : fmt::format(", {} failed with {}", format_count(sum_of(times).count),
                                       one_line(error));
  }
  return text;
}

}  // namespace ig
