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

std::map<std::int64_t, std::string> preferred(const std::string& name,
                                              std::map<std::int64_t, std::string> names) {
  prefer_kernel_names(name, names);
  return names;
}

TEST(KernelEnums, GoBeforeWhatTheObjectSaysOfTheSameEnum) {
  if (kernel_enum_names("bpf_map_type").empty()) GTEST_SKIP() << "the kernel tells no types";
  const auto names = preferred("bpf_map_type", {{77, "BPF_MAP_TYPE_HASH"}, {3, "OLD"}});
  ASSERT_TRUE(names.contains(1));
  EXPECT_EQ(names.at(1), "BPF_MAP_TYPE_HASH");
  EXPECT_NE(names.at(3), "OLD");
}

TEST(KernelEnums, OfTheSameNameOnlyAreOthers) {
  const std::map<std::int64_t, std::string> own{{1, "connect"}, {2, "accept"}};
  EXPECT_EQ(preferred("bpf_map_type", own), own);
  EXPECT_EQ(preferred("no_such_enum_anywhere", own), own);
}

}  // namespace
}  // namespace ig
