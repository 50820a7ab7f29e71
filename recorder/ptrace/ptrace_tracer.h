// SPDX-License-Identifier: Apache-2.0
// PtraceTracer: follows a command and all its descendants by ptrace(2), with PTRACE_SEIZE, so that
// signals and job control work as without it. It knows threads, processes and calls; what they
// mean is the observers' business. Everything happens on one thread: the tracer is a thread.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "recorder/ptrace/ptrace_process.h"
#include "recorder/workload/command_target.h"

namespace ig {

class PtraceObserver {
 public:
  virtual ~PtraceObserver() = default;
  virtual void entered(TracedThread& /*thread*/) {}
  virtual void left(TracedThread& /*thread*/, std::int64_t /*result*/) {}
  virtual void executed(TracedThread& /*thread*/) {}  // its process runs another program now
  virtual void ended(TracedProcess& /*process*/) {}
};

class PtraceTracer {
 public:
  explicit PtraceTracer(std::vector<PtraceObserver*> observers)
      : observers_(std::move(observers)) {}

  // Takes hold of the command while it waits to be released.
  Result<> attach(CommandTarget& command);
  // Waits for one thing to happen and deals with it. False when a signal came instead.
  bool wait_once();
  bool command_ended() const { return command_ended_; }
  // Lets go of all that is left; it lives on.
  void detach();

  std::size_t processes() const { return processes_.size(); }

 private:
  TracedThread& thread_of(pid_t tid);
  void handle(pid_t tid, int status);
  void note_child(pid_t parent, int event);
  void handle_stop(TracedThread& thread, int status);
  void handle_call(TracedThread& thread);
  void handle_exec(pid_t tid);
  void handle_end(pid_t tid, int status);
  void finish_detach(pid_t tid, int status);
  static void resume(pid_t tid, int signal = 0);

  std::vector<PtraceObserver*> observers_;
  CommandTarget* command_ = nullptr;
  std::unordered_map<pid_t, TracedThread> threads_;
  std::unordered_map<pid_t, std::unique_ptr<TracedProcess>> processes_;
  bool command_ended_ = false;
};

}  // namespace ig
