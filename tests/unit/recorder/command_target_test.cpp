// SPDX-License-Identifier: Apache-2.0
#include "recorder/workload/command_target.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace ig {
namespace {

namespace fs = std::filesystem;

class CommandTargetTest : public testing::Test {
 protected:
  CommandTargetTest() {
    char name[] = "/tmp/ig-command-XXXXXX";
    folder_ = ::mkdtemp(name);
  }
  ~CommandTargetTest() override { fs::remove_all(folder_); }

  std::string file(const std::string& name, const std::string& text = "", bool executable = false) {
    const auto path = folder_ / name;
    std::ofstream(path) << text;
    if (executable) fs::permissions(path, fs::perms::owner_all);
    return path;
  }
  static int run(CommandTarget& target) {
    target.release();
    pollfd ended{.fd = target.pidfd(), .events = POLLIN, .revents = 0};
    EXPECT_EQ(::poll(&ended, 1, 10'000), 1);
    const auto status = target.status();
    return status && *status ? **status : -1;
  }
  fs::path folder_;
};

TEST_F(CommandTargetTest, RunsNothingUntilReleased) {
  const auto trace = folder_ / "ran";
  auto target = CommandTarget::create({"sh", "-c", "echo hello > " + trace.string() + "; exit 7"},
                                      CommandTarget::Surroundings::kInherited);
  ASSERT_TRUE(target) << target.error().message;
  ::usleep(50'000);
  EXPECT_FALSE(fs::exists(trace));
  ASSERT_TRUE((*target)->status());
  EXPECT_EQ(*(*target)->status(), std::nullopt);

  EXPECT_EQ(run(**target), 7);
  EXPECT_TRUE(fs::exists(trace));
}

TEST_F(CommandTargetTest, OneThatIsNotReleasedRunsNothing) {
  const auto trace = folder_ / "ran";
  pid_t pid = 0;
  {
    auto target = CommandTarget::create({"touch", trace}, CommandTarget::Surroundings::kInherited);
    ASSERT_TRUE(target);
    pid = (*target)->pid();
  }
  EXPECT_FALSE(fs::exists(trace));
  EXPECT_NE(::kill(pid, 0), 0);
}

TEST_F(CommandTargetTest, ReportsASignalAsAShellDoes) {
  auto target =
      CommandTarget::create({"sh", "-c", "kill -TERM $$"}, CommandTarget::Surroundings::kInherited);
  ASSERT_TRUE(target);
  EXPECT_EQ(run(**target), 128 + 15);
}

TEST_F(CommandTargetTest, SaysWhatCannotBeRun) {
  const auto missing = CommandTarget::create({"no-such-program-anywhere"});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().message,
            "cannot run no-such-program-anywhere: No such file or directory");
  EXPECT_EQ(CommandTarget::exit_status(missing.error()), 127);

  const auto plain = CommandTarget::create({file("plain")});
  ASSERT_FALSE(plain);
  EXPECT_THAT(plain.error().message, testing::HasSubstr("Permission denied"));
  EXPECT_EQ(CommandTarget::exit_status(plain.error()), 126);
}

TEST_F(CommandTargetTest, SaysWhatCouldNotBeExecutedAfterAll) {
  auto target = CommandTarget::create({file("script", "#!/no/such/interpreter\n", true)},
                                      CommandTarget::Surroundings::kInherited);
  ASSERT_TRUE(target);
  EXPECT_EQ(run(**target), -1);
  const auto status = (*target)->status();
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().message, testing::HasSubstr("No such file"));
}

TEST_F(CommandTargetTest, GivesAScriptWithoutInterpreterToTheShell) {
  auto target = CommandTarget::create({file("script", "exit $1\n", true), "5"},
                                      CommandTarget::Surroundings::kInherited);
  ASSERT_TRUE(target);
  EXPECT_EQ(run(**target), 5);
}

TEST_F(CommandTargetTest, HasACgroupOfItsOwnThatGoesWithIt) {
  const auto seen = folder_ / "cgroup";
  std::string directory;
  {
    auto target =
        CommandTarget::create({"sh", "-c", "grep ^0:: /proc/self/cgroup > " + seen.string()});
    if (!target) GTEST_SKIP() << target.error().message;
    directory = (*target)->cgroup_directory();
    if (directory.empty()) GTEST_SKIP() << "no writable cgroup2 here";
    EXPECT_EQ(run(**target), 0);
    struct stat info {};
    ASSERT_EQ(::stat(directory.c_str(), &info), 0);
    EXPECT_EQ((*target)->identity().cgroup_id, info.st_ino);
  }
  EXPECT_FALSE(fs::exists(directory));
  std::string line;
  std::getline(std::ifstream(seen) >> std::ws, line);
  EXPECT_THAT(line, testing::EndsWith("/" + fs::path(directory).filename().string()));
}

// A recording that was killed cannot take its cgroup away.
TEST_F(CommandTargetTest, RemovesTheEmptyCgroupsOfRecordingsThatAreGone) {
  std::string stale;
  {
    const auto target = CommandTarget::create({"true"});
    if (!target || (*target)->cgroup_directory().empty()) GTEST_SKIP() << "no writable cgroup2";
    // No process has this id: the kernel's limit is 2^22.
    stale = fs::path((*target)->cgroup_directory()).parent_path() / "ig-9999999";
  }
  fs::create_directory(stale);
  const auto target = CommandTarget::create({"true"});
  ASSERT_TRUE(target);
  EXPECT_FALSE(fs::exists(stale));
}

TEST(OwnCgroup, IsFoundInHybridAndPureHierarchies) {
  EXPECT_THAT(
      own_cgroup_directories("4:memory:/m/x\n0::/\n",
                             "30 24 0:27 / /sys/fs/cgroup/memory rw - cgroup cgroup rw\n"
                             "31 24 0:28 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"),
      testing::ElementsAre("/sys/fs/cgroup/unified"));
  EXPECT_THAT(
      own_cgroup_directories("0::/user.slice/session-1.scope\n",
                             "31 24 0:28 / /sys/fs/cgroup rw shared:4 - cgroup2 cgroup2 rw"),
      testing::ElementsAre("/sys/fs/cgroup/user.slice/session-1.scope"));
  EXPECT_THAT(own_cgroup_directories("0::/docker/abc\n",
                                     "31 24 0:28 /docker/abc /my\\040cgroup rw - cgroup2 c rw"),
              testing::ElementsAre("/my cgroup"));
}

// Above the root of our cgroup namespace there is nothing that we could name.
TEST(OwnCgroup, IsNotFoundAboveItsNamespace) {
  EXPECT_THAT(own_cgroup_directories("0::/../other\n", "31 24 0:28 / /c rw - cgroup2 c rw"),
              testing::IsEmpty());
  EXPECT_THAT(own_cgroup_directories("4:memory:/m\n", "31 24 0:28 / /c rw - cgroup2 c rw"),
              testing::IsEmpty());
}

TEST(MountNamespaceGeneration, TellsNamespacesApart) {
  const auto own = mount_namespace_generation("/proc/self/ns/mnt");
  if (own == 0) GTEST_SKIP() << "this kernel does not number mount namespaces";
  EXPECT_EQ(own, mount_namespace_generation("/proc/thread-self/ns/mnt"));
  EXPECT_EQ(mount_namespace_generation("/proc/self/ns/net"), 0u);
}

}  // namespace
}  // namespace ig
