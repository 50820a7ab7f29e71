// SPDX-License-Identifier: Apache-2.0
#include "recorder/ptrace/ptrace_tracer.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <fstream>
#include <string>

#include "base/clock.h"

namespace ig {
namespace {

constexpr int kSyscallStop = SIGTRAP | 0x80;  // with PTRACE_O_TRACESYSGOOD
constexpr auto kDetachTime = std::chrono::seconds(2);

pid_t number_in_status(pid_t tid, std::string_view key) {
  std::ifstream file(fmt::format("/proc/{}/status", tid));
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(key)) return std::atoi(line.c_str() + key.size());
  }
  return 0;
}

bool is_stop_signal(int signal) {
  return signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
}

Error cannot_trace(int err) {
  auto error = system_error(err, "trace the command");
  if (err == EPERM || err == EACCES) {
    error.hint =
        "ptrace is forbidden here, by kernel.yama.ptrace_scope or by a seccomp profile; a "
        "container needs SYS_PTRACE (docker run --cap-add SYS_PTRACE)";
  }
  return error;
}

}  // namespace

Result<> PtraceTracer::attach(CommandTarget& command) {
  constexpr long kOptions = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
                            PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC;
  command_ = &command;
  const pid_t pid = command.pid();
  if (::ptrace(PTRACE_SEIZE, pid, nullptr, kOptions) != 0 ||
      ::ptrace(PTRACE_INTERRUPT, pid, nullptr, nullptr) != 0) {
    return std::unexpected(cannot_trace(errno));
  }
  int status = 0;
  while (::waitpid(pid, &status, __WALL) != pid) {
    if (errno != EINTR) return std::unexpected(cannot_trace(errno));
  }
  __ptrace_syscall_info info{};
  if (::ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info) < 0) {
    return std::unexpected(cannot_trace(errno));
  }
  handle(pid, status);
  return {};
}

bool PtraceTracer::wait_once() {
  int status = 0;
  const pid_t tid = ::waitpid(-1, &status, __WALL);
  if (tid > 0) handle(tid, status);
  if (tid < 0 && errno == ECHILD) command_ended_ = true;
  return tid > 0;
}

// A new thread may stop before its parent is seen to have made it, so /proc tells whose it is.
TracedThread& PtraceTracer::thread_of(pid_t tid) {
  auto& thread = threads_[tid];
  if (thread.process != nullptr) return thread;
  thread.tid = tid;
  const pid_t tgid = number_in_status(tid, "Tgid:");
  auto& process = processes_[tgid == 0 ? tid : tgid];
  if (!process) {
    process = std::make_unique<TracedProcess>();
    process->pid = tgid == 0 ? tid : tgid;
    process->refresh();
    const auto parent = processes_.find(process->parent);
    if (parent != processes_.end() && parent->second) {
      process->executed = parent->second->executed;
      process->listens = parent->second->listens;
      process->steady = parent->second->steady;
    } else {
      process->executed = tid != command_->pid();  // its parent has ended already
    }
  }
  thread.process = process.get();
  return thread;
}

void PtraceTracer::handle(pid_t tid, int status) {
  if (WIFEXITED(status) || WIFSIGNALED(status)) return handle_end(tid, status);
  if (!WIFSTOPPED(status)) return;
  if (status >> 16 == PTRACE_EVENT_EXEC) handle_exec(tid);
  handle_stop(thread_of(tid), status);
}

// A new child is traced from its birth, so it must be known before its first stop: who detaches in
// between would leave it stopped for ever.
void PtraceTracer::note_child(pid_t parent, int event) {
  if (event != PTRACE_EVENT_FORK && event != PTRACE_EVENT_VFORK && event != PTRACE_EVENT_CLONE) {
    return;
  }
  unsigned long child = 0;
  if (::ptrace(PTRACE_GETEVENTMSG, parent, nullptr, &child) != 0) return;
  const auto tid = static_cast<pid_t>(child);
  // Its stop and even its end may have been told before its parent's event.
  if (number_in_status(tid, "Tgid:") != 0) thread_of(tid);
}

