// SPDX-License-Identifier: Apache-2.0
#include "cli/recording_run.h"

#include <fmt/format.h>
#include <unistd.h>

#include <utility>

#include "base/log.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "cli/recorder_confinement.h"
#include "cli/selectors.h"
#include "cli/watched_sink.h"
#include "recorder/ptrace/ptrace_backend.h"
#include "reporters/terminal.h"

namespace ig {
namespace {

// The terminal writes ^C behind the progress line; it has to stay on that line.
constexpr std::size_t kEchoWidth = 3;

using OnStatus = std::function<void(const RecorderStatus&)>;

// Says that it records, shows the progress while it lives, keeps the last status, and stops what is
// done.
class Progress {
 public:
  Progress(const RecordingPlan& plan, std::function<void()> stop)
      : plan_(plan), stop_(std::move(stop)) {}
  ~Progress() { log::progress(""); }

  OnStatus callback() {
    return [this](const RecorderStatus& status) {
      last_ = status;
      if (!std::exchange(announced_, true)) announce();
      if (plan_.is_done && plan_.is_done()) stop_();
      if (plan_.show_progress)
        log::progress(progress_text(status, terminal_width(STDERR_FILENO) - kEchoWidth));
    };
  }
  const RecorderStatus& last() const { return last_; }

 private:
  const RecordingPlan& plan_;
  void announce() const {
    if (!plan_.show_progress && !plan_.attached_text.empty()) log::info("{}", plan_.attached_text);
  }

  std::function<void()> stop_;
  RecorderStatus last_;
  bool announced_ = false;
};

std::string end_reason(const RecordingPlan& plan, const std::string& reason) {
  if (Interrupts::count() == 0) return reason;
  // The ^C of the terminal stands alone on its line.
  if (!plan.show_progress && log::stderr_is_terminal()) put(stderr, "\n");
  return "signal";
}

// `attached` tells a failure to start, after which another backend may be tried, from others.
Result<RecordingEnd> record_by_bpf(const RecordingPlan& plan, EventSink& sink,
                                   Interrupts& interrupts, bool& attached) {
  auto options = plan.options;
  if (!plan.unconfined) {
    options.once_attached = [&plan](bool attaches_more) {
      confine_recorder({plan.session_folder, attaches_more});
    };
  }
  IG_ASSIGN(const auto recorder, Recorder::create(std::move(options), sink));
  attached = true;
  interrupts.call([](void* subject) { static_cast<Recorder*>(subject)->stop(); },
                  [](void* subject) { static_cast<Recorder*>(subject)->dump(); }, recorder.get());
  Progress progress(plan, [&recorder] { recorder->stop(); });
  const auto reason = recorder->run(progress.callback());
  interrupts.call_nothing();
  if (!reason) return std::unexpected(reason.error());
  return RecordingEnd{end_reason(plan, *reason), recorder->command_status(), recorder->status()};
}

Result<RecordingEnd> record_command_by_ptrace(const RecordingPlan& plan, EventSink& sink) {
  Progress progress(plan, [] {});  // a command under ptrace runs to its end
  int command_status = -1;
  const auto reason = record_by_ptrace(plan.options, sink, progress.callback(), command_status);
  if (!reason) return std::unexpected(reason.error());
  return RecordingEnd{end_reason(plan, *reason), command_status, progress.last()};
}

std::string hint_without_command(const std::string& hint) {
  constexpr auto kOtherWay = "one command can be recorded without it: -- COMMAND";
  return hint.empty() ? kOtherWay : fmt::format("{}; {}", hint, kOtherWay);
}

}  // namespace

Result<RecordingEnd> run_recording(const RecordingPlan& plan, const MakeSink& make_sink) {
  Interrupts interrupts;
  const bool has_command = !plan.options.command.empty();
  if (plan.backend != "ptrace") {
    IG_ASSIGN(auto* sink, make_sink("bpf"));
    WatchedSink watched(*sink);
    bool attached = false;
    auto end = record_by_bpf(plan, watched, interrupts, attached);
    const bool refused = !end && !attached && end.error().code == ErrorCode::kPermission;
    if (!refused || plan.backend == "bpf" || !has_command) {
      if (refused && !has_command) end.error().hint = hint_without_command(end.error().hint);
      return end;
    }
    log::warning("{} ({}); recording the command by ptrace instead", end.error().message,
                 end.error().hint);
  }
  IG_ASSIGN(auto* sink, make_sink("ptrace"));
  WatchedSink watched(*sink);
  return record_command_by_ptrace(plan, watched);
}

Option btf_option() {
  return {"btf", "FILE", "the kernel's types, or a folder shaped like BTFHub's archive"};
}

OptionGroup recording_options() {
  return {"Recording",
          {{"duration", "TIME", "how long; without it until Ctrl-C or the end of the command"},
           {"backend", "NAME", "what watches the kernel", 0, "auto", {"auto", "bpf", "ptrace"}},
           {"ring-size", "SIZE", "memory of each gadget's ring, e.g. 8MiB"},
           {"gadget-path", "DIR", "folder of further gadgets"},
           {"unconfined", "", "keep the rights that are needed no more once all is attached"},
           btf_option()}};
}

Result<RecordingPlan> parse_recording(const Arguments& arguments) {
  RecordingPlan plan;
  plan.backend = arguments.text("backend");
  plan.options.command = arguments.command();
  plan.options.gadget_paths = arguments.values("gadget-path");
  plan.unconfined = arguments.has("unconfined");
  plan.options.btf_file = arguments.text("btf");
  IG_ASSIGN(plan.options.selector, parse_selector(arguments));
  IG_ASSIGN(plan.options.duration, arguments.duration("duration"));
  IG_ASSIGN(plan.options.ring_bytes, arguments.size("ring-size"));
  if (plan.backend == "ptrace" && plan.options.command.empty()) {
    return fail(ErrorCode::kUsage, "ptrace follows a command, and there is none",
                "write it after --");
  }
  return plan;
}

bool has_terminal_for_progress(const RecorderOptions& options) {
  // A command writes to the same terminal.
  return log::stderr_is_terminal() && options.command.empty();
}

}  // namespace ig
