// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <limits>

namespace ig {
namespace {

constexpr std::int64_t kNanoseconds = 1'000'000'000;

std::int64_t now(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return time.tv_sec * kNanoseconds + time.tv_nsec;
}

std::string format_seconds(std::int64_t seconds) {
  std::tm parts{};
  const std::time_t time = seconds;
  gmtime_r(&time, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

std::int64_t floor_seconds(std::int64_t ns) {
  return ns / kNanoseconds - (ns % kNanoseconds < 0 ? 1 : 0);
}

}  // namespace

std::int64_t boot_time_ns() { return now(CLOCK_BOOTTIME); }

std::int64_t wall_time_ns() {
  return ClockOffset::measure().to_wall(static_cast<std::uint64_t>(boot_time_ns()));
}

ClockOffset ClockOffset::measure() {
  // The reading with the least delay between the two clocks is the truest.
  static const auto measured = [] {
    std::int64_t best_delay = std::numeric_limits<std::int64_t>::max();
    std::int64_t offset = 0;
    for (int i = 0; i < 5; ++i) {
      const auto before = boot_time_ns();
      const auto wall = now(CLOCK_REALTIME);
      const auto after = boot_time_ns();
      if (after - before < best_delay) {
        best_delay = after - before;
        offset = wall - (before + after) / 2;
      }
    }
    return offset;
  }();
  return ClockOffset(measured);
}

std::string format_time(std::int64_t wall_ns) {
  return format_seconds(floor_seconds(wall_ns)) + "Z";
}

std::string format_time_precise(std::int64_t wall_ns) {
  const auto seconds = floor_seconds(wall_ns);
  return fmt::format("{}.{:09}Z", format_seconds(seconds), wall_ns - seconds * kNanoseconds);
}

}  // namespace ig
