// SPDX-License-Identifier: Apache-2.0
#include "advisors/report/flame_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.h"

namespace ig::report {
namespace {

constexpr std::size_t kDeepest = 512;

bool is_frame(const FlameNode& node) {
  return node.kind == FlameNode::Kind::kUser || node.kind == FlameNode::Kind::kKernel;
}

// Whether a frame above is the same function.
bool is_recursion(const std::vector<FlameNode>& nodes, std::size_t index) {
  for (auto above = nodes[index].parent; is_frame(nodes[above]); above = nodes[above].parent) {
    if (nodes[above].kind == nodes[index].kind && nodes[above].name == nodes[index].name)
      return true;
  }
  return false;
}

}  // namespace

FlameTree::FlameTree(std::size_t most_nodes) : most_nodes_(most_nodes), nodes_(1) {
  nodes_[0].name = "all";
}

std::size_t FlameTree::child(std::size_t parent, std::string_view name, Kind kind) {
  const auto key = fmt::format("{} {} {}", parent, static_cast<int>(kind), name);
  const auto found = children_.find(key);
  if (found != children_.end()) return found->second;
  if (nodes_.size() >= most_nodes_) {
    full_ = true;
    return parent;
  }
  nodes_.push_back({std::string(name), kind, parent, 0, 0});
  children_.emplace(key, nodes_.size() - 1);
  return nodes_.size() - 1;
}

void FlameTree::add(const Stack& stack, std::uint64_t samples) {
  std::size_t node = 0, depth = 0;
  nodes_[0].total += samples;
  const auto descend = [&](std::string_view name, Kind kind) {
    if (name.empty() || ++depth > kDeepest) return;
    const auto below = child(node, name, kind);
    if (below == node) return;
    node = below;
    nodes_[node].total += samples;
  };
  for (const auto& [name, kind] : stack.base) descend(name, kind);
  for (const auto frame : split(stack.user, ';')) descend(frame, Kind::kUser);
  for (const auto frame : split(stack.kernel, ';')) descend(frame, Kind::kKernel);
  nodes_[node].self += samples;
}

std::vector<FlameNode> FlameTree::finish() && { return std::move(nodes_); }

std::vector<FlameNode> prune(const std::vector<FlameNode>& nodes, double share) {
  if (nodes.empty()) return {};
  const auto least = static_cast<double>(nodes[0].total) * share;
  std::vector<FlameNode> kept;
  std::vector<std::size_t> place(nodes.size());  // of the node, or of what stands for it
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const bool keep = i == 0 || (place[nodes[i].parent] != SIZE_MAX &&
                                 static_cast<double>(nodes[i].total) >= least);
    if (!keep) {
      // All of it once, at the topmost node that is left out.
      const auto parent = place[nodes[i].parent];
      if (parent != SIZE_MAX) kept[parent].self += nodes[i].total;
      place[i] = SIZE_MAX;
      continue;
    }
    place[i] = kept.size();
    kept.push_back(nodes[i]);
    kept.back().parent = i == 0 ? 0 : place[nodes[i].parent];
  }
  return kept;
}

std::vector<FunctionSamples> functions_of(const std::vector<FlameNode>& nodes) {
  std::map<std::pair<FlameNode::Kind, std::string>, FunctionSamples> sums;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (!is_frame(nodes[i])) continue;
    auto& sum = sums[{nodes[i].kind, nodes[i].name}];
    sum.self += nodes[i].self;
    if (!is_recursion(nodes, i)) sum.total += nodes[i].total;
  }
  std::vector<FunctionSamples> list;
  for (auto& [key, sum] : sums) {
    list.push_back({key.second, key.first, sum.self, sum.total});
  }
  std::ranges::stable_sort(list, [](const auto& a, const auto& b) {
    return std::pair(a.self, a.total) > std::pair(b.self, b.total);
  });
  return list;
}

}  // namespace ig::report
