// SPDX-License-Identifier: Apache-2.0
#include "reporters/text_table.h"

#include <gtest/gtest.h>

namespace ig {
namespace {

constexpr Style kPipe{};

TEST(TextTable, AlignsColumnsAndEndsLinesWithoutBlanks) {
  TextTable table({{"NAME"}, {"ROWS", Align::kRight}, {"HOLDS"}});
  table.add({"trace_exec", "12", "programs"});
  table.add({"a", "1,204", ""});
  EXPECT_EQ(table.render(kPipe),
            "NAME         ROWS  HOLDS\n"
            "trace_exec     12  programs\n"
            "a           1,204\n");
}

TEST(TextTable, FitsTheTerminalByCuttingTheLongestColumn) {
  TextTable table({{"PID"}, {"PATH"}, {"COMM"}});
  table.add({"4711", std::string(100, 'x'), "nginx"});
  const auto text = table.render({.width = 40, .emphasis = false});
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = text.find('\n', begin);
    EXPECT_LE(display_width(text.substr(begin, end - begin)), 40u);
    begin = end + 1;
  }
  EXPECT_NE(text.find("4711"), std::string::npos);
  EXPECT_NE(text.find("nginx"), std::string::npos);
  EXPECT_NE(text.find("…"), std::string::npos);
}

TEST(TextTable, CutsNothingInAPipe) {
  TextTable table({{"PATH"}});
  table.add({std::string(500, 'x')});
  EXPECT_NE(table.render(kPipe).find(std::string(500, 'x')), std::string::npos);
}

TEST(TextTable, LeavesOutOptionalColumnsWithoutText) {
  TextTable table({{"NAME"}, {"IMAGE", Align::kLeft, true}, {"NOTE"}});
  table.add({"web", "", ""});
  EXPECT_EQ(table.render(kPipe), "NAME  NOTE\nweb\n");
  table.add({"db", "redis", ""});
  EXPECT_EQ(table.render(kPipe), "NAME  IMAGE  NOTE\nweb\ndb    redis\n");
}

TEST(TextTable, EscapesRecordedText) {
  TextTable table({{"COMM"}});
  table.add({"\x1b]0;evil\a\n"});
  EXPECT_EQ(table.render(kPipe), "COMM\n\\x1b]0;evil\\x07\\n\n");
}

TEST(TextTable, TakesRowsThatAreTooShort) {
  TextTable table({{"A"}, {"B"}});
  table.add({"1"});
  EXPECT_EQ(table.render(kPipe), "A  B\n1\n");
}

TEST(ShrinkToFit, KeepsTheLeastWidth) {
  std::vector<std::size_t> widths = {10, 10};
  shrink_to_fit(widths, 3, 4);
  EXPECT_EQ(widths, (std::vector<std::size_t>{4, 4}));
}

}  // namespace
}  // namespace ig
