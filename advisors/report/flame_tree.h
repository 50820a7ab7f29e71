// SPDX-License-Identifier: Apache-2.0
// FlameTree: stacks put together, so that what they have in common is one node. Bounded: where a
// tree is full, samples count for the deepest frame that it has of their stack.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "advisors/report/blocks.h"

namespace ig::report {

class FlameTree {
 public:
  using Kind = FlameNode::Kind;
  static constexpr std::size_t kMostNodes = 200'000;

  explicit FlameTree(std::size_t most_nodes = kMostNodes);

  // One stack: `base` above the frames (workload, process), then texts of docs/stacks.md.
  struct Stack {
    std::vector<std::pair<std::string_view, Kind>> base;
    std::string_view user, kernel;
  };
  void add(const Stack& stack, std::uint64_t samples);

  bool full() const { return full_; }
  std::vector<FlameNode> finish() &&;

 private:
  std::size_t child(std::size_t parent, std::string_view name, Kind kind);

  std::size_t most_nodes_;
  bool full_ = false;
  std::vector<FlameNode> nodes_;
  std::unordered_map<std::string, std::size_t> children_;  // by parent, kind and name
};

// The same tree without nodes that have less than `share` of all; what they had is their parent's
// own.
std::vector<FlameNode> prune(const std::vector<FlameNode>& nodes, double share);

// Functions by their own samples: name, own, with callees (a recursive one counts once).
struct FunctionSamples {
  std::string name;
  FlameNode::Kind kind = FlameNode::Kind::kUser;
  std::uint64_t self = 0, total = 0;
};
std::vector<FunctionSamples> functions_of(const std::vector<FlameNode>& nodes);

}  // namespace ig::report
