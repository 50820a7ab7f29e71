// SPDX-License-Identifier: Apache-2.0
#include "base/landlock.h"

#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include "tests/support/need.h"
#include "tests/support/scratch_folder.h"

namespace ig {
namespace {

bool has_landlock() { return ::syscall(444, nullptr, 0, 1 /* asks for the version */) >= 1; }

// What `deed` says in a process that is confined to `folder`.
bool confined(const std::string& folder, const std::function<bool()>& deed) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(change_only_beneath({folder}) && deed() ? 0 : 1);
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

class LandlockTest : public testing::Test {
 protected:
  void SetUp() override {
    IG_NEED(has_landlock(), "this kernel has no Landlock");
    std::filesystem::create_directory(inside_);
    std::ofstream(outside_ / "there") << "text";
  }

  ScratchFolder scratch_;
  std::filesystem::path outside_ = scratch_.path(), inside_ = outside_ / "inside";
};

TEST_F(LandlockTest, FilesAreMadeBeneathTheFolder) {
  EXPECT_TRUE(confined(inside_, [this] { return bool(std::ofstream(inside_ / "new") << "text"); }));
}

TEST_F(LandlockTest, FilesAreReadElsewhere) {
  EXPECT_TRUE(confined(inside_, [this] { return std::ifstream(outside_ / "there").good(); }));
}

TEST_F(LandlockTest, NoFileIsMadeElsewhere) {
  EXPECT_TRUE(confined(inside_, [this] { return !std::ofstream(outside_ / "new").is_open(); }));
}

TEST_F(LandlockTest, NoFileIsRemovedElsewhere) {
  EXPECT_TRUE(confined(inside_, [this] { return ::unlink((outside_ / "there").c_str()) != 0; }));
}

TEST_F(LandlockTest, NoProgramIsRun) {
  EXPECT_TRUE(confined(inside_, [] { return ::execl("/bin/true", "true", nullptr) != 0; }));
}

}  // namespace
}  // namespace ig
