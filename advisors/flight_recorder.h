// SPDX-License-Identifier: Apache-2.0
// What flight recorders (gadget traceloop) kept: the last system calls of each workload.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "advisors/advisor.h"
#include "base/result.h"
#include "store/session_reader.h"

namespace ig {

struct FlightQuestion {
  Selector selector;
  std::set<std::string> calls;                 // by name; empty = all
  bool only_failed = false;                    // those that returned an error
  std::optional<std::int64_t> from_ns, to_ns;  // wall clock; when a call began
};

// Texts are good until the next call.
struct FlightCall {
  std::int64_t begin_ns = 0;     // wall clock
  std::int64_t duration_ns = 0;  // of an unfinished one so far
  std::int64_t pid = 0, tid = 0, cpu = 0;
  std::string_view comm, workload;
  std::string_view name;        // "openat"
  std::string_view parameters;  // in strace's notation, without the parentheses
  std::string_view result;      // "3", "-1 ENOENT (No such file or directory)", "?"
  bool finished = true;         // false: the thread ended in it, or waited in it to the end
  bool failed = false;
};

// How much of a workload's flight is there.
struct FlightRing {
  std::string workload;
  std::uint64_t recorded = 0;     // calls that it made
  std::uint64_t overwritten = 0;  // that newer ones took the place of before they were read
};

// In the order in which they began; `on_call` returns false to stop. kNotFound where no flight
// recorder ran.
Result<> read_flight(const Recording& recording, const FlightQuestion& question,
                     const std::function<bool(const FlightCall&)>& on_call);
// Of the selected workloads, by name.
Result<std::vector<FlightRing>> read_flight_rings(const Recording& recording,
                                                  const Selector& selector);

}  // namespace ig
