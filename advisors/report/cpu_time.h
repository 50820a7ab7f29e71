// SPDX-License-Identifier: Apache-2.0
// From samples to time.
#pragma once

#include <charconv>

#include "advisors/report/source.h"

namespace ig::report {

inline constexpr double kDefaultFrequency = 99;  // profile_cpu's, where it was not chosen

inline double sample_frequency(const Source& source) {
  const auto text = source.parameter("profile_cpu", "frequency");
  double frequency = 0;
  std::from_chars(text.data(), text.data() + text.size(), frequency);
  return frequency > 0 ? frequency : kDefaultFrequency;
}

inline std::int64_t cpu_time_ns(const Source& source, std::uint64_t samples) {
  const auto ns = static_cast<double>(samples) / sample_frequency(source) * 1e9;
  return static_cast<std::int64_t>(std::min(ns, 9e18));
}

}  // namespace ig::report
