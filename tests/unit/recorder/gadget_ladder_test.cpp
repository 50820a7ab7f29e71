// SPDX-License-Identifier: Apache-2.0
// The ladder and the parameters, on a gadget that is embedded. Loading skips, aloud, where BPF is
// not permitted; nothing is attached.
#include "recorder/gadget/gadget_ladder.h"

#include <gmock/gmock.h>

#include "recorder/gadget/gadget_parameters.h"

namespace ig {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Gadget trace_open() {
  const auto catalog = GadgetCatalog::open({});
  EXPECT_TRUE(catalog);
  return **catalog->find("trace_open");
}

class GadgetLadder : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto maps = SharedMaps::create(); !maps) {
      GTEST_SKIP() << "BPF is not permitted here: " << maps.error().message;
    }
  }
};

TEST_F(GadgetLadder, TakesTheFirstRungThatTheKernelAllows) {
  auto gadget = trace_open();
  gadget.manifest.variants = {{"ideal", {"enter_openat"}, {"telepathy"}, {}, ""},
                              {"poor", {"exit_openat"}, {}, {"fname"}, ""}};
  const auto loaded = load_best_variant(gadget, {});
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->variant, "poor");
  EXPECT_THAT(loaded->leaves_empty, ElementsAre("fname"));
  ASSERT_EQ(loaded->refused.size(), 1U);
  EXPECT_EQ(loaded->refused[0].name, "enter_openat");
  EXPECT_EQ(loaded->refused[0].reason, "variant ideal: this kernel has no telepathy");
  EXPECT_EQ(loaded->refused[0].leaves_empty, "fname");
  const auto is_loaded = [&](const char* program) {
    return bpf_program__fd(bpf_object__find_program_by_name(loaded->object.get(), program)) >= 0;
  };
  EXPECT_FALSE(is_loaded("enter_openat"));
  EXPECT_TRUE(is_loaded("exit_openat"));
  EXPECT_TRUE(is_loaded("enter_open")) << "no variant names it, so it belongs to all";
}

TEST_F(GadgetLadder, NoRungIsAnError) {
  auto gadget = trace_open();
  gadget.manifest.variants = {{"ideal", {"enter_openat"}, {"telepathy"}, {}, ""}};
  const auto loaded = load_best_variant(gadget, {});
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, ErrorCode::kUnsupported);
  EXPECT_THAT(loaded.error().message, HasSubstr("telepathy"));
}

Gadget with_two_rungs() {
  auto gadget = trace_open();
  gadget.manifest.variants = {{"good", {"enter_openat"}, {}, {}, ""},
                              {"poor", {"exit_openat"}, {}, {"fname"}, ""},
                              {"ideal", {"enter_openat"}, {"telepathy"}, {}, ""}};
  return gadget;
}

TEST_F(GadgetLadder, AForcedRungIsTheOnlyOneTried) {
  LoadOptions options;
  options.parameters = {{"variant", "poor"}, {"failed", "true"}};
  const auto loaded = load_best_variant(with_two_rungs(), options);
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->variant, "poor");
  ASSERT_EQ(loaded->refused.size(), 1U);
  EXPECT_EQ(loaded->refused[0].reason, "variant good: poor was asked for");
  EXPECT_EQ(loaded->refused[0].leaves_empty, "fname") << "what it costs is told all the same";

  options.parameters["variant"] = "ideal";
  const auto refused = load_best_variant(with_two_rungs(), options);
  ASSERT_FALSE(refused) << "there is no way down from a forced rung";
  EXPECT_EQ(refused.error().code, ErrorCode::kUnsupported);
  EXPECT_THAT(refused.error().message, HasSubstr("variant ideal: this kernel has no telepathy"));
}

TEST_F(GadgetLadder, AForcedRungMustBeOneOfTheGadgets) {
  LoadOptions options;
  options.parameters = {{"variant", "god"}};
  const auto wrong = load_best_variant(with_two_rungs(), options);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, ErrorCode::kUsage);
  EXPECT_EQ(wrong.error().hint, "it has good, poor, ideal");
  // One without a ladder has no such parameter.
  const auto none = load_best_variant(trace_open(), options);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::kUsage);
}

