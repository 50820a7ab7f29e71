// SPDX-License-Identifier: Apache-2.0
#include "reporters/query_writer.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace ig {
namespace {

std::string written(std::string_view format, const std::vector<TextRow>& rows, Style style = {}) {
  const std::vector<std::string> columns = {"comm", "args"};
  char* text = nullptr;
  std::size_t size = 0;
  std::FILE* out = open_memstream(&text, &size);
  const auto writer = make_query_writer(format, style, out);
  for (const auto& row : rows) {
    writer->row(columns, {row, std::vector<Value::Kind>(row.size(), Value::Kind::kText)});
  }
  writer->end(columns);
  std::fclose(out);
  std::string result(text, size);
  std::free(text);
  return result;
}

TEST(QueryWriter, TsvKeepsOneRowALine) {
  EXPECT_EQ(written("tsv", {{"a\tb", "c\nd"}}), "comm\targs\na\\tb\tc\\nd\n");
}

TEST(QueryWriter, CsvQuotesAsTheRfcSays) {
  EXPECT_EQ(written("csv", {{"a,b", "say \"x\""}}), "comm,args\n\"a,b\",\"say \"\"x\"\"\"\n");
}

TEST(QueryWriter, CsvEscapesOnATerminalOnly) {
  EXPECT_EQ(written("csv", {{"\x1b", ""}}), "comm,args\n\x1b,\n");
  EXPECT_EQ(written("csv", {{"\x1b", ""}}, {.width = 80, .emphasis = false}),
            "comm,args\n\\x1b,\n");
}

TEST(QueryWriter, JsonWritesOneObjectALine) {
  EXPECT_EQ(written("json", {{"a", "b"}, {"c", "d"}}),
            "{\"comm\":\"a\",\"args\":\"b\"}\n{\"comm\":\"c\",\"args\":\"d\"}\n");
}

TEST(QueryWriter, JsonKeepsNumbersAndNull) {
  char* text = nullptr;
  std::size_t size = 0;
  std::FILE* out = open_memstream(&text, &size);
  using Kind = Value::Kind;
  make_query_writer("json", {}, out)
      ->row({"a", "b", "c", "d"},
            {{"12", "1.5", "", "007"}, {Kind::kInteger, Kind::kReal, Kind::kNull, Kind::kText}});
  std::fclose(out);
  EXPECT_EQ(std::string(text, size), "{\"a\":12,\"b\":1.5,\"c\":null,\"d\":\"007\"}\n");
  std::free(text);
}

TEST(QueryWriter, NoRowsStillHaveHeadings) {
  EXPECT_EQ(written("columns", {}), "comm  args\n");
  EXPECT_EQ(written("tsv", {}), "comm\targs\n");
  EXPECT_EQ(written("json", {}), "");
}

}  // namespace
}  // namespace ig
