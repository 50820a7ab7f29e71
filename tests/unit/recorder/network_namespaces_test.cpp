// SPDX-License-Identifier: Apache-2.0
#include "recorder/gadget/network_namespaces.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>

namespace ig {
namespace {

ino_t number_of(int fd) {
  struct stat about {};
  return fstat(fd, &about) == 0 ? about.st_ino : 0;
}

ino_t own_number() {
  struct stat about {};
  return stat("/proc/thread-self/ns/net", &about) == 0 ? about.st_ino : 0;
}

// A process in a network namespace of its own, until the end of the test.
class Stranger {
 public:
  Stranger() {
    std::array<int, 2> ready{};
    if (pipe(ready.data()) != 0) return;
    pid_ = fork();
    if (pid_ == 0) {
      const char answer = unshare(CLONE_NEWNET) == 0 ? 'y' : 'n';
      if (write(ready[1], &answer, 1) == 1) pause();
      _exit(0);
    }
    char answer = 'n';
    is_there_ = read(ready[0], &answer, 1) == 1 && answer == 'y';
    close(ready[0]);
    close(ready[1]);
  }
  ~Stranger() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  Stranger(const Stranger&) = delete;
  Stranger& operator=(const Stranger&) = delete;

  bool is_there() const { return is_there_; }

 private:
  pid_t pid_ = -1;
  bool is_there_ = false;
};

TEST(NetworkNamespaces, AreEnteredAndLeftAgain) {
  const Stranger stranger;
  if (!stranger.is_there()) GTEST_SKIP() << "needs root";
  const auto own = own_number();
  const auto networks = other_network_namespaces();
  ASSERT_FALSE(networks.empty());
  for (const auto& network : networks) {
    EXPECT_NE(number_of(network.get()), own);
    ino_t within = 0;
    ASSERT_TRUE(within_network_namespace(network, [&] { within = own_number(); }));
    EXPECT_EQ(within, number_of(network.get()));
    EXPECT_EQ(own_number(), own);
  }
}

TEST(NetworkNamespaces, WhatIsNoneIsAnError) {
  const UniqueFd none(dup(STDERR_FILENO));
  EXPECT_FALSE(within_network_namespace(none, [] { FAIL(); }));
}

}  // namespace
}  // namespace ig
