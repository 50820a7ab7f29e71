// SPDX-License-Identifier: Apache-2.0
#include "recorder/ptrace/ptrace_backend.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>

#include "base/clock.h"
#include "recorder/gadget/gadget_catalog.h"
#include "recorder/ptrace/ptrace_gadget.h"
#include "recorder/workload/workload_tracker_proc.h"

namespace ig {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kStatusInterval = std::chrono::milliseconds(200);

volatile sig_atomic_t stop_requested = 0;

// While it lives, SIGINT, SIGTERM and SIGHUP end the recording in order (and go on to whoever
// handled them before), and waitpid(2) is interrupted a few times a second.
class Signals {
 public:
  Signals() {
    stop_requested = 0;
    for (std::size_t i = 0; i < kStops.size(); ++i) {
      ::sigaction(kStops[i], nullptr, &before_[i]);
      // Who was told to ignore them (nohup) goes on ignoring them.
      if (before_[i].sa_handler != SIG_IGN) install(kStops[i], on_stop);
    }
    ::sigaction(SIGALRM, nullptr, &alarm_before_);
    install(SIGALRM, [](int) {});
    start_timer();
  }
  ~Signals() {
    ::timer_delete(timer_);
    ::sigaction(SIGALRM, &alarm_before_, nullptr);
    for (std::size_t i = 0; i < kStops.size(); ++i) ::sigaction(kStops[i], &before_[i], nullptr);
  }
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

 private:
  static constexpr std::array kStops = {SIGINT, SIGTERM, SIGHUP};

  static void install(int signal, void (*handler)(int)) {
    struct sigaction action {};
    action.sa_handler = handler;  // without SA_RESTART
    ::sigaction(signal, &action, nullptr);
  }
  static void on_stop(int signal) {
    stop_requested = 1;
    const auto at = std::ranges::find(kStops, signal) - kStops.begin();
    const auto& before = before_[static_cast<std::size_t>(at)];
    const bool plain = (before.sa_flags & SA_SIGINFO) == 0;
    if (plain && before.sa_handler != SIG_DFL) before.sa_handler(signal);
  }
  void start_timer() {
    sigevent event{};
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = SIGALRM;
    event._sigev_un._tid = static_cast<pid_t>(::syscall(SYS_gettid));
    ::timer_create(CLOCK_MONOTONIC, &event, &timer_);
    constexpr timespec kInterval{.tv_sec = 0, .tv_nsec = 200'000'000};
    const itimerspec times{.it_interval = kInterval, .it_value = kInterval};
    ::timer_settime(timer_, 0, &times, nullptr);
  }

  static inline std::array<struct sigaction, kStops.size()> before_{};
  struct sigaction alarm_before_ {};
  timer_t timer_{};
};

GadgetRun run_of(const GadgetRequest& request, const Gadget& gadget) {
  GadgetRun run;
  run.gadget = gadget.name;
  run.origin = gadget.origin;
  run.backend = "ptrace";
  for (const auto& [key, value] : request.parameters) {
    run.parameters += fmt::format("{}{}={}", run.parameters.empty() ? "" : " ", key, value);
  }
  return run;
}

class PtraceRecording {
 public:
  PtraceRecording(const RecorderOptions& options, EventSink& sink)
      : options_(options), output_{.sink = sink} {}

  Result<> prepare();
  Result<std::string> run(const std::function<void(const RecorderStatus&)>& on_status);
  Result<int> command_status();

 private:
  Result<> add_gadget(const GadgetRequest& request, const GadgetCatalog& catalog);
  void tell_workload();
  void tell_limits();
  void flush();
  Result<> finish();
  RecorderStatus status() const;

