// SPDX-License-Identifier: Apache-2.0
// LossCounters: what went missing in the kernel, as it is counted there. The counters only grow
// and are never reset, so no increment is lost between reading and resetting; a loss is the
// difference between two readings.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "recorder/gadget/loaded_gadget.h"
#include "store/event_sink.h"

namespace ig {

class LossCounters {
 public:
  explicit LossCounters(std::int64_t now_ns) : last_reading_ns_(now_ns) {}
  void add(const LoadedGadget& gadget);

  // What was lost since the last reading.
  std::vector<Loss> read(std::int64_t now_ns);

 private:
  struct Counter {
    std::string gadget;
    LoadedGadget::LossCounter source;
    std::uint64_t last = 0;
  };
  std::vector<Counter> counters_;
  std::int64_t last_reading_ns_;
};

// Of one counter for each CPU.
std::uint64_t sum_per_cpu(int map_fd);

}  // namespace ig
