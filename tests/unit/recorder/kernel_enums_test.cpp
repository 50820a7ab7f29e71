// SPDX-License-Identifier: Apache-2.0
#include "recorder/gadget/kernel_enums.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace ig {
namespace {

TEST(KernelEnums, KnowsWhichOnesToAskFor) {
  EXPECT_TRUE(is_kernel_enum("skb_drop_reason"));
  EXPECT_FALSE(is_kernel_enum("tcp_flags_set"));
}

TEST(KernelEnums, AreThoseOfTheRunningKernel) {
  const auto& names = kernel_enum_names("skb_drop_reason");
  if (names.empty()) GTEST_SKIP() << "kernels before 5.17 have no drop reasons";
  EXPECT_TRUE(std::ranges::any_of(
      names, [](const auto& entry) { return entry.second == "SKB_DROP_REASON_NO_SOCKET"; }));
  EXPECT_EQ(&names, &kernel_enum_names("skb_drop_reason"));
}

TEST(KernelEnums, AreEmptyWhereTheKernelLacksThem) {
  EXPECT_TRUE(kernel_enum_names("no_such_enum_anywhere").empty());
}

}  // namespace
}  // namespace ig
