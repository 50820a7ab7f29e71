// SPDX-License-Identifier: Apache-2.0
#include "advisors/seccomp/decision_diagrams.h"

#include <algorithm>
#include <utility>

namespace ig {
namespace {

constexpr std::size_t kMostNodes = 1 << 18;  // real filters have thousands

}  // namespace

DecisionDiagrams::Node DecisionDiagrams::unique(const Inner& inner) {
  const auto [entry, is_new] = known_.try_emplace(inner, static_cast<Node>(nodes_.size()));
  if (is_new) {
    nodes_.push_back(inner);
    overflowed_ |= nodes_.size() > kMostNodes;
  }
  return entry->second;
}

DecisionDiagrams::Node DecisionDiagrams::leaf(std::uint32_t value) {
  return unique({kLeaf, value, value});
}

DecisionDiagrams::Node DecisionDiagrams::make(unsigned bit, Node no, Node yes) {
  return no == yes ? no : unique({static_cast<std::uint16_t>(bit), no, yes});
}

// From the lowest bit up: `so_far` is the answer where all higher bits are equal.
DecisionDiagrams::Node DecisionDiagrams::test(Half half, Relation relation, std::uint32_t value) {
  const Node no = leaf(0), yes = leaf(1);
  const unsigned first = half.argument * 64 + (half.upper ? 0 : 32);
  Node so_far = relation == Relation::kEqual || relation == Relation::kGreaterOrEqual ? yes : no;
  for (unsigned shift = 0; shift < 32; ++shift) {
    const unsigned bit = first + 31 - shift;
    const bool counts = (half.mask >> shift & 1) != 0, wanted = (value >> shift & 1) != 0;
    const Node equal = so_far;
    if (relation == Relation::kAnyBit) {
      if (counts && wanted) so_far = make(bit, equal, yes);
    } else if (!counts) {
      so_far = wanted ? no : equal;
    } else if (wanted) {
      so_far = make(bit, no, equal);
    } else {
      so_far = make(bit, equal, relation == Relation::kEqual ? no : yes);
    }
  }
  return so_far;
}

DecisionDiagrams::Node DecisionDiagrams::below(Node node, unsigned bit, bool set) const {
  const Inner& inner = nodes_[node];
  if (inner.bit != bit) return node;
  return set ? inner.yes : inner.no;
}

DecisionDiagrams::Node DecisionDiagrams::choose(Node condition, Node yes, Node no) {
  if (yes == no || overflowed_) return yes;
  if (is_leaf(condition)) return nodes_[condition].no != 0 ? yes : no;
  const std::array key{condition, yes, no};
  if (const auto found = chosen_.find(key); found != chosen_.end()) return found->second;
  const unsigned bit = std::min({nodes_[condition].bit, nodes_[yes].bit, nodes_[no].bit});
  const auto part = [&](bool set) {
    return choose(below(condition, bit, set), below(yes, bit, set), below(no, bit, set));
  };
  const Node without = part(false), with = part(true);
  return chosen_[key] = make(bit, without, with);
}

DecisionDiagrams::Node DecisionDiagrams::combine(
    Node left, Node right, const std::function<std::uint32_t(std::uint32_t, std::uint32_t)>& of) {
  std::map<std::pair<Node, Node>, Node> done;
  const auto walk = [&](const auto& self, Node a, Node b) -> Node {
    if (is_leaf(a) && is_leaf(b)) return leaf(of(nodes_[a].no, nodes_[b].no));
    if (overflowed_) return a;
    if (const auto found = done.find({a, b}); found != done.end()) return found->second;
    const unsigned bit = std::min(nodes_[a].bit, nodes_[b].bit);
    const Node without = self(self, below(a, bit, false), below(b, bit, false));
    const Node with = self(self, below(a, bit, true), below(b, bit, true));
    return done[{a, b}] = make(bit, without, with);
  };
  return walk(walk, left, right);
}

std::uint32_t DecisionDiagrams::at(Node node, const std::array<std::uint64_t, 6>& arguments) const {
  while (!is_leaf(node)) {
    const Inner& inner = nodes_[node];
    const bool set = (arguments[inner.bit / 64] >> (63 - inner.bit % 64) & 1) != 0;
    node = set ? inner.yes : inner.no;
  }
  return nodes_[node].no;
}

std::set<std::uint32_t> DecisionDiagrams::leaves(Node node) const {
  std::set<std::uint32_t> values;
  std::set<Node> seen;
  std::vector<Node> open{node};
  while (!open.empty()) {
    const Node next = open.back();
    open.pop_back();
    if (!seen.insert(next).second) continue;
    if (is_leaf(next)) {
      values.insert(nodes_[next].no);
    } else {
      open.insert(open.end(), {nodes_[next].no, nodes_[next].yes});
    }
  }
  return values;
}

std::optional<std::vector<DecisionDiagrams::Path>> DecisionDiagrams::paths(Node node,
                                                                           std::size_t most) const {
  std::vector<Path> found;
  const auto walk = [&](const auto& self, Node at, const Path& path) -> bool {
    const Inner& inner = nodes_[at];
    if (is_leaf(at)) {
      if (inner.no != 0) found.push_back(path);
      return found.size() <= most;
    }
    for (const bool set : {false, true}) {
      Path longer = path;
      const unsigned argument = inner.bit / 64;
      if (longer.empty() || longer.back().argument != argument) longer.push_back({argument});
      const std::uint64_t bit = std::uint64_t{1} << (63 - inner.bit % 64);
      longer.back().mask |= bit;
      if (set) longer.back().value |= bit;
      if (!self(self, set ? inner.yes : inner.no, longer)) return false;
    }
    return true;
  };
  // Each node leads to a leaf other than 0, so the walk is as long as what it finds.
  if (!walk(walk, node, {})) return std::nullopt;
  return found;
}

}  // namespace ig
