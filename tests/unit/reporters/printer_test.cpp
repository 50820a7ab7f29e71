// SPDX-License-Identifier: Apache-2.0
// The live printers: what a recording delivers, as lines.
#include <gtest/gtest.h>

#include <array>
#include <nlohmann/json.hpp>

#include "base/handle.h"
#include "reporters/column_choice.h"
#include "reporters/columns_format.h"
#include "reporters/histogram.h"
#include "reporters/json_format.h"
#include "reporters/live_printer.h"

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

// The rows of `schema` as `format` prints them.
void live(RowFormat& format, const EventSchema& schema, const std::vector<Row>& rows,
          LiveOptions options = {}) {
  LivePrinter printer(std::move(options), format);
  deliver(printer, schema, rows);
  EXPECT_TRUE(printer.finish());
}

std::string as_json(const EventSchema& schema, const std::vector<Row>& rows,
                    LiveOptions options = {}) {
  return printed([&](std::FILE* out) {
    JsonFormat format(JsonFormat::Notation::kJson, {}, out);
    live(format, schema, rows, std::move(options));
  });
}

std::string as_columns(const EventSchema& schema, const std::vector<Row>& rows,
                       LiveOptions options = {}, Style style = {}) {
  return printed([&](std::FILE* out) {
    ColumnsFormat format({}, style, 24, out);
    live(format, schema, rows, std::move(options));
  });
}

RowFilter filter(const std::string& text) {
  auto parsed = RowFilter::parse({text}, {exec_schema()});
  EXPECT_TRUE(parsed) << text;
  return parsed ? *parsed : RowFilter();
}

TEST(JsonFormat, NestsNamesAtDotsAndNamesCodes) {
  const auto json = Json::parse(as_json(exec_schema(), {exec_row("sh", 12, 2, "/bin/ls -l")}));
  EXPECT_EQ(json["table"], "trace_exec");
  EXPECT_EQ(json["workload"]["name"], "web");
  EXPECT_EQ(json["proc"]["comm"], "sh");
  EXPECT_EQ(json["proc"]["parent"]["pid"], 12);
  EXPECT_EQ(json["error"], "ENOENT");
}

TEST(JsonFormat, WritesOneLineOfAsciiForAnyText) {
  const auto text = as_json(exec_schema(), {exec_row("a\nb\x1b[0m", 1, 0, "\xff\x7fü")});
  EXPECT_EQ(std::ranges::count(text, '\n'), 1);
  for (const char c : text) EXPECT_TRUE(c == '\n' || (c >= 0x20 && c < 0x7f)) << int{c};
  EXPECT_EQ(Json::parse(text)["proc"]["comm"], "a\nb\x1b[0m");
}

TEST(JsonFormat, WritesYamlDocumentsWhoseTextsStayTexts) {
  const auto text = printed([&](std::FILE* out) {
    JsonFormat format(JsonFormat::Notation::kYaml, {"comm", "args", "error"}, out);
    live(format, exec_schema(), {exec_row("sh", 12, 2, "yes"), exec_row("no", 12, 0, "a: b")});
  });
  EXPECT_NE(text.find("---\ntable: trace_exec\n"), std::string::npos) << text;
  EXPECT_NE(text.find("proc:\n  comm: sh\nargs: \"yes\"\nerror: ENOENT\n"), std::string::npos)
      << text;
  EXPECT_NE(text.find("comm: \"no\"\nargs: \"a: b\"\n"), std::string::npos) << text;
}

TEST(LivePrinter, PrintsTheLastReadingOfASum) {
  const auto text = as_json(exec_schema(EventSchema::Kind::kMap),
                            {exec_row("x", 1, 0, "first"), exec_row("x", 1, 0, "last")});
  EXPECT_EQ(std::ranges::count(text, '\n'), 1);
  EXPECT_EQ(Json::parse(text)["args"], "last");
}

TEST(LivePrinter, PrintsItsLastTablesWhenTheRecordingIsGone) {
  const auto text = printed([&](std::FILE* out) {
    ColumnsFormat format({}, {}, 24, out);
    LivePrinter printer({}, format);
    {
      const auto schema = std::make_unique<EventSchema>(exec_schema(EventSchema::Kind::kMap));
      deliver(printer, *schema, {exec_row("x", 1, 0, "kept")});
    }
    ASSERT_TRUE(printer.finish());
  });
  EXPECT_NE(text.find("kept"), std::string::npos);
}

