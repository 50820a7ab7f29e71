// SPDX-License-Identifier: Apache-2.0
#include "recorder/source/bpftrace_output.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace ig {
namespace {

using testing::ElementsAre;

std::vector<std::string> facts_of(std::string_view line) {
  std::vector<std::string> facts;
  for (const auto& fact : parse_bpftrace_line(line).facts) {
    facts.push_back(fmt::format("{} {}[{}]={} {}..{}", fact.type, fact.name, fact.key, fact.value,
                                fact.low ? std::to_string(*fact.low) : "",
                                fact.high ? std::to_string(*fact.high) : ""));
  }
  return facts;
}

TEST(BpftraceOutput, TakesMapsApart) {
  EXPECT_THAT(facts_of(R"({"type": "map", "data": {"@": 3}})"), ElementsAre("map @[]=3 .."));
  EXPECT_THAT(facts_of(R"({"type": "map", "data": {"@a": {"cat,7": 3, "sh,8": "x"}}})"),
              ElementsAre("map @a[cat,7]=3 ..", "map @a[sh,8]=x .."));
  EXPECT_THAT(facts_of(R"({"type": "stats", "data": {"@s": {"sh": {"count": 2, "total": 9}}}})"),
              ElementsAre("stats @s[sh,count]=2 ..", "stats @s[sh,total]=9 .."));
}

TEST(BpftraceOutput, TakesHistogramsApart) {
  EXPECT_THAT(facts_of(R"({"type": "hist", "data": {"@h": {"sh": [
                {"max": -1, "count": 1}, {"min": 0, "max": 1, "count": 5}]}}})"),
              ElementsAre("hist @h[sh]=1 ..-1", "hist @h[sh]=5 0..1"));
}

TEST(BpftraceOutput, KnowsItsOtherWords) {
  EXPECT_THAT(facts_of(R"({"type": "printf", "data": "a\n"})"), ElementsAre("printf []=a\n .."));
  EXPECT_TRUE(
      parse_bpftrace_line(R"({"type": "attached_probes", "data": {"probes": 1}})").attached);
  EXPECT_EQ(parse_bpftrace_line(R"({"type": "lost_events", "data": {"events": 7}})").lost_events,
            7U);
}

TEST(BpftraceOutput, SurvivesAnythingElse) {
  for (const auto* line : {"", "{", "[]", "7", R"({"type": 7, "data": 1})", R"({"type": "map"})"}) {
    EXPECT_TRUE(parse_bpftrace_line(line).malformed) << line;
  }
  EXPECT_THAT(
      facts_of(R"({"type": "hist", "data": {"@h": [{"count": 1}, 7, {"min": "x", "count": 2}]}})"),
      ElementsAre("hist @h[]=1 ..", "hist @h[]=2 .."));
}

TEST(BpftraceOutput, RefusesWhatIsNestedDeeply) {
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  EXPECT_TRUE(parse_bpftrace_line(R"({"type": "printf", "data": )" + deep + "}").malformed);
}

TEST(BpftraceOutput, TakesBracketsOfATextForText) {
  const auto parsed =
      parse_bpftrace_line(R"({"type": "printf", "data": "\"\\)" + std::string(100, '[') + "\"}");
  ASSERT_FALSE(parsed.malformed);
  EXPECT_EQ(parsed.facts.at(0).value.size(), 102U);
}

}  // namespace
}  // namespace ig
