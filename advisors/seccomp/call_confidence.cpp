// SPDX-License-Identifier: Apache-2.0
#include "advisors/seccomp/call_confidence.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "advisors/advice_text.h"
#include "base/clock.h"
#include "base/text.h"

namespace ig {
namespace {

constexpr std::size_t kEnoughInstances = 3;

// Chao's lower bound, bias corrected where nothing was seen twice (Chao 1984, 1987).
double chao(double once, double twice) {
  return twice > 0 ? once * once / (2 * twice) : once * (once - 1) / 2;
}

std::string duration_text(std::int64_t ns) { return format_duration(std::chrono::nanoseconds(ns)); }

}  // namespace

CallConfidence call_confidence(const ObservedCalls& observed, std::size_t instances,
                               std::int64_t sessions_end_ns) {
  CallConfidence out;
  out.calls = observed.calls.size();
  if (observed.calls.empty()) return out;
  std::int64_t begin = observed.calls.front().first_ns, last_new = begin, end = sessions_end_ns;
  double all = 0, once = 0, twice = 0, one_instance = 0, two_instances = 0;
  for (const auto& call : observed.calls) {
    begin = std::min(begin, call.first_ns);
    last_new = std::max(last_new, call.first_ns);
    end = std::max(end, call.last_ns);
    all += static_cast<double>(call.count);
    once += call.count == 1;
    twice += call.count == 2;
    one_instance += call.instances.size() == 1;
    two_instances += call.instances.size() == 2;
  }
  out.last_new_after_ns = last_new - begin;
  out.span_ns = end - begin;
  for (const auto& call : observed.calls) {
    const auto after = static_cast<double>(call.first_ns - begin);
    const auto tenth = out.span_ns > 0 ? 10 * after / static_cast<double>(out.span_ns) : 0;
    ++out.new_by_tenth[std::min<std::size_t>(static_cast<std::size_t>(tenth), 9)];
  }
  out.seen_once = static_cast<std::size_t>(once);
  out.next_is_new = all > 0 ? once / all : 0;
  out.of_instances = instances >= kEnoughInstances;
  const auto of = static_cast<double>(instances);
  out.unseen =
      out.of_instances ? (of - 1) / of * chao(one_instance, two_instances) : chao(once, twice);
  return out;
}

std::vector<std::string> confidence_text(const CallConfidence& confidence) {
  std::vector<std::string> tenths;
  for (const auto count : confidence.new_by_tenth) tenths.push_back(std::to_string(count));
  return {
      fmt::format("trust: the last new call came {} into {} (new in each tenth: {}); {} of {} "
                  "were seen once",
                  duration_text(confidence.last_new_after_ns), duration_text(confidence.span_ns),
                  join(tenths, " "), confidence.seen_once, confidence.calls),
      fmt::format("trust: at least {:.0f} calls unseen ({}), {:.2g} % chance that the next one is "
                  "new (Good-Turing); for independent calls of an unchanging load, so rare "
                  "paths may be missing all the same",
                  confidence.unseen,
                  confidence.of_instances ? "Chao2 over instances" : "Chao1 over counts",
                  100 * confidence.next_is_new)};
}

}  // namespace ig
