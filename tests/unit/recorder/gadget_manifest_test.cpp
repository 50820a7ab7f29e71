// SPDX-License-Identifier: Apache-2.0
#include "recorder/gadget/gadget_manifest.h"

#include <gmock/gmock.h>

namespace ig {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(GadgetManifest, ReadsUpstreamsKeysInAnyCase) {
  const auto manifest = parse_gadget_manifest(R"(
name: trace open
description: files
documentationURL: https://example.org
dataSources:
  open:
    annotations: {cli.supported-output-modes: "columns,json"}
    fields:
      fname: {annotations: {columns.width: 32, Columns.Hidden: true}}
params:
  ebpf:
    targ_failed: {key: failed, defaultValue: "false", description: only failures}
paramDefaults: {operator.oci.ebpf.map-fetch-interval: "0"}
)");
  ASSERT_TRUE(manifest) << manifest.error().message;
  EXPECT_EQ(manifest->name, "trace open");
  EXPECT_EQ(manifest->documentation_url, "https://example.org");
  const auto& source = manifest->data_sources.at("open");
  EXPECT_EQ(source.annotations.at("cli.supported-output-modes"), "columns,json");
  EXPECT_EQ(source.fields.at("fname").annotations.at("columns.width"), "32");
  EXPECT_EQ(source.fields.at("fname").annotations.at("columns.hidden"), "true");
  ASSERT_EQ(manifest->parameters.size(), 1U);
  EXPECT_EQ(manifest->parameters[0].variable, "targ_failed");
  EXPECT_EQ(manifest->parameters[0].key, "failed");
  EXPECT_EQ(manifest->parameter_defaults.at("operator.oci.ebpf.map-fetch-interval"), "0");
}

TEST(GadgetManifest, ReadsVariantsAndProgramsInTheirOrder) {
  const auto manifest = parse_gadget_manifest(R"(
variants:
  - name: task_storage
    programs: [count, flush]
    requires: [task_storage]
  - {name: hash, programs: [count_hash], leaves_empty: [phase]}
programs:
  seed_b: {run: at-start}
  seed_a: {run: at-start}
  flush: {run: before-read}
  creat: {optional: true, leaves_empty: [mode], attach_to: sys_enter}
)");
  ASSERT_TRUE(manifest) << manifest.error().message;
  ASSERT_EQ(manifest->variants.size(), 2U);
  EXPECT_THAT(manifest->variants[0].programs, ElementsAre("count", "flush"));
  EXPECT_THAT(manifest->variants[0].requires_features, ElementsAre("task_storage"));
  EXPECT_THAT(manifest->variants[1].leaves_empty, ElementsAre("phase"));
  EXPECT_EQ(manifest->programs[0].name, "seed_b");
  EXPECT_EQ(manifest->programs[1].name, "seed_a");
  EXPECT_EQ(manifest->find_program("flush")->run, ProgramManifest::Run::kBeforeRead);
  EXPECT_TRUE(manifest->find_program("creat")->optional);
  EXPECT_EQ(manifest->find_program("creat")->attach_to, "sys_enter");
  EXPECT_EQ(manifest->find_program("nobody"), nullptr);
}

TEST(GadgetManifest, AnEmptyOneIsOne) {
  EXPECT_TRUE(parse_gadget_manifest(""));
  EXPECT_TRUE(parse_gadget_manifest("somethingNew: [1, {2: 3}]\ndatasources:\n"));
}

TEST(GadgetManifest, WrongTypesAreErrorsThatNameTheLine) {
  const std::pair<const char*, const char*> cases[] = {
      {"name: x\nvariants: {a: b}", "line 2: variants must be a list"},
      {"programs:\n  p: {run: sometimes}", "line 2: run must be at-start or before-read"},
      {"programs:\n  p: {optional: 7up}", "optional must be true or false"},
      {"datasources: [open]", "datasources must be a map"},
      {"name: {a: b}", "name must be a plain word"},
      {"variants:\n  - {programs: [a]}", "line 2: a variant needs a name"},
      {"- a\n- b", "the manifest must be a map"},
      {"name: 'open", "cannot read the manifest"},
  };
  for (const auto& [yaml, message] : cases) {
    const auto manifest = parse_gadget_manifest(yaml);
    ASSERT_FALSE(manifest) << yaml;
    EXPECT_EQ(manifest.error().code, ErrorCode::kInvalid);
    EXPECT_THAT(manifest.error().message, HasSubstr(message));
  }
}

TEST(GadgetManifest, HostileDocumentsEndInAnError) {
  EXPECT_FALSE(parse_gadget_manifest(std::string(300 * 1024, '#')));
  EXPECT_FALSE(parse_gadget_manifest(std::string(100'000, '[')));
  EXPECT_FALSE(parse_gadget_manifest("name: " + std::string(50'000, '{')));
  // Aliases: a few kilobytes that stand for a thousand million entries.
  std::string fields = "x: &f {annotations: &a {";
  for (int i = 0; i < 300; ++i) fields += "k" + std::to_string(i) + ": v, ";
  fields += "}}\ny: &fields {";
  for (int i = 0; i < 300; ++i) fields += "f" + std::to_string(i) + ": *f, ";
  fields += "}\ndatasources: {";
  for (int i = 0; i < 300; ++i) fields += "d" + std::to_string(i) + ": {fields: *fields}, ";
  fields += "}\n";
  const auto manifest = parse_gadget_manifest(fields);
  ASSERT_FALSE(manifest);
  EXPECT_THAT(manifest.error().message, HasSubstr("more than"));
}

}  // namespace
}  // namespace ig
