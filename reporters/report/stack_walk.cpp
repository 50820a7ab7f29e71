// SPDX-License-Identifier: Apache-2.0
#include "reporters/report/stack_walk.h"

#include <algorithm>

#include "reporters/display_text.h"

namespace ig {

using namespace report;

void each_stack(const FlameGraph& graph, const OnStack& on_stack) {
  std::vector<std::string> names;
  names.reserve(graph.nodes.size());
  for (const auto& node : graph.nodes) {
    auto name = printable(node.name);
    std::ranges::replace(name, ';', ':');
    if (node.kind == FlameNode::Kind::kKernel) name += "_[k]";
    names.push_back(std::move(name));
  }
  for (std::size_t i = 1; i < graph.nodes.size(); ++i) {
    if (graph.nodes[i].self == 0) continue;
    std::vector<std::string> frames;
    for (auto node = i; node != 0; node = graph.nodes[node].parent) frames.push_back(names[node]);
    std::ranges::reverse(frames);
    on_stack(frames, graph.nodes[i].self);
  }
}

const FlameGraph* flame_graph_of(const Report& report) {
  for (const auto& section : report.sections) {
    for (const auto& block : section.blocks) {
      if (const auto* graph = std::get_if<FlameGraph>(&block)) return graph;
    }
  }
  return nullptr;
}

}  // namespace ig
