// SPDX-License-Identifier: Apache-2.0
// Latency: a distribution of times in bounded memory, from which percentiles come. Values fall into
// slots that are 1/64 of their size wide, so that a percentile is less than 2 % off; the maximum is
// exact.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "advisors/report/blocks.h"

namespace ig::report {

class Latency {
 public:
  void add(std::int64_t ns);
  // What a gadget counted itself: a JSON array of slots of powers of two, in units of `unit_ns`.
  // Percentiles are then the ends of slots. Anything else than such an array adds nothing.
  void add_slots(std::string_view json, std::int64_t unit_ns);
  // The exact maximum of what add_slots() was given.
  void set_longest(std::int64_t ns);
  void merge(const Latency& other);

  std::uint64_t count() const { return count_; }
  Percentiles percentiles() const;
  // By powers of two, in microseconds.
  std::vector<std::uint64_t> slots() const;

 private:
  std::int64_t quantile(double share) const;

  struct Slot {
    std::int64_t end;  // its greatest value
    std::uint64_t count;
  };
  void add(std::int64_t end, std::uint64_t count);

  std::vector<Slot> counts_;  // in the order of their ends; few, as most values are near others
  std::uint64_t count_ = 0;
  std::int64_t max_ = 0;
  bool exact_ = true, longest_known_ = false;
};

Histogram histogram(std::string title, const Latency& latency);

// "p50", "p90", "p99", "max", and what goes into them. A column of bounds says so.
void add_latency_columns(std::vector<TableColumn>& columns, bool at_most = false,
                         bool max_exact = true);
void add_latency_cells(std::vector<Cell>& row, const Latency& latency);

// "p50 1.2ms, p99 14.0ms, max 20.1ms"
std::string percentiles_text(const Percentiles& percentiles);

}  // namespace ig::report
