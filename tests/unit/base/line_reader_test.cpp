// SPDX-License-Identifier: Apache-2.0
#include "base/line_reader.h"

#include <gmock/gmock.h>

#include <fstream>
#include <vector>

#include "tests/support/scratch_folder.h"

namespace ig {
namespace {

using testing::ElementsAre;

class LineReader : public testing::Test {
 protected:
  std::vector<std::string> lines_of(const std::string& content, std::size_t most = 100) {
    std::ofstream(path_, std::ios::binary) << content;
    std::vector<std::string> lines;
    const auto read = read_lines(path_, most, [&](std::string_view line) {
      lines.emplace_back(line);
      return true;
    });
    EXPECT_TRUE(read);
    digest_ = *read;
    return lines;
  }

  ScratchFolder folder_;
  std::string path_ = folder_.path() / "log";
  FileDigest digest_;
};

TEST_F(LineReader, LastLineNeedsNoEnd) {
  EXPECT_THAT(lines_of("a\n\nb"), ElementsAre("a", "", "b"));
  EXPECT_EQ(digest_.lines, 3U);
  EXPECT_THAT(lines_of("a\nb\n"), ElementsAre("a", "b"));
  EXPECT_THAT(lines_of(""), ElementsAre());
}

TEST_F(LineReader, LongLinesAreCutAndTheNextIsWhole) {
  const auto lines = lines_of(std::string(300'000, 'x') + "\nnext\n", 10);
  EXPECT_THAT(lines, ElementsAre("xxxxxxxxxx", "next"));
}

TEST_F(LineReader, DigestIsOfAllBytes) {
  lines_of("abc");
  EXPECT_EQ(digest_.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(digest_.bytes, 3U);
}

TEST_F(LineReader, WhatCannotBeReadIsAnError) {
  const auto nothing = [](std::string_view) { return true; };
  EXPECT_FALSE(read_lines(folder_.path() / "none", 10, nothing));
  EXPECT_FALSE(read_lines(folder_.path(), 10, nothing)) << "a folder";
}

}  // namespace
}  // namespace ig
