// SPDX-License-Identifier: Apache-2.0
#include "reporters/display_text.h"

#include <gtest/gtest.h>

namespace ig {
namespace {

TEST(Printable, EscapesWhatSteersATerminal) {
  EXPECT_EQ(printable("a\x1b[31mb"), "a\\x1b[31mb");
  EXPECT_EQ(printable("line\nnext\ttab"), "line\\nnext\\ttab");
  // U+009B is ESC [ in one character.
  EXPECT_EQ(printable("\u009b31m"), "\\xc2\\x9b31m");
}

TEST(Printable, EscapesBytesThatAreNotUtf8) {
  EXPECT_EQ(printable("a\xff\xfe"), "a\\xff\\xfe");
  EXPECT_EQ(printable("\xc0\xaf"), "\\xc0\\xaf");           // overlong '/'
  EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80");  // surrogate
  EXPECT_EQ(printable("\xe2\x82"), "\\xe2\\x82");           // cut
}

// Text that turns the reading direction can make a file name look like another.
TEST(Printable, EscapesMarksOfDirection) { EXPECT_EQ(printable("a\u202eb"), "a\\xe2\\x80\\xaeb"); }

TEST(Printable, LeavesOtherLettersAlone) { EXPECT_EQ(printable("Grüße 日本"), "Grüße 日本"); }

TEST(DisplayWidth, CountsColumnsNotBytes) {
  EXPECT_EQ(display_width("abc"), 3u);
  EXPECT_EQ(display_width("Grüße"), 5u);
  EXPECT_EQ(display_width("日本"), 4u);
  EXPECT_EQ(display_width("e\u0301"), 1u);
}

TEST(Fit, FillsToTheWidth) {
  EXPECT_EQ(fit("ab", 4), "ab  ");
  EXPECT_EQ(fit("ab", 4, Align::kRight), "  ab");
}

TEST(Fit, CutsWithAnEllipsis) {
  EXPECT_EQ(fit("abcdef", 4), "abc…");
  EXPECT_EQ(fit("日本語", 4), "日… ");  // half of a wide letter cannot be shown
  EXPECT_EQ(fit("abc", 0), "");
}

}  // namespace
}  // namespace ig
