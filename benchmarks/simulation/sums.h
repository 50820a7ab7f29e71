// SPDX-License-Identifier: Apache-2.0
// What the kernel has summed up of a workload of the simulated node when the recording ends.
#pragma once

#include <string>

#include "benchmarks/simulation/node.h"

namespace ig::simulation {

class Sums {
 public:
  explicit Sums(Node& node) : node_(node) {}
  void sum_up(WorkloadId id);

 private:
  Table& sum(std::string_view view);
  void sum_up_calls();
  void sum_up_capabilities();
  void sum_up_flows();
  void sum_up_latencies();
  void sum_up_stacks();

  Node& node_;
  std::string text_, peer_;  // what the values of a row are views of
};

}  // namespace ig::simulation
