// SPDX-License-Identifier: Apache-2.0
// The live printers: what a recording delivers, as lines.
#include <gtest/gtest.h>

#include <array>
#include <nlohmann/json.hpp>

#include "base/handle.h"
#include "reporters/column_choice.h"
#include "reporters/columns_printer.h"
#include "reporters/json_printer.h"

namespace ig {
namespace {

using Json = nlohmann::json;

Column column(std::string name, ColumnType type, Meaning meaning = Meaning::kPlain) {
  Column column;
  column.name = std::move(name);
  column.type = type;
  column.meaning = meaning;
  return column;
}

EventSchema exec_schema(EventSchema::Kind kind = EventSchema::Kind::kTracer) {
  EventSchema schema;
  schema.gadget = schema.view = "trace_exec";
  schema.kind = kind;
  schema.columns = {column("proc.comm", ColumnType::kText),
                    column("proc.parent.pid", ColumnType::kInteger),
                    column("error_raw", ColumnType::kInteger, Meaning::kErrno),
                    column("args", ColumnType::kText)};
  schema.columns[0].process_part = ProcessPart::kComm;
  schema.columns[1].process_part = ProcessPart::kParentPid;
  schema.columns[0].process = schema.columns[1].process = "proc";
  schema.columns[1].key = true;
  return schema;
}

using Row = std::array<Value, 4>;

Row exec_row(std::string_view comm, std::int64_t parent, std::int64_t error,
             std::string_view args) {
  return {Value::of(comm), Value::of(parent), Value::of(error), Value::of(args)};
}

Workload web() {
  Workload workload;
  workload.id = 7;
  workload.kind = WorkloadKind::kContainer;
  workload.name = "web";
  return workload;
}

// What `print` writes to a file.
template <typename Print>
std::string printed(Print print) {
  char* text = nullptr;
  std::size_t size = 0;
  std::FILE* out = open_memstream(&text, &size);
  print(out);
  std::fclose(out);
  std::string result(text, size);
  std::free(text);
  return result;
}

template <typename Printer>
void deliver(Printer& printer, const EventSchema& schema, const std::vector<Row>& rows) {
  ASSERT_TRUE(printer.data_source(schema));
  ASSERT_TRUE(printer.workload(web()));
  for (const auto& row : rows) {
    ASSERT_TRUE(printer.event({.schema = schema, .workload = 7, .values = row}));
  }
  ASSERT_TRUE(printer.flush());
}

TEST(JsonPrinter, NestsNamesAtDotsAndNamesCodes) {
  const auto schema = exec_schema();
  const auto text = printed([&](std::FILE* out) {
    JsonPrinter printer({}, out);
    deliver(printer, schema, {exec_row("sh", 12, 2, "/bin/ls -l")});
  });
  const auto json = Json::parse(text);
  EXPECT_EQ(json["table"], "trace_exec");
  EXPECT_EQ(json["workload"]["name"], "web");
  EXPECT_EQ(json["proc"]["comm"], "sh");
  EXPECT_EQ(json["proc"]["parent"]["pid"], 12);
  EXPECT_EQ(json["error"], "ENOENT");
}

TEST(JsonPrinter, WritesOneLineOfAsciiForAnyText) {
  const auto schema = exec_schema();
  const auto text = printed([&](std::FILE* out) {
    JsonPrinter printer({}, out);
    deliver(printer, schema, {exec_row("a\nb\x1b[0m", 1, 0, "\xff\x7fü")});
  });
  EXPECT_EQ(std::ranges::count(text, '\n'), 1);
  for (const char c : text) EXPECT_TRUE(c == '\n' || (c >= 0x20 && c < 0x7f)) << int{c};
  EXPECT_EQ(Json::parse(text)["proc"]["comm"], "a\nb\x1b[0m");
}

TEST(JsonPrinter, PrintsTheLastReadingOfASum) {
  const auto schema = exec_schema(EventSchema::Kind::kMap);
  const auto text = printed([&](std::FILE* out) {
    JsonPrinter printer({}, out);
    deliver(printer, schema, {exec_row("x", 1, 0, "first"), exec_row("x", 1, 0, "last")});
    ASSERT_TRUE(printer.finish());
  });
  EXPECT_EQ(std::ranges::count(text, '\n'), 1);
  EXPECT_EQ(Json::parse(text)["args"], "last");
}

TEST(ColumnsPrinter, PrintsHeadingsOnceAndALineAnEvent) {
  const auto schema = exec_schema();
  const auto text = printed([&](std::FILE* out) {
    ColumnsPrinter printer({}, {}, 24, out);
    deliver(printer, schema, {exec_row("sh", 12, 0, "ls"), exec_row("sh", 12, 2, "nope")});
  });
  EXPECT_EQ(text,
            "WORKLOAD          COMM             ERROR       ARGS\n"
            "web               sh                           ls\n"
            "web               sh               ENOENT      nope\n");
}

TEST(ColumnsPrinter, KeepsToTheTerminalsWidth) {
  const auto schema = exec_schema();
  const auto text = printed([&](std::FILE* out) {
    ColumnsPrinter printer({}, {.width = 60, .emphasis = false}, 24, out);
    deliver(printer, schema, {exec_row("sh", 12, 0, std::string(200, 'x'))});
  });
  const auto second = text.substr(text.find('\n') + 1);
  EXPECT_LE(display_width(second), 61u);
  EXPECT_NE(second.find("…"), std::string::npos);
}

TEST(ColumnsPrinter, EscapesRecordedText) {
  const auto schema = exec_schema();
  const auto text = printed([&](std::FILE* out) {
    ColumnsPrinter printer({}, {}, 24, out);
    deliver(printer, schema, {exec_row("sh", 12, 0, "\x1b[2J")});
  });
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

TEST(ColumnChoice, TakesNamesInTheirOrderOrChangesTheUsual) {
  const auto schema = exec_schema();
  using Columns = std::vector<std::size_t>;
  EXPECT_EQ(choose_columns(schema, {}), (Columns{0, 2, 3}));
  EXPECT_EQ(choose_columns(schema, {"args", "comm"}), (Columns{3, 0}));
  EXPECT_EQ(choose_columns(schema, {"+ppid", "-error"}), (Columns{0, 3, 1}));
}

// The names of the views, of the JSON and of the event struct.
TEST(ColumnChoice, KnowsAFieldByEachOfItsNames) {
  const auto schema = exec_schema();
  for (const auto* name : {"ppid", "proc.parent.pid"}) {
    EXPECT_EQ(choose_columns(schema, {name}), std::vector<std::size_t>{1}) << name;
  }
  for (const auto* name : {"error", "error_raw"}) {
    EXPECT_EQ(choose_columns(schema, {name}), std::vector<std::size_t>{2}) << name;
  }
}

TEST(ColumnChoice, NamesTheNearestField) {
  const auto result = check_fields({exec_schema()}, {"eror"});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kUsage);
  EXPECT_EQ(result.error().hint, "did you mean error?");
}

}  // namespace
}  // namespace ig
