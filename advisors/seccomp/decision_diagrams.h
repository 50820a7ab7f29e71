// SPDX-License-Identifier: Apache-2.0
// DecisionDiagrams: functions of the six arguments of a system call, each in the one form that it
// can have: two are the same function exactly where they are the same node. So filters that were
// written differently can be compared for what they mean, for all values at once. (Ordered
// decision diagrams with many leaves: Bryant 1986; a variable is one bit of one argument.)
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <vector>

namespace ig {

class DecisionDiagrams {
 public:
  using Node = std::uint32_t;
  enum class Relation { kEqual, kGreater, kGreaterOrEqual, kAnyBit };

  // A half of an argument, as filters load it, of which only the bits in `mask` count.
  struct Half {
    unsigned argument = 0;
    bool upper = false;
    std::uint32_t mask = 0xffffffff;
    auto operator<=>(const Half&) const = default;
  };
  // The bits in `mask` of one argument are those of `value`.
  struct Bits {
    unsigned argument = 0;
    std::uint64_t mask = 0, value = 0;
    bool operator==(const Bits&) const = default;
  };
  using Path = std::vector<Bits>;  // all hold; by argument

  Node leaf(std::uint32_t value);  // whatever the arguments are
  Node test(Half half, Relation relation,
            std::uint32_t value);  // leaf 1 where it holds, else leaf 0
  Node choose(Node condition, Node yes, Node no);
  // Leaf by leaf.
  Node combine(Node left, Node right,
               const std::function<std::uint32_t(std::uint32_t, std::uint32_t)>& of);

  // The leaf for these arguments.
  std::uint32_t at(Node node, const std::array<std::uint64_t, 6>& arguments) const;
  std::set<std::uint32_t> leaves(Node node) const;
  // The ways to leaves other than 0, which exclude each other; nullopt where there are more.
  std::optional<std::vector<Path>> paths(Node node, std::size_t most) const;

  // Some functions have no small form: from then on all results are worthless.
  bool overflowed() const { return overflowed_; }

 private:
  struct Inner {
    std::uint16_t bit = 0;  // kLeaf: `no` is the value
    Node no = 0, yes = 0;
    auto operator<=>(const Inner&) const = default;
  };
  static constexpr unsigned kLeaf = 6 * 64;

  Node make(unsigned bit, Node no, Node yes);
  Node unique(const Inner& inner);
  bool is_leaf(Node node) const { return nodes_[node].bit == kLeaf; }
  Node below(Node node, unsigned bit, bool set) const;

  std::vector<Inner> nodes_;
  std::map<Inner, Node> known_;
  std::map<std::array<Node, 3>, Node> chosen_;
  bool overflowed_ = false;
};

}  // namespace ig
