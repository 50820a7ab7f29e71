// SPDX-License-Identifier: Apache-2.0
// Events that took time: sums of them by key, and how their latency changed in the course of the
// recording.
#pragma once

#include <string>
#include <vector>

#include "advisors/report/blocks.h"
#include "advisors/report/latency.h"
#include "advisors/report/measures.h"

namespace ig::report {

struct Timed {
  Tally tally;
  Latency latency;

  void add(std::int64_t ns, bool in_vain = false) {
    tally.add(in_vain);
    latency.add(ns);
  }
  void merge(const Timed& other) {
    tally.merge(other.tally);
    latency.merge(other.latency);
  }
  std::uint64_t weight() const { return tally.count; }
};

class HeatMapMaker {
 public:
  HeatMapMaker(const Source& source, std::string title);
  void add(std::int64_t time_ns, std::int64_t latency_ns);
  HeatMap finish() && { return std::move(map_); }

 private:
  const Source& source_;
  HeatMap map_;
};

// Rows "key, count, percentiles".
Table timed_table(std::string title, const std::string& key, const std::string& count_key,
                  const Named<Timed>& rows, std::uint64_t left_out);
Table tally_table(std::string title, const std::string& key, const std::string& count_key,
                  const Named<Tally>& rows, std::uint64_t left_out, bool with_failed = true);

}  // namespace ig::report
