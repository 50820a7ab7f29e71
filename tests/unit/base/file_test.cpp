// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

namespace ig {
namespace {

class File : public testing::Test {
 protected:
  File() : path_(testing::TempDir() + "file_test." + std::to_string(::getpid())) {}
  ~File() override { std::filesystem::remove(path_); }
  void write(const std::string& text) { std::ofstream(path_) << text; }
  std::string path_;
};

TEST_F(File, IsReadWhole) {
  write(std::string(200'000, 'x'));
  EXPECT_EQ(read_file(path_, 200'000)->size(), 200'000U);
}

TEST_F(File, ThatIsLargerThanExpectedIsRefused) {
  write("12345");
  EXPECT_EQ(read_regular_file(path_, 4).error().code, ErrorCode::kInvalid);
}

TEST_F(File, ThatIsNotThereIsNamed) {
  const auto result = read_file(path_, 4);
  EXPECT_EQ(result.error().code, ErrorCode::kNotFound);
  EXPECT_NE(result.error().message.find(path_), std::string::npos);
}

// A FIFO without a writer would keep its reader for ever.
TEST_F(File, ThatIsAFifoIsNoRegularFile) {
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  EXPECT_EQ(read_regular_file(path_, 4).error().code, ErrorCode::kInvalid);
}

}  // namespace
}  // namespace ig
