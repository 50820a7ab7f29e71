// SPDX-License-Identifier: Apache-2.0
// LiveRow: a row that is kept for a while, of an event whose texts do not last.
#pragma once

#include <string>
#include <vector>

#include "store/event_sink.h"

namespace ig {

struct LiveRow {
  explicit LiveRow(const Event& event);
  LiveRow(LiveRow&&) = default;
  LiveRow& operator=(LiveRow&&) = default;

  WorkloadId workload = 0;
  std::vector<Value> values;

 private:
  std::vector<char> texts_;  // what the values point into
};

// The key columns and the workload of a row, as text that sorts by number.
std::string row_key(const Event& event);

// Of a map's row what was added since `before`: amounts as differences, everything else as it is
// now. An amount that shrank was counted anew. False if no amount has changed.
bool subtract_amounts(const EventSchema& schema, const LiveRow& before, LiveRow& row);

}  // namespace ig
