// SPDX-License-Identifier: Apache-2.0
#include "recorder/workload/command_target.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <system_error>

#include "base/text.h"

namespace ig {
namespace {

// linux/nsfs.h, which Debian 12 has without it.
constexpr unsigned long kGetMountNamespaceId = _IOR(0xb7, 0x5, std::uint64_t);

Error cannot_run(int err, const std::string& name) {
  auto error = system_error(err, fmt::format("run {}", name));
  if (err == ENOENT) error.hint = "is the name right, and is its folder in PATH?";
  if (err == EACCES) error.hint = "it is there, but not executable";
  return error;
}

// 0, or why `path` cannot be executed.
int check_executable(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return errno;
  if (!S_ISREG(info.st_mode)) return EACCES;
  return ::access(path.c_str(), X_OK) == 0 ? 0 : errno;
}

// As execvp(3) looks for it. Done here and not in the child, where each miss would be recorded as
// a system call of the command.
Result<std::string> find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) {
    const int err = check_executable(name);
    if (err != 0) return std::unexpected(cannot_run(err, name));
    return name;
  }
  const char* path = std::getenv("PATH");
  int result = ENOENT;
  for (const auto folder : split(path != nullptr ? path : "/bin:/usr/bin", ':')) {
    if (name.empty()) break;
    const auto file = fmt::format("{}/{}", folder.empty() ? "." : folder, name);
    const int err = check_executable(file);
    if (err == 0) return file;
    if (err == EACCES) result = err;
  }
  return std::unexpected(cannot_run(result, name));
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> result;
  for (auto& word : words) result.push_back(word.data());
  result.push_back(nullptr);
  return result;
}

struct ChildPlan {
  int gate;   // read end
  int error;  // write end, close-on-exec
  bool own_mount_namespace;
  const char* program;
  char* const* arguments;
  char* const* shell_arguments;
};

[[noreturn]] void end_child(int error_fd, int err) {
  [[maybe_unused]] const auto written = ::write(error_fd, &err, sizeof err);
  ::_exit(err == ENOENT ? 127 : 126);
}

// Our handlers are not the child's: while it waits it would answer a Ctrl-C in our stead. Signals
// that are ignored stay so, as exec leaves them.
void drop_signal_handlers() {
  for (int signal = 1; signal < NSIG; ++signal) {
    struct sigaction action {};
    if (::sigaction(signal, nullptr, &action) != 0 || action.sa_handler == SIG_IGN) continue;
    action.sa_handler = SIG_DFL;
    action.sa_flags = 0;
    ::sigaction(signal, &action, nullptr);
  }
}

// Runs in the forked child: only calls that are safe there, and after the gate as few as can be.
[[noreturn]] void run_child(const ChildPlan& plan) {
  drop_signal_handlers();
  // Mounts stay the peers of ours that they were, so the command sees and makes the same ones.
  if (plan.own_mount_namespace && ::unshare(CLONE_NEWNS) != 0) end_child(plan.error, errno);
  char byte = 1;
  if (::write(plan.error, &byte, 1) != 1) ::_exit(126);
  if (::read(plan.gate, &byte, 1) != 1) ::_exit(0);
  ::execve(plan.program, plan.arguments, environ);
  // A script without #! is the shell's, as for execvp(3).
  if (errno == ENOEXEC) ::execve("/bin/sh", plan.shell_arguments, environ);
  end_child(plan.error, errno);
}

std::uint64_t inode_of(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 ? info.st_ino : 0;
}

std::string quote(const std::string& word) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=,+@%";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

}  // namespace

std::uint64_t mount_namespace_generation(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::uint64_t id = 0;
  return file && ::ioctl(file.get(), kGetMountNamespaceId, &id) == 0 ? id : 0;
}

Result<std::unique_ptr<CommandTarget>> CommandTarget::create(std::vector<std::string> arguments,
                                                             Surroundings surroundings) {
  if (arguments.empty()) return fail(ErrorCode::kUsage, "there is no command after --");
  std::unique_ptr<CommandTarget> target(new CommandTarget);
  IG_ASSIGN(target->program_, find_program(arguments.front()));
  target->arguments_ = std::move(arguments);
  if (surroundings == Surroundings::kInherited) {
    IG_TRY(target->spawn(false));
  } else {
    IG_TRY(target->surround());
  }
  return target;
}