  const RecorderOptions& options_;
  PtraceOutput output_;
  Workload workload_;
  std::unique_ptr<CommandTarget> command_;
  std::vector<std::unique_ptr<PtraceGadget>> gadgets_;
  std::vector<std::string> gadget_names_;
  std::unique_ptr<PtraceTracer> tracer_;
  Clock::time_point started_{};
};

Result<> PtraceRecording::prepare() {
  IG_ASSIGN(const auto catalog, GadgetCatalog::open(options_.gadget_paths));
  IG_ASSIGN(command_,
            CommandTarget::create(options_.command, CommandTarget::Surroundings::kInherited));
  std::vector<PtraceObserver*> observers;
  for (const auto& request : options_.gadgets) IG_TRY(add_gadget(request, catalog));
  for (const auto& gadget : gadgets_) observers.push_back(gadget.get());
  tracer_ = std::make_unique<PtraceTracer>(std::move(observers));
  IG_TRY(tracer_->attach(*command_));
  tell_workload();
  tell_limits();
  return output_.failure ? Result<>(std::unexpected(*output_.failure)) : Result<>();
}

Result<> PtraceRecording::add_gadget(const GadgetRequest& request, const GadgetCatalog& catalog) {
  IG_ASSIGN(const auto* gadget, catalog.find(request.name));
  IG_ASSIGN(auto schemas, event_schemas(*gadget));
  auto run = run_of(request, *gadget);
  auto watcher = make_ptrace_gadget(gadget->name, std::move(schemas), request.parameters, output_);
  GadgetRun::Program program;
  program.name = program.section = "ptrace";
  program.attached = watcher != nullptr;
  if (!watcher) {
    program.reason = "the ptrace backend has no such gadget";
    program.leaves_empty = "all its rows";
  } else {
    program.leaves_empty = watcher->empty_columns();
  }
  run.programs.push_back(std::move(program));
  IG_TRY(output_.sink.gadget_run(run));
  if (!watcher) {
    output_.limit(gadget->name, "this gadget needs BPF");
    return {};
  }
  for (const auto* source : watcher->data_sources()) {
    IG_TRY(output_.sink.data_source(source->schema()));
  }
  gadget_names_.push_back(gadget->name);
  gadgets_.push_back(std::move(watcher));
  return {};
}

void PtraceRecording::tell_workload() {
  workload_.id = output_.workload = 1;
  workload_.kind = WorkloadKind::kCommand;
  workload_.name = command_->command_line();
  workload_.pid = command_->pid();
  workload_.first_seen_ns = workload_.last_seen_ns = wall_time_ns();
  if (const auto seen = observe_process("/proc", command_->pid())) {
    workload_.mntns_id = seen->identity.mntns_id;
    workload_.mntns_gen = seen->identity.mntns_gen;
    workload_.cgroup_id = seen->identity.cgroup_id;
    workload_.netns_id = seen->identity.netns_id;
    workload_.cgroup_path = seen->cgroup_path;
  }
  output_.keep(output_.sink.workload(workload_));
}

void PtraceRecording::tell_limits() {
  for (const auto& name : gadget_names_) {
    output_.limit(name, "only the command and its descendants are seen, no other process");
  }
  // The kernel gives a traced program the rights of a file only if the tracer has them too.
  if (::geteuid() != 0) {
    output_.limit("", "set-user-ID programs run without their privileges while they are traced");
  }
}

void PtraceRecording::flush() {
  for (const auto& gadget : gadgets_) gadget->flush();
  output_.keep(output_.sink.flush());
}

RecorderStatus PtraceRecording::status() const {
  return {.elapsed = Clock::now() - started_,
          .duration = options_.duration,
          .events = output_.events,
          .lost = output_.lost,
          .workloads = 1};
}

Result<std::string> PtraceRecording::run(
    const std::function<void(const RecorderStatus&)>& on_status) {
  const Signals signals;
  started_ = Clock::now();
  auto next_status = started_ + kStatusInterval, next_flush = started_ + options_.map_interval;
  if (on_status) on_status(status());
  command_->release();
  std::string reason = "command ended";
  while (!tracer_->command_ended() && !output_.failure) {
    const auto now = Clock::now();
    const bool over = options_.duration.count() > 0 && now - started_ >= options_.duration;
    if (stop_requested != 0 || over) {
      reason = over ? "duration" : "stopped";
      break;
    }
    if (now >= next_flush) {
      flush();
      next_flush = now + options_.map_interval;
    }
    if (now >= next_status) {
      if (on_status) on_status(status());
      next_status = now + kStatusInterval;
    }
    tracer_->wait_once();
  }
  tracer_->detach();
  IG_TRY(finish());
  if (on_status) on_status(status());
  return reason;
}

Result<> PtraceRecording::finish() {
  flush();
  workload_.last_seen_ns = wall_time_ns();
  workload_.exit_known = tracer_->command_ended() ? 1 : 0;
  output_.keep(output_.sink.workload(workload_));
  output_.keep(output_.sink.flush());
  return output_.failure ? Result<>(std::unexpected(*output_.failure)) : Result<>();
}

Result<int> PtraceRecording::command_status() {
  if (!tracer_->command_ended()) return -1;
  IG_ASSIGN(const auto status, command_->status());
  return status.value_or(-1);
}

}  // namespace

std::unique_ptr<PtraceGadget> make_ptrace_gadget(const std::string& name,
                                                 std::vector<EventSchema> schemas,
                                                 const GadgetParameters& parameters,
                                                 PtraceOutput& output) {
  using Make = decltype(&make_ptrace_syscalls);
  constexpr std::pair<std::string_view, Make> kGadgets[] = {
      {"advise_seccomp", make_ptrace_syscalls},
      {"advise_networkpolicy", make_ptrace_flows},
      {"trace_exec", make_ptrace_execs},
      {"trace_open", make_ptrace_opens}};
  for (const auto& [known, make] : kGadgets) {
    if (name == known && !schemas.empty()) return make(std::move(schemas), parameters, output);
  }
  return nullptr;
}

Result<std::string> record_by_ptrace(const RecorderOptions& options, EventSink& sink,
                                     const std::function<void(const RecorderStatus&)>& on_status,
                                     int& command_status) {
  command_status = -1;
  PtraceRecording recording(options, sink);
  IG_TRY(recording.prepare());
  IG_ASSIGN(auto reason, recording.run(on_status));
  IG_ASSIGN(command_status, recording.command_status());
  return reason;
}

}  // namespace ig
