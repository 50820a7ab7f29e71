// SPDX-License-Identifier: Apache-2.0
#include "recorder/row_builder.h"

#include <gmock/gmock.h>

#include "recorder/gadget/gadget_catalog.h"
#include "recorder/source/task_filter.h"

namespace ig {
namespace {

EventSchema schema_of(const char* gadget) {
  const auto catalog = GadgetCatalog::open({});
  auto schemas = event_schemas(**catalog->find(gadget));
  return schemas->front();
}

TEST(RowBuilder, FillsColumnsByNameAndForgetsThem) {
  std::vector<std::vector<std::string>> rows;
  RowBuilder builder(schema_of("trace_exec"), [&](const EventSchema& schema, auto values) {
    std::vector<std::string> row;
    for (const auto* name : {"proc.pid", "proc.comm", "proc.parent.comm", "error_raw"}) {
      const auto& value = values[static_cast<std::size_t>(schema.find(name))];
      row.push_back(value.is_null()                    ? "null"
                    : value.kind == Value::Kind::kText ? std::string(value.text)
                                                       : std::to_string(value.integer));
    }
    rows.push_back(std::move(row));
  });
  ProcessFacts process;
  process.pid = 7;
  process.comm = "sh";
  builder.set_process(process).set("error_raw", 2).set("no such column", 1).emit();
  builder.set("proc.pid", 8).emit();
  using testing::ElementsAre;
  EXPECT_THAT(
      rows, ElementsAre(ElementsAre("7", "sh", "", "2"), ElementsAre("8", "null", "null", "null")));
}

TEST(TaskFilter, IsThatOfTheKernel) {
  const auto passes = [](std::map<std::string, std::string> given) {
    bool passed = false;
    const TaskFilter filter(given);
    RowBuilder builder(schema_of("trace_exec"), [&](const EventSchema& schema, auto values) {
      passed = filter.passes(schema, values);
    });
    ProcessFacts process;
    process.pid = 7;
    process.uid = 1000;
    process.comm = "sh";
    builder.set_process(process).emit();
    return passed;
  };
  EXPECT_TRUE(passes({}));
  EXPECT_TRUE(passes({{"pid", "7"}, {"comm", "sh"}, {"uid", "1000"}}));
  EXPECT_TRUE(passes({{"pid", "0"}, {"uid", "4294967295"}})) << "off";
  EXPECT_FALSE(passes({{"pid", "8"}}));
  EXPECT_FALSE(passes({{"uid", "0"}}));
  EXPECT_FALSE(passes({{"comm", "bash"}}));
}

}  // namespace
}  // namespace ig
