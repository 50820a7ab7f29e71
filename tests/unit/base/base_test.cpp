// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <array>
#include <cerrno>

#include "base/clock.h"
#include "base/result.h"
#include "base/text.h"

namespace ig {
namespace {

using namespace std::chrono_literals;

TEST(TextTest, DurationsAreReadAsPeopleWriteThem) {
  EXPECT_EQ(parse_duration("90"), 90s);
  EXPECT_EQ(parse_duration("10m"), 10min);
  EXPECT_EQ(parse_duration("1h30m"), 90min);
  EXPECT_EQ(parse_duration("250ms"), 250ms);
  EXPECT_EQ(parse_duration("1.5s"), 1500ms);
  for (const char* wrong : {"", "x", "10x", "-5s", "5 s", "1e30h", "m", "nan", "inf"}) {
    const auto parsed = parse_duration(wrong);
    ASSERT_FALSE(parsed) << wrong;
    EXPECT_EQ(parsed.error().code, ErrorCode::kUsage);
    EXPECT_NE(parsed.error().hint, "");
  }
}

TEST(TextTest, SizesAreReadAsPeopleWriteThem) {
  EXPECT_EQ(parse_size("4096"), 4096u);
  EXPECT_EQ(parse_size("4k"), 4096u);
  EXPECT_EQ(parse_size("8MiB"), 8u << 20);
  EXPECT_EQ(parse_size("2g"), 2ull << 30);
  for (const char* wrong : {"", "x", "4q", "4kk", "-1", "1e30", "nan", "inf"}) {
    EXPECT_FALSE(parse_size(wrong)) << wrong;
  }
}

TEST(TextTest, AmountsAreWrittenShort) {
  EXPECT_EQ(format_duration(350ms), "350.0ms");
  EXPECT_EQ(format_duration(12400ms), "12.4s");
  EXPECT_EQ(format_duration(62min), "1h02m");
  EXPECT_EQ(format_size(512), "512 B");
  EXPECT_EQ(format_size(8 << 20), "8.0 MiB");
  EXPECT_EQ(format_count(999), "999");
  EXPECT_EQ(format_count(1'204'511), "1,204,511");
}

TEST(TextTest, SplitKeepsEmptyParts) {
  EXPECT_EQ(split("a,,b", ','), (std::vector<std::string_view>{"a", "", "b"}));
  EXPECT_EQ(split("", ','), (std::vector<std::string_view>{""}));
}

TEST(TextTest, NothingThatATerminalObeysIsLeft) {
  EXPECT_EQ(escape_control("a\x1b[31mb\r\n\t\x7f"), "a\\x1b[31mb\\x0d\\n\\t\\x7f");
  EXPECT_EQ(escape_control("\xc2\x9b"), "\\xc2\\x9b");
  EXPECT_EQ(escape_control("a\x9b\xc2"), "a\\x9b\\xc2") << "not UTF-8";
  EXPECT_EQ(escape_control("\u202e"), "\\xe2\\x80\\xae") << "turns the text around";
  EXPECT_EQ(escape_control("größe €"), "größe €");
}

TEST(TextTest, NearestNameIsFoundIfThereIsOne) {
  constexpr std::array<std::string_view, 3> kNames = {"trace_open", "trace_exec", "advise_seccomp"};
  EXPECT_EQ(nearest_name("trace_opne", kNames), "trace_open");
  EXPECT_EQ(nearest_name("advice_seccomp", kNames), "advise_seccomp");
  EXPECT_EQ(nearest_name("quite different", kNames), "");
}

TEST(ClockTest, TimesAreUtc) {
  EXPECT_EQ(format_time(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(format_time_precise(1'700'000'000'000'000'001), "2023-11-14T22:13:20.000000001Z");
  EXPECT_EQ(format_time_precise(-1), "1969-12-31T23:59:59.999999999Z");
}

TEST(ClockTest, OffsetLeadsFromBootTimeToWallTime) {
  const auto offset = ClockOffset::measure();
  const auto wall = offset.to_wall(static_cast<std::uint64_t>(boot_time_ns()));
  EXPECT_LT(std::abs(wall - wall_time_ns()), 1'000'000'000);
  EXPECT_EQ(ClockOffset(100).to_wall(5), 105);
}

Result<int> half(int number) {
  if (number % 2 != 0) return fail(ErrorCode::kInvalid, "odd", "give an even one");
  return number / 2;
}

Result<int> quarter(int number) {
  IG_ASSIGN(const int first, half(number));
  IG_TRY(half(first));
  return half(first);
}

TEST(ResultTest, ErrorsTravelUnchanged) {
  EXPECT_EQ(quarter(8), 2);
  ASSERT_FALSE(quarter(6));
  EXPECT_EQ(quarter(6).error().message, "odd");
  EXPECT_EQ(quarter(6).error().hint, "give an even one");
}

TEST(ResultTest, SystemErrorsSayWhatAndWhy) {
  const Error error = system_error(ENOENT, "open x", "make it");
  EXPECT_EQ(error.message, "cannot open x: No such file or directory");
  EXPECT_EQ(error.code, ErrorCode::kNotFound);
  EXPECT_EQ(system_error(EPERM, "x").code, ErrorCode::kPermission);
  EXPECT_EQ(system_error(ENOSPC, "x").code, ErrorCode::kFull);
}

}  // namespace
}  // namespace ig