void PtraceTracer::handle_stop(TracedThread& thread, int status) {
  const int signal = WSTOPSIG(status);
  const int event = status >> 16;
  note_child(thread.tid, event);
  if (signal == kSyscallStop) {
    handle_call(thread);
    return resume(thread.tid);
  }
  if (event == PTRACE_EVENT_STOP && is_stop_signal(signal)) {
    // It stops as a whole; it is listened to until somebody continues it.
    ::ptrace(PTRACE_LISTEN, thread.tid, nullptr, nullptr);
    return;
  }
  resume(thread.tid, event == 0 ? signal : 0);
}

void PtraceTracer::handle_call(TracedThread& thread) {
  __ptrace_syscall_info info{};
  if (::ptrace(PTRACE_GET_SYSCALL_INFO, thread.tid, sizeof info, &info) <= 0) return;
  if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
    auto& entry = thread.entry;
    entry.arch = syscall_arch_of(info.arch, info.entry.nr);
    thread.in_call = entry.arch != nullptr;
    if (!thread.in_call) return;
    entry.number =
        static_cast<std::int64_t>(info.entry.nr & ~std::uint64_t{entry.arch->number_bits});
    for (std::size_t i = 0; i < entry.args.size(); ++i) entry.args[i] = info.entry.args[i];
    entry.call = call_of(*entry.arch, entry.number);
    entry.time_ns = wall_time_ns();
    unfold_socketcall(thread.tid, entry);
    for (auto* observer : observers_) observer->entered(thread);
  } else if (info.op == PTRACE_SYSCALL_INFO_EXIT && thread.in_call) {
    thread.in_call = false;
    for (auto* observer : observers_) observer->left(thread, info.exit.rval);
  }
}

// Whichever thread called execve, it has the first thread's id now and is alone.
void PtraceTracer::handle_exec(pid_t tid) {
  unsigned long former = 0;
  ::ptrace(PTRACE_GETEVENTMSG, tid, nullptr, &former);
  auto& process = *thread_of(tid).process;
  const auto caller = threads_.find(static_cast<pid_t>(former));
  if (caller != threads_.end() && caller->first != tid) {
    auto thread = caller->second;
    thread.tid = tid;
    threads_[tid] = thread;
  }
  std::erase_if(threads_, [&](const auto& item) {
    return item.second.process == &process && item.first != tid;
  });
  process.refresh();
  auto& thread = threads_[tid];
  for (auto* observer : observers_) observer->executed(thread);
  process.executed = true;
}

void PtraceTracer::handle_end(pid_t tid, int status) {
  if (tid == command_->pid()) {
    command_->set_wait_status(status);
    command_ended_ = true;
  }
  threads_.erase(tid);
  const auto process = processes_.find(tid);
  if (process == processes_.end()) return;
  for (auto* observer : observers_) observer->ended(*process->second);
  std::erase_if(threads_,
                [&](const auto& item) { return item.second.process == process->second.get(); });
  processes_.erase(process);
}

void PtraceTracer::resume(pid_t tid, int signal) {
  // ESRCH: it was killed meanwhile, and its end will be told.
  ::ptrace(PTRACE_SYSCALL, tid, nullptr, static_cast<long>(signal));
}

void PtraceTracer::finish_detach(pid_t tid, int status) {
  if (!WIFSTOPPED(status)) return handle_end(tid, status);
  const int event = status >> 16;
  const int signal = WSTOPSIG(status);
  const bool delivery = event == 0 && signal != kSyscallStop;
  note_child(tid, event);
  ::ptrace(PTRACE_DETACH, tid, nullptr, static_cast<long>(delivery ? signal : 0));
  threads_.erase(tid);
}

void PtraceTracer::detach() {
  std::erase_if(threads_, [](const auto& item) {
    return ::ptrace(PTRACE_INTERRUPT, item.first, nullptr, nullptr) != 0 && errno == ESRCH;
  });
  // What cannot be stopped in time (it hangs in the kernel) is let go of when we end.
  const auto deadline = std::chrono::steady_clock::now() + kDetachTime;
  while (!threads_.empty() && std::chrono::steady_clock::now() < deadline) {
    int status = 0;
    const pid_t tid = ::waitpid(-1, &status, __WALL | WNOHANG);
    if (tid < 0 && errno != EINTR) break;
    if (tid > 0) {
      finish_detach(tid, status);
    } else {
      ::usleep(1000);
    }
  }
}

}  // namespace ig
