// SPDX-License-Identifier: Apache-2.0
#include "recorder/source/bpftrace_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <utility>

#include "base/text.h"

namespace ig {
namespace {

constexpr std::size_t kMostErrors = 64 * 1024;

struct Pipe {
  UniqueFd read, write;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return std::unexpected(system_error(errno, "a pipe"));
  Pipe pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
  ::fcntl(pipe.read.get(), F_SETFL, O_NONBLOCK);
  return pipe;
}

// Between fork and exec: only what may be called there.
[[noreturn]] void run_child(char* const* argv, int output, int errors, pid_t parent) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGINT);
  if (::getppid() != parent) ::_exit(127);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) ::signal(signal, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  const int null = ::open("/dev/null", O_RDONLY);
  if (null < 0 || ::dup2(null, 0) < 0 || ::dup2(output, 1) < 0 || ::dup2(errors, 2) < 0) {
    ::_exit(127);
  }
  ::execv(argv[0], argv);
  ::_exit(127);
}

}  // namespace

std::string find_program(const std::string& name) {
  const char* path = std::getenv("PATH");
  for (const auto folder : split(path == nullptr ? "/usr/bin:/bin" : path, ':')) {
    const auto candidate = std::string(folder) + "/" + name;
    if (!folder.empty() && ::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return "";
}

Result<BpftraceProcess> BpftraceProcess::start(const std::vector<std::string>& arguments) {
  IG_ASSIGN(auto output, make_pipe());
  IG_ASSIGN(auto errors, make_pipe());
  std::vector<char*> argv;
  for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  BpftraceProcess process;
  const auto parent = ::getpid();
  process.pid_ = ::fork();
  if (process.pid_ == 0) run_child(argv.data(), output.write.get(), errors.write.get(), parent);
  if (process.pid_ < 0) return std::unexpected(system_error(errno, "start " + arguments.front()));
  process.output_ = std::move(output.read);
  process.errors_ = std::move(errors.read);
  return process;
}

BpftraceProcess::BpftraceProcess(BpftraceProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      ended_(other.ended_),
      output_(std::move(other.output_)),
      errors_(std::move(other.errors_)) {}

BpftraceProcess::~BpftraceProcess() {
  if (pid_ < 0 || ended_) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void BpftraceProcess::interrupt() {
  if (!has_ended()) ::kill(pid_, SIGINT);
}

bool BpftraceProcess::waits_for_events() const {
  constexpr long kWaits[] = {
#ifdef SYS_epoll_wait
      SYS_epoll_wait,
#endif
      SYS_epoll_pwait, SYS_epoll_pwait2};
  std::ifstream file(fmt::format("/proc/{}/syscall", pid_));
  long number = -1;
  if (!file) return true;  // this kernel does not tell
  return file >> number && std::ranges::find(kWaits, number) != std::end(kWaits);
}

std::string BpftraceProcess::take_errors() {
  std::string text;
  std::array<char, 4096> buffer{};
  while (text.size() < kMostErrors) {
    const auto size = ::read(errors_.get(), buffer.data(), buffer.size());
    if (size <= 0) break;
    text.append(buffer.data(), static_cast<std::size_t>(size));
  }
  return text;
}

bool BpftraceProcess::has_ended() {
  if (!ended_) ended_ = ::waitpid(pid_, nullptr, WNOHANG) == pid_;
  return ended_;
}

bool wait_readable(int fd, std::chrono::milliseconds time) {
  pollfd wanted{.fd = fd, .events = POLLIN, .revents = 0};
  return ::poll(&wanted, 1, static_cast<int>(time.count())) > 0;
}

}  // namespace ig
