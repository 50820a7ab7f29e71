// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "base/clock.h"
#include "base/text.h"
#include "reporters/display_text.h"
#include "reporters/report/report_text.h"

namespace ig {
namespace {

using namespace report;

// Whether a brother of node `i` follows.
bool has_brother(const std::vector<ProcessNode>& nodes, std::size_t i) {
  for (auto next = i + 1; next < nodes.size(); ++next) {
    if (nodes[next].depth <= nodes[i].depth) return nodes[next].depth == nodes[i].depth;
  }
  return false;
}

}  // namespace

std::string process_tree_text(const ProcessTree& tree, const Style& style) {
  if (tree.nodes.empty()) return {};
  auto out = style.bold(tree.title) + fmt::format("\n  {:<12}  {:>7}  PROGRAM\n", "TIME", "PID");
  std::vector<bool> open;  // by depth: whether a brother follows
  for (std::size_t i = 0; i < tree.nodes.size(); ++i) {
    const auto& node = tree.nodes[i];
    open.resize(node.depth + 1);
    open[node.depth] = has_brother(tree.nodes, i);
    std::string lines;
    for (std::size_t depth = 1; depth < node.depth; ++depth) lines += open[depth] ? "│  " : "   ";
    if (node.depth > 0) lines += open[node.depth] ? "├─ " : "└─ ";
    const auto shown = node.arguments.empty() ? node.name : node.arguments;
    const auto times = node.repeated > 1 ? fmt::format("  ×{}", node.repeated) : "";
    const auto time = node.time_ns == 0 ? "" : format_time_precise(node.time_ns).substr(11, 12);
    out += cut_line(fmt::format("  {:<12}  {:>7}  {}{}{}", time, node.pid, lines, printable(shown),
                                times),
                    style) +
           '\n';
  }
  if (tree.left_out > 0) out += fmt::format("  and {} more\n", format_count(tree.left_out));
  return out;
}

}  // namespace ig
