// SPDX-License-Identifier: Apache-2.0
#include "advisors/seccomp/syscall_versions.h"

#include <gmock/gmock.h>

#include "store/syscall_table.h"

namespace ig::test {
namespace {

using testing::Contains;
using testing::Not;

TEST(Versions, AreReadFromWhatKernelsAndPackagesCallThemselves) {
  EXPECT_EQ(*parse_version("6.1"), (Version{6, 1, 0}));
  EXPECT_EQ(*parse_version("6.1.0-13-amd64"), (Version{6, 1, 0}));
  EXPECT_EQ(*parse_version("v2.5.4"), (Version{2, 5, 4}));
  EXPECT_EQ(*parse_version("1.1.5+ds1"), (Version{1, 1, 5}));
  EXPECT_EQ(parse_version("2.5.4")->text(), "2.5.4");
  for (const auto* wrong : {"", "6", "six", "-1.2", "99999999999.1", "."}) {
    EXPECT_FALSE(parse_version(wrong)) << wrong;
  }
}

TEST(SyscallVersions, SayWhenACallCame) {
  EXPECT_EQ(*syscall_since("clone3"), (Version{5, 3, 0}));
  EXPECT_EQ(*syscall_since("close_range"), (Version{5, 9, 0}));
  EXPECT_EQ(*syscall_since("mseal"), (Version{6, 10, 0}));
  EXPECT_EQ(*syscall_since("socket", "i386"), (Version{4, 3, 0}));
  EXPECT_EQ(*syscall_since("socket", "x86_64"), (Version{2, 0, 0}));
  EXPECT_EQ(*libseccomp_since("close_range"), (Version{2, 5, 2}));
  EXPECT_EQ(syscall_since("no_such_call"), std::nullopt);
}

TEST(SyscallVersions, ListWhatANewerKernelHasMore) {
  const auto newer = syscalls_after({6, 7, 0});
  EXPECT_THAT(newer, Contains("mseal"));
  EXPECT_THAT(newer, Not(Contains("futex_wake")));
}

// A call of the installed library that the table lacks would silently never be judged.
TEST(SyscallVersions, KnowEveryCallThatCameSince3_17) {
  for (const auto* arch : {"x86_64", "aarch64"}) {
    for (std::int64_t number = arch[0] == 'x' ? 317 : 277; number < 1000; ++number) {
      if (const auto name = syscall_name(arch, number)) {
        EXPECT_TRUE(syscall_since(*name)) << arch << ' ' << number << ' ' << *name;
      }
    }
  }
}

}  // namespace
}  // namespace ig::test
