// SPDX-License-Identifier: Apache-2.0
// Kernel programs stamp events in boot time (CLOCK_BOOTTIME, which no clock step moves); people
// and files want wall time. ClockOffset is the difference, measured once a process, so that the
// distance between two recorded times is never changed by a clock step in between.
#pragma once

#include <cstdint>
#include <string>

namespace ig {

std::int64_t wall_time_ns();  // CLOCK_REALTIME, but for its steps since the first call
std::int64_t boot_time_ns();  // CLOCK_BOOTTIME

class ClockOffset {
 public:
  static ClockOffset measure();
  explicit ClockOffset(std::int64_t offset_ns) : offset_ns_(offset_ns) {}

  std::int64_t to_wall(std::uint64_t boot_ns) const {
    return static_cast<std::int64_t>(boot_ns) + offset_ns_;
  }
  std::int64_t nanoseconds() const { return offset_ns_; }

 private:
  std::int64_t offset_ns_;
};

// "2026-11-03T14:02:11Z": UTC, so that the same session reads the same on every machine.
std::string format_time(std::int64_t wall_ns);
// The same with nine digits of the second's fraction.
std::string format_time_precise(std::int64_t wall_ns);

}  // namespace ig
