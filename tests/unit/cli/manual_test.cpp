// SPDX-License-Identifier: Apache-2.0
#include "cli/manual.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "cli/command.h"

namespace ig::test {
namespace {

using testing::HasSubstr;

TEST(Manual, HasAPageForEachCommand) {
  const auto pages = manual_pages();
  EXPECT_EQ(pages.size(), commands().size() + 1);
  const auto page = std::ranges::find(pages, "ig-session-info.1", &ManualPage::file);
  ASSERT_NE(page, pages.end());
  EXPECT_THAT(page->text, HasSubstr("ig\\-session\\-info \\- Show what a session file holds"));
  EXPECT_THAT(page->text, HasSubstr("\\fB\\-\\-container\\fR"));
}

}  // namespace
}  // namespace ig::test
