// SPDX-License-Identifier: Apache-2.0
#include "cli/progress.h"

#include <fmt/format.h>

#include "base/text.h"
#include "reporters/display_text.h"

namespace ig {
namespace {

std::string counted(std::uint64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", format_count(count), noun, count == 1 ? "" : "s");
}

// Whole seconds: what changes faster cannot be read.
std::string seconds_text(std::chrono::nanoseconds time) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time).count();
  if (seconds < 3600) return fmt::format("{}:{:02}", seconds / 60, seconds % 60);
  return fmt::format("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

std::string time_text(const RecorderStatus& status) {
  if (status.duration.count() == 0) return seconds_text(status.elapsed);
  const auto left = status.duration - std::min(status.elapsed, status.duration);
  return seconds_text(left) + " left";
}

}  // namespace

std::string progress_text(const RecorderStatus& status, std::size_t width) {
  const auto facts = fmt::format("recording  {}  {}  {}  {} lost", time_text(status),
                                 counted(status.events, "event"),
                                 counted(status.workloads, "workload"), format_count(status.lost));
  const auto text = facts + "  (Ctrl-C ends it and keeps all)";
  if (display_width(text) <= width) return text;
  return display_width(facts) <= width ? facts : fit(facts, width);
}

std::string summary_text(const RecorderStatus& status) {
  return fmt::format("{}, {}, {}, {}", format_duration(status.elapsed),
                     counted(status.events, "event"), counted(status.workloads, "workload"),
                     status.lost == 0 ? "nothing lost" : format_count(status.lost) + " lost");
}

}  // namespace ig
