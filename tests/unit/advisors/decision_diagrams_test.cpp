// SPDX-License-Identifier: Apache-2.0
#include "advisors/seccomp/decision_diagrams.h"

#include <gtest/gtest.h>

namespace ig {
namespace {

using Relation = DecisionDiagrams::Relation;

// Two ways to write "argument 1 is 0 to 3".
TEST(DecisionDiagrams, TheSameFunctionIsTheSameNode) {
  DecisionDiagrams diagrams;
  const auto below_4 = diagrams.choose(diagrams.test({.argument = 0}, Relation::kGreaterOrEqual, 4),
                                       diagrams.leaf(0), diagrams.leaf(7));
  auto each = diagrams.leaf(0);
  for (const std::uint32_t value : {2U, 0U, 3U, 1U}) {
    each = diagrams.choose(diagrams.test({.argument = 0}, Relation::kEqual, value),
                           diagrams.leaf(7), each);
  }
  EXPECT_EQ(each, below_4);
  const auto masked =
      diagrams.choose(diagrams.test({.argument = 0, .mask = 0xfffffffc}, Relation::kEqual, 0),
                      diagrams.leaf(7), diagrams.leaf(0));
  EXPECT_EQ(masked, below_4);
  const auto none_above =
      diagrams.choose(diagrams.test({.argument = 0}, Relation::kAnyBit, 0xfffffffc),
                      diagrams.leaf(0), diagrams.leaf(7));
  EXPECT_EQ(none_above, below_4);
}

TEST(DecisionDiagrams, OtherValuesHalvesAndArgumentsAreOtherNodes) {
  DecisionDiagrams diagrams;
  const auto one = diagrams.test({.argument = 0}, Relation::kEqual, 1);
  EXPECT_NE(one, diagrams.test({.argument = 0}, Relation::kEqual, 2));
  EXPECT_NE(one, diagrams.test({.argument = 1}, Relation::kEqual, 1));
  EXPECT_NE(one, diagrams.test({.argument = 0, .upper = true}, Relation::kEqual, 1));
  EXPECT_NE(one, diagrams.test({.argument = 0}, Relation::kGreaterOrEqual, 1));
}

// Every test against what C++ says of small numbers.
TEST(DecisionDiagrams, TestsHoldWhereTheyMust) {
  DecisionDiagrams diagrams;
  for (const std::uint32_t mask : {0xffffffffU, 0x5U, 0x6U}) {
    for (std::uint32_t value = 0; value < 9; ++value) {
      for (std::uint32_t word = 0; word < 9; ++word) {
        const auto holds = [&](Relation relation) {
          const auto node = diagrams.test({.argument = 2, .mask = mask}, relation, value);
          return diagrams.at(node, {0, 0, word, 0, 0, 0}) == 1;
        };
        EXPECT_EQ(holds(Relation::kEqual), (word & mask) == value) << word << ' ' << value;
        EXPECT_EQ(holds(Relation::kGreater), (word & mask) > value) << word << ' ' << value;
        EXPECT_EQ(holds(Relation::kGreaterOrEqual), (word & mask) >= value) << word << ' ' << value;
        EXPECT_EQ(holds(Relation::kAnyBit), (word & mask & value) != 0) << word << ' ' << value;
      }
    }
  }
}

TEST(DecisionDiagrams, PathsTellTheValues) {
  DecisionDiagrams diagrams;
  const auto set =
      diagrams.choose(diagrams.test({.argument = 1}, Relation::kEqual, 5),
                      diagrams.test({.argument = 3}, Relation::kEqual, 9), diagrams.leaf(0));
  const auto paths = diagrams.paths(set, 8);
  ASSERT_TRUE(paths);
  const DecisionDiagrams::Path only = {{1, 0xffffffff, 5}, {3, 0xffffffff, 9}};
  EXPECT_EQ(*paths, std::vector<DecisionDiagrams::Path>{only});
  EXPECT_FALSE(diagrams.paths(diagrams.test({.argument = 1}, Relation::kGreater, 0), 8));
  EXPECT_TRUE(diagrams.paths(diagrams.leaf(0), 8)->empty());
}

// Each pair of equal bits doubles what has to be kept in mind: no order of bits is good for all.
TEST(DecisionDiagrams, GivesUpOnWhatHasNoSmallForm) {
  DecisionDiagrams diagrams;
  auto set = diagrams.leaf(0);
  for (std::uint32_t bit = 0; bit < 24 && !diagrams.overflowed(); ++bit) {
    const std::uint32_t mask = 1U << bit;
    const auto both = diagrams.choose(
        diagrams.test({.argument = 0, .mask = mask}, Relation::kEqual, mask),
        diagrams.test({.argument = 5, .mask = mask}, Relation::kEqual, mask), diagrams.leaf(0));
    set = diagrams.choose(both, diagrams.leaf(1), set);
  }
  EXPECT_TRUE(diagrams.overflowed());
}

}  // namespace
}  // namespace ig
