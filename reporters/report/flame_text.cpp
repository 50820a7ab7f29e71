// SPDX-License-Identifier: Apache-2.0
// Stacks as a tree. Frames that lead nowhere else are on one line, so that the tree branches where
// the time does.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "advisors/report/flame_tree.h"
#include "base/text.h"
#include "reporters/display_text.h"
#include "reporters/report/report_text.h"

namespace ig {
namespace {

using namespace report;

constexpr double kLeastShare = 0.01;
constexpr std::size_t kMostOnALine = 6;

class TreeWriter {
 public:
  TreeWriter(std::vector<FlameNode> nodes, double frequency, const Style& style)
      : nodes_(std::move(nodes)), children_(nodes_.size()), frequency_(frequency), style_(style) {
    for (std::size_t i = 1; i < nodes_.size(); ++i) children_[nodes_[i].parent].push_back(i);
    for (auto& list : children_) {
      std::ranges::stable_sort(
          list, [this](auto a, auto b) { return nodes_[a].total > nodes_[b].total; });
    }
  }

  std::string write() {
    auto text = fmt::format("  {:>6}  {:>8}  FRAMES\n", "SHARE", "CPU");
    write(0, "", "", text);
    return text;
  }

 private:
  // The frames from `node` on that have all its samples; `node` becomes the last of them.
  std::string chain(std::size_t& node) const {
    std::vector<std::string> names = {name(node)};
    while (children_[node].size() == 1 && nodes_[children_[node][0]].total == nodes_[node].total) {
      node = children_[node][0];
      names.push_back(name(node));
    }
    if (names.size() > kMostOnALine) {
      const auto left_out = names.size() - kMostOnALine;
      const auto at = names.begin() + 2;
      names.erase(at, at + static_cast<std::ptrdiff_t>(left_out));
      names.insert(names.begin() + 2, fmt::format("… {} …", left_out));
    }
    return fmt::format("{}", fmt::join(names, " > "));
  }

  std::string name(std::size_t node) const {
    const auto text = printable(nodes_[node].name);
    return nodes_[node].kind == FlameNode::Kind::kKernel ? text + "_[k]" : text;
  }

  // Depth is bounded: the tree's is, and chains shorten it.
  void write(std::size_t node, const std::string& branch, const std::string& below,
             std::string& text) {
    const auto total = static_cast<double>(nodes_[node].total);
    const auto share = total / static_cast<double>(nodes_[0].total);
    const auto time = std::chrono::nanoseconds(static_cast<std::int64_t>(total / frequency_ * 1e9));
    const auto frames = chain(node);
    text += cut_line(fmt::format("  {:>5.1f}%  {:>8}  {}{}", share * 100, format_duration(time),
                                 branch, frames),
                     style_) +
            '\n';
    const auto& children = children_[node];
    for (std::size_t i = 0; i < children.size(); ++i) {
      const bool last = i + 1 == children.size();
      write(children[i], below + (last ? "└─ " : "├─ "), below + (last ? "   " : "│  "), text);
    }
  }

  std::vector<FlameNode> nodes_;
  std::vector<std::vector<std::size_t>> children_;
  double frequency_;
  const Style& style_;
};

}  // namespace

std::string flame_text(const FlameGraph& graph, const Style& style) {
  if (graph.nodes.empty() || graph.nodes[0].total == 0) return {};
  TreeWriter writer(prune(graph.nodes, kLeastShare), std::max(graph.frequency, 1.0), style);
  return fmt::format(
      "{} (of more than {:.0f} %; --format html, folded, speedscope or pprof has "
      "all)\n{}",
      style.bold(graph.title), kLeastShare * 100, writer.write());
}

}  // namespace ig