TEST(LivePrinter, PrintsOfATopWhatEachIntervalAdded) {
  auto schema = exec_schema(EventSchema::Kind::kMap);
  schema.columns[2].meaning = Meaning::kBytes;
  const auto text = printed([&](std::FILE* out) {
    JsonFormat format(JsonFormat::Notation::kJson, {"ppid", "error_raw"}, out);
    LivePrinter printer({.by_interval = true, .interval = std::chrono::nanoseconds(0)}, format);
    deliver(printer, schema, {exec_row("x", 1, 100, ""), exec_row("y", 2, 7, "")});
    const auto more = exec_row("x", 1, 130, "");
    ASSERT_TRUE(printer.event({.schema = schema, .workload = 7, .values = more}));
    ASSERT_TRUE(printer.flush());
  });
  std::vector<std::pair<int, int>> rows;
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
    const auto json = Json::parse(text.substr(at, text.find('\n', at) - at));
    rows.emplace_back(json["proc"]["parent"]["pid"], json["error"]);
  }
  EXPECT_EQ(rows, (std::vector<std::pair<int, int>>{{1, 100}, {2, 7}, {1, 30}}));
}

TEST(LivePrinter, SortsAndCutsTables) {
  const auto schema = exec_schema(EventSchema::Kind::kIterator);
  LiveOptions options;
  options.order = *RowOrder::parse({"-args"}, {schema});
  options.max_rows = 2;
  const auto text = as_columns(
      schema, {exec_row("a", 1, 0, "x"), exec_row("b", 2, 0, "z"), exec_row("c", 3, 0, "y")},
      options);
  EXPECT_LT(text.find(" z\n"), text.find(" y\n"));
  EXPECT_EQ(text.find(" x\n"), std::string::npos);
  EXPECT_NE(text.find("1 more rows"), std::string::npos);
}

TEST(LivePrinter, EndsAStreamAfterItsMostRows) {
  const auto schema = exec_schema();
  const auto text = printed([&](std::FILE* out) {
    ColumnsFormat format({}, {}, 24, out);
    LivePrinter printer({.max_rows = 1}, format);
    deliver(printer, schema, {exec_row("a", 1, 0, "x"), exec_row("b", 2, 0, "z")});
    EXPECT_TRUE(printer.is_full());
  });
  EXPECT_EQ(std::ranges::count(text, '\n'), 2);
}

TEST(RowFilter, ComparesNumbersCodesTextsAndWorkloads) {
  const auto schema = exec_schema();
  const auto row = exec_row("nginx", 12, 2, "a,b");
  const auto workload = web();
  for (const auto* text :
       {"comm==nginx", "comm~^ng", "comm!~z", "ppid>=12", "ppid<13", "error==ENOENT", "error==2",
        "error!=", "args==a\\,b", "workload==web", "comm==nginx,ppid==12"}) {
    EXPECT_TRUE(filter(text).matches(schema, row, &workload)) << text;
  }
  for (const auto* text : {"comm!=nginx", "ppid>12", "error==EPERM", "comm==nginx,ppid==13",
                           "workload!=web", "pod==x"}) {
    EXPECT_FALSE(filter(text).matches(schema, row, &workload)) << text;
  }
}

TEST(RowFilter, TakesUnits) {
  auto schema = exec_schema();
  schema.columns[1] = column("latency", ColumnType::kInteger, Meaning::kDuration);
  const auto parsed = RowFilter::parse({"latency>=5ms"}, {schema});
  ASSERT_TRUE(parsed);
  EXPECT_TRUE(parsed->matches(schema, exec_row("", 5'000'000, 0, ""), nullptr));
  EXPECT_FALSE(parsed->matches(schema, exec_row("", 4'999'999, 0, ""), nullptr));
}

TEST(RowFilter, RefusesWhatItCannotRead) {
  for (const auto* text : {"comm", "==x", "comm=x", "nosuch==1", "comm~("}) {
    const auto parsed = RowFilter::parse({text}, {exec_schema()});
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, ErrorCode::kUsage);
  }
}

TEST(Histogram, DrawsFromTheFirstToTheLastSlotThatCounted) {
  EXPECT_EQ(histogram_text("[0,0,1,4,0]", "us", 60),
            "                     us : count    distribution\n"
            "         4 -> 7         : 1        |*****                  |\n"
            "         8 -> 15        : 4        |***********************|\n");
  EXPECT_EQ(histogram_text("[0,0]", "us", 60), "");
  EXPECT_EQ(histogram_text("nonsense", "us", 60), "");
}

TEST(ColumnsFormat, PrintsHeadingsOnceAndALineAnEvent) {
  EXPECT_EQ(as_columns(exec_schema(), {exec_row("sh", 12, 0, "ls"), exec_row("sh", 12, 2, "nope")}),
            "WORKLOAD          COMM             ERROR       ARGS\n"
            "web               sh                           ls\n"
            "web               sh               ENOENT      nope\n");
}

TEST(ColumnsFormat, KeepsToTheTerminalsWidth) {
  const auto text = as_columns(exec_schema(), {exec_row("sh", 12, 0, std::string(200, 'x'))}, {},
                               {.width = 60, .emphasis = false});
  const auto second = text.substr(text.find('\n') + 1);
  EXPECT_LE(display_width(second), 61u);
  EXPECT_NE(second.find("…"), std::string::npos);
}

TEST(ColumnsFormat, EscapesRecordedText) {
  const auto text = as_columns(exec_schema(), {exec_row("sh", 12, 0, "\x1b[2J")});
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
