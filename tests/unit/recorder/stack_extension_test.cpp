// SPDX-License-Identifier: Apache-2.0
// What becomes of a gadget's stacks, by the one that lives of them.
#include "recorder/extension/stack_extension.h"

#include <gtest/gtest.h>

#include "recorder/gadget/gadget_catalog.h"
#include "recorder/gadget/gadget_parameters.h"

namespace ig {
namespace {

Gadget profile_cpu() {
  const auto catalog = GadgetCatalog::open({});
  EXPECT_TRUE(catalog) << catalog.error().message;
  const auto gadget = catalog->find("profile_cpu");
  EXPECT_TRUE(gadget) << gadget.error().message;
  return **gadget;
}

TEST(StackExtension, AStackIsOneTextAndItsNumberStaysInTheKey) {
  const auto sources = read_data_sources(profile_cpu());
  ASSERT_TRUE(sources) << sources.error().message;
  const auto& schema = sources->front().schema;
  const auto column = [&](std::string_view name) -> const Column& {
    const int index = schema.find(name);
    EXPECT_GE(index, 0) << name;
    return schema.columns.at(static_cast<std::size_t>(index));
  };
  for (const auto name : {"kern_stack", "user_stack_raw"}) {
    EXPECT_EQ(column(name).type, ColumnType::kText);
    EXPECT_EQ(column(name).meaning, Meaning::kStack);
    EXPECT_FALSE(column(name).key);
    EXPECT_FALSE(column(name).description.empty());
  }
  EXPECT_TRUE(column("kern_stack_id").key);
  EXPECT_TRUE(column("kern_stack_id").hidden);
  EXPECT_EQ(schema.find("kern_stack_raw"), -1);
  EXPECT_EQ(schema.find("user_stack_raw.tgid_level0"), -1) << "taken apart";
  EXPECT_EQ(sources->front().extensions.size(), 1U);
}

TEST(Sampler, ItsFrequencyIsAParameter) {
  const auto gadget = profile_cpu();
  const auto* program = gadget.manifest.find_program("profiler");
  ASSERT_NE(program, nullptr);
  EXPECT_EQ(program->perf.type, "software");
  EXPECT_EQ(program->perf.config, "count_sw_cpu_clock");
  EXPECT_EQ(program->perf.frequency, 99U);

  EXPECT_EQ(sampling_frequency(gadget, {}).value(), 0U);
  EXPECT_EQ(sampling_frequency(gadget, {{"frequency", "997"}}).value(), 997U);
  for (const auto text : {"0", "-1", "fast", "99Hz"}) {
    const auto frequency = sampling_frequency(gadget, {{"frequency", text}});
    ASSERT_FALSE(frequency) << text;
    EXPECT_EQ(frequency.error().code, ErrorCode::kUsage);
  }
}

}  // namespace
}  // namespace ig
