// SPDX-License-Identifier: Apache-2.0
#include "store/interner.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace ig {
namespace {

TEST(KnownIdsTest, RemembersWhatIsInUse) {
  KnownIds known(20'000);  // about 100 entries a generation
  known.add("busy", 1);
  for (std::int64_t n = 2; n < 10'000; ++n) {
    known.add(fmt::format("once {}", n), n);
    ASSERT_EQ(known.find("busy"), 1) << n;
  }
}

TEST(KnownIdsTest, ForgetsWhatIsNot) {
  KnownIds known(20'000);
  known.add("silent", 1);
  for (std::int64_t n = 2; n < 1000; ++n) known.add(fmt::format("once {}", n), n);
  EXPECT_EQ(known.find("silent"), 0);
  EXPECT_EQ(known.find("once 999"), 999);
}

TEST(KnownIdsTest, TakesWhatIsLargerThanItself) {
  KnownIds known(100);
  known.add(std::string(1000, 'x'), 1);
  EXPECT_EQ(known.find("y"), 0);
}

}  // namespace
}  // namespace ig
