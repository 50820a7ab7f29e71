// SPDX-License-Identifier: Apache-2.0
// What `bpftrace -f json` prints, a line at a time, as flat facts: the elements of maps, the
// buckets of histograms, printed text. Lines come from another program and may be anything.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ig {

struct BpftraceFact {
  std::string type;  // "map", "hist", "stats", "printf", "time", "join", "cat"…
  std::string name;  // of the map, with its @
  std::string key;   // of the element; several are joined by commas, as bpftrace has them
  std::string value;
  std::optional<std::int64_t> low, high;  // of a bucket; an open end has none
};

struct BpftraceLine {
  std::vector<BpftraceFact> facts;
  bool attached = false;          // its probes are in place
  std::uint64_t lost_events = 0;  // as it says itself
  bool malformed = false;
};
BpftraceLine parse_bpftrace_line(std::string_view line);

}  // namespace ig
