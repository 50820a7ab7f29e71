// SPDX-License-Identifier: Apache-2.0
// open_files WORKLOADS RATE SECONDS: as many processes, each in a mount namespace of its own, open
// RATE files a second together, a few thousand different ones. Prints how many they opened.
#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <thread>

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::duration;

constexpr int kFiles = 50;  // of a workload: there are none, so nothing is left behind

// Catches up where it could not run for a while.
void open_at(double rate, double seconds, int workload, std::atomic<std::int64_t>& opened) {
  const auto start = Clock::now();
  std::int64_t done = 0;
  while (true) {
    const double passed = duration<double>(Clock::now() - start).count();
    if (passed > seconds) break;
    for (const auto due = static_cast<std::int64_t>(passed * rate); done < due; ++done) {
      const auto path = fmt::format("/tmp/workload-{}/file-{}", workload, done % kFiles);
      if (const int fd = ::open(path.c_str(), O_RDONLY); fd >= 0) ::close(fd);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  opened += done;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const int workloads = std::atoi(argv[1]);
  const double rate = std::atof(argv[2]), seconds = std::atof(argv[3]);
  void* shared = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (workloads < 1 || shared == MAP_FAILED) return 1;
  auto& opened = *new (shared) std::atomic<std::int64_t>(0);
  for (int workload = 0; workload < workloads; ++workload) {
    if (::fork() != 0) continue;
    if (::unshare(CLONE_NEWNS) != 0) ::_exit(1);
    open_at(rate / workloads, seconds, workload, opened);
    ::_exit(0);
  }
  bool failed = false;
  for (int status = 0; ::wait(&status) > 0;) failed = failed || status != 0;
  fmt::print("{}\n", opened.load());
  return failed ? 1 : 0;
}