TEST_F(GadgetLadder, PassesOverARungThatCouldNotBeAttached) {
  LoadOptions options;
  options.unattachable = {{"good", "no such tracepoint"}};
  const auto loaded = load_best_variant(with_two_rungs(), options);
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->variant, "poor");
  EXPECT_EQ(loaded->refused.at(0).reason, "variant good: no such tracepoint");
}

// A program of a typed tracepoint, aimed at one that no kernel has.
Gadget with_impossible_program(bool optional) {
  const auto catalog = GadgetCatalog::open({});
  Gadget gadget = **catalog->find("trace_exec");
  ProgramManifest program;
  program.name = "executed";
  program.optional = optional;
  program.leaves_empty = {"everything"};
  program.attach_to = "no_such_tracepoint";
  gadget.manifest.programs = {program};
  return gadget;
}

TEST_F(GadgetLadder, AnOptionalProgramThatIsRefusedIsLeftOut) {
  const auto loaded = load_best_variant(with_impossible_program(true), {});
  ASSERT_TRUE(loaded) << loaded.error().message;
  ASSERT_EQ(loaded->dropped.size(), 1U);
  EXPECT_EQ(loaded->dropped[0].name, "executed");
  EXPECT_EQ(loaded->dropped[0].leaves_empty, "everything");
  EXPECT_FALSE(loaded->dropped[0].reason.empty());
}

TEST_F(GadgetLadder, OneThatIsNotOptionalEndsTheLoadAndIsNamed) {
  const auto loaded = load_best_variant(with_impossible_program(false), {});
  ASSERT_FALSE(loaded);
  EXPECT_THAT(loaded.error().message, HasSubstr("executed"));
  EXPECT_EQ(loaded.error().code, ErrorCode::kUnsupported);
}

TEST_F(GadgetLadder, DisabledProgramsAreNotLoaded) {
  auto gadget = with_impossible_program(false);
  gadget.manifest.programs[0].attach_to = "gadget_program_disabled";
  const auto loaded = load_best_variant(gadget, {});
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_LT(bpf_program__fd(bpf_object__find_program_by_name(loaded->object.get(), "executed")), 0);
}

TEST_F(GadgetLadder, RingsHaveTheSizeThatWasAskedFor) {
  LoadOptions options;
  options.ring_bytes = 5000;
  const auto loaded = load_best_variant(trace_open(), options);
  ASSERT_TRUE(loaded);
  const auto* ring = bpf_object__find_map_by_name(loaded->object.get(), "events");
  EXPECT_EQ(bpf_map__max_entries(ring), 8192U) << "the next power of two";
}

TEST(GadgetParameters, AreThoseOfTheObjectWithTheWordsOfTheManifest) {
  std::vector<std::string> keys;
  for (const auto& parameter : trace_open().manifest.parameters) keys.push_back(parameter.key);
  EXPECT_THAT(keys, testing::IsSupersetOf({"failed", "paths", "pid", "comm", "uid"}));
}

TEST(GadgetParameters, ValuesAreCheckedByTheirType) {
  const auto gadget = trace_open();
  const BpfObject object(bpf_object__open_mem(gadget.object.data(), gadget.object.size(), nullptr));
  ASSERT_TRUE(object);
  const auto set = [&](const char* key, const char* value) {
    return set_parameters(object.get(), gadget, {{key, value}});
  };
  EXPECT_TRUE(set("failed", "true"));
  EXPECT_TRUE(set("pid", "4294967295"));
  EXPECT_TRUE(set("pid", "0x10"));
  EXPECT_TRUE(set("comm", "nginx"));
  EXPECT_FALSE(set("failed", "2"));
  EXPECT_FALSE(set("pid", "4294967296"));
  EXPECT_FALSE(set("pid", "12 "));
  EXPECT_FALSE(set("pid", ""));
  EXPECT_FALSE(set("comm", "a name of more than sixteen"));
  const auto unknown = set("pidd", "1");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().hint, "did you mean pid?");
}

}  // namespace
}  // namespace ig