Result<> CommandTarget::surround() {
  auto cgroup = CommandCgroup::create(fmt::format("ig-{}", ::getpid()));
  if (cgroup) {
    IG_TRY(spawn(false));
    if (cgroup->add(pid_)) {
      cgroup_.emplace(std::move(*cgroup));
      identity_.cgroup_id = cgroup_->id();
      return {};
    }
    gate_.reset();
    ::waitpid(pid_, nullptr, 0);
  }
  if (auto spawned = spawn(true); !spawned) {
    auto error = std::move(spawned).error();
    error.hint =
        "the command needs a writable cgroup2 or a mount namespace of its own; "
        "--backend ptrace needs neither";
    return std::unexpected(std::move(error));
  }
  const auto file = fmt::format("/proc/{}/ns/mnt", pid_);
  identity_.mntns_id = inode_of(file);
  identity_.mntns_gen = mount_namespace_generation(file);
  return {};
}

Result<> CommandTarget::spawn(bool own_mount_namespace) {
  int gate[2], error[2];
  // A socket and not a pipe: when the child is gone, letting it go must not raise SIGPIPE.
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, gate) != 0) {
    return std::unexpected(system_error(errno, "make a pair of sockets"));
  }
  UniqueFd gate_out(gate[0]);
  gate_.reset(gate[1]);
  if (::pipe2(error, O_CLOEXEC) != 0) return std::unexpected(system_error(errno, "make a pipe"));
  UniqueFd error_in(error[1]);
  exec_error_.reset(error[0]);

  auto argv = pointers(arguments_);
  std::vector<std::string> shell_words = {"sh", program_};
  shell_words.insert(shell_words.end(), arguments_.begin() + 1, arguments_.end());
  auto shell_argv = pointers(shell_words);
  const ChildPlan plan{gate_out.get(),   error_in.get(), own_mount_namespace,
                       program_.c_str(), argv.data(),    shell_argv.data()};
  pid_ = ::fork();
  if (pid_ < 0) return std::unexpected(system_error(errno, "start the command"));
  if (pid_ == 0) {
    ::close(gate_.get());  // so that it ends when we are gone
    run_child(plan);
  }
  error_in.reset();
  int answer = 0;  // one byte: ready; an int: why not
  if (::read(exec_error_.get(), &answer, sizeof answer) != 1) {
    ::waitpid(pid_, nullptr, 0);
    return std::unexpected(system_error(answer, "give the command a mount namespace"));
  }
  ::fcntl(exec_error_.get(), F_SETFL, O_NONBLOCK);
  pidfd_.reset(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  if (!pidfd_) return std::unexpected(system_error(errno, "watch the command"));
  return {};
}

CommandTarget::~CommandTarget() {
  const bool released = !gate_;
  gate_.reset();
  if (!released && pid_ > 0) ::waitpid(pid_, nullptr, 0);
}

std::string CommandTarget::command_line() const {
  std::vector<std::string> words;
  for (const auto& argument : arguments_) words.push_back(quote(argument));
  return join(words, " ");
}

void CommandTarget::release() {
  const char byte = 1;
  ::send(gate_.get(), &byte, 1, MSG_NOSIGNAL);
  gate_.reset();
}

Result<std::optional<int>> CommandTarget::status() {
  if (!wait_status_) {
    int wait_status = 0;
    if (::waitpid(pid_, &wait_status, WNOHANG) != pid_) return std::nullopt;
    wait_status_ = wait_status;
  }
  if (int err = 0; ::read(exec_error_.get(), &err, sizeof err) == sizeof err) exec_errno_ = err;
  if (exec_errno_ != 0) return std::unexpected(cannot_run(exec_errno_, arguments_.front()));
  return WIFSIGNALED(*wait_status_) ? 128 + WTERMSIG(*wait_status_) : WEXITSTATUS(*wait_status_);
}

}  // namespace ig
