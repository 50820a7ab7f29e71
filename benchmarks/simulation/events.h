// SPDX-License-Identifier: Apache-2.0
// What happens on the simulated node, one event at a time.
#pragma once

#include <string>

#include "benchmarks/simulation/node.h"

namespace ig::simulation {

class Events {
 public:
  explicit Events(Node& node) : node_(node) {}
  void happen();

 private:
  Table& event(std::string_view view);
  void set_connection(Table& to);
  void open_file();
  void look_up();
  void execute();
  void connect(std::string_view view);
  void be_slow();
  void signal();
  void record_call();

  Node& node_;
  std::int64_t last_pid_ = 4'000'000, sequence_ = 0;
  bool asked_ = false;
  std::string text_, file_, answer_, source_, peer_;  // what the values of a row are views of
};

}  // namespace ig::simulation
