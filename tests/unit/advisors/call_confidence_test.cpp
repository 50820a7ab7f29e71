// SPDX-License-Identifier: Apache-2.0
#include "advisors/seccomp/call_confidence.h"

#include <gtest/gtest.h>

namespace ig {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

ObservedCall call(std::uint64_t count, std::int64_t first_second,
                  std::set<std::size_t> instances = {0}) {
  ObservedCall out;
  out.count = count;
  out.first_ns = first_second * kSecond;
  out.last_ns = (first_second + 1) * kSecond;
  out.instances = std::move(instances);
  return out;
}

TEST(CallConfidence, TellsWhenTheLastNewCallCame) {
  ObservedCalls observed;
  observed.calls = {call(5, 10), call(5, 40), call(5, 20)};
  const auto confidence = call_confidence(observed, 1, 110 * kSecond);
  EXPECT_EQ(confidence.last_new_after_ns, 30 * kSecond);
  EXPECT_EQ(confidence.span_ns, 100 * kSecond);
}

TEST(CallConfidence, CountsTheNewCallsOfEachTenth) {
  ObservedCalls observed;
  observed.calls = {call(5, 10), call(5, 12), call(5, 45), call(5, 110)};
  const auto confidence = call_confidence(observed, 1, 110 * kSecond);
  EXPECT_EQ(confidence.new_by_tenth, (std::array<std::size_t, 10>{2, 0, 0, 1, 0, 0, 0, 0, 0, 1}));
}

// Chao 1984: f1^2 / (2 f2). Good 1953: f1 / N.
TEST(CallConfidence, EstimatesTheUnseenFromWhatWasSeenOnceAndTwice) {
  ObservedCalls observed;
  observed.calls = {call(1, 0), call(1, 0), call(1, 0), call(1, 0), call(2, 0), call(14, 0)};
  const auto confidence = call_confidence(observed, 1, 0);
  EXPECT_EQ(confidence.seen_once, 4U);
  EXPECT_DOUBLE_EQ(confidence.unseen, 8);
  EXPECT_DOUBLE_EQ(confidence.next_is_new, 0.2);
}

TEST(CallConfidence, CorrectsForNothingSeenTwice) {
  ObservedCalls observed;
  observed.calls = {call(1, 0), call(1, 0), call(1, 0), call(9, 0)};
  EXPECT_DOUBLE_EQ(call_confidence(observed, 1, 0).unseen, 3);
}

// Chao 1987: (m-1)/m * Q1^2 / (2 Q2) over m samples.
TEST(CallConfidence, CountsInstancesWhereThereAreEnough) {
  ObservedCalls observed;
  observed.calls = {call(9, 0, {0}), call(9, 0, {1}), call(9, 0, {0, 2}), call(9, 0, {0, 1, 2})};
  const auto confidence = call_confidence(observed, 3, 0);
  EXPECT_TRUE(confidence.of_instances);
  EXPECT_DOUBLE_EQ(confidence.unseen, 2.0 / 3 * 2);
  EXPECT_FALSE(call_confidence(observed, 2, 0).of_instances);
}

}  // namespace
}  // namespace ig
