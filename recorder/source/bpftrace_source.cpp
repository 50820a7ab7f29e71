// SPDX-License-Identifier: Apache-2.0
// script: what a bpftrace script prints, and its maps when it ends, as rows. bpftrace is the real
// one; we start it, wait until its probes are in place, read its JSON, and interrupt it at the end,
// which makes it print its maps.
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/clock.h"
#include "base/text.h"
#include "recorder/kernel/tracefs.h"
#include "recorder/source/bpftrace_output.h"
#include "recorder/source/bpftrace_process.h"
#include "recorder/source/user_sources.h"

namespace ig {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kToAttach{60}, kToEnd{30};
constexpr std::chrono::milliseconds kPause{50}, kSilence{200}, kToDrain{2000}, kToReact{1000};
constexpr std::size_t kMostLine = 16 << 20;
constexpr int kTurn = 64;  // reads
constexpr const char* kNothing = "it said nothing";

std::string first_lines(const std::string& text) {
  std::vector<std::string_view> lines;
  for (const auto line : split(text, '\n')) {
    // That it may not raise a limit which kernels since 5.11 do not have is no matter.
    const bool matters = line.find("RLIMIT_MEMLOCK") == line.npos;
    if (!line.empty() && matters && lines.size() < 4) lines.push_back(line);
  }
  std::string joined;
  for (const auto line : lines) joined += (joined.empty() ? "" : " | ") + std::string(line);
  return joined.empty() ? kNothing : joined;
}

class BpftraceSource : public UserSource {
 public:
  BpftraceSource(std::string script, std::string file)
      : script_(std::move(script)), file_(std::move(file)) {}

  Result<> open() override {
    if (script_.empty() == file_.empty()) {
      return fail(ErrorCode::kUsage, "gadget script: it takes a script or a file",
                  "--script 'BEGIN { printf(\"hello\\n\"); }', or --file program.bt");
    }
    std::vector<std::string> arguments{find_program("bpftrace"), "-f", "json"};
    if (!script_.empty()) arguments.insert(arguments.end(), {"-e", script_});
    if (!file_.empty()) arguments.push_back(file_);
    IG_ASSIGN(auto process, BpftraceProcess::start(arguments));
    process_ = std::make_unique<BpftraceProcess>(std::move(process));
    return wait_attached();
  }

  int poll_fd() const override { return process_ && !at_end_ ? process_->output() : -1; }

  bool consume() override {
    for (int i = 0; i < kTurn; ++i) {
      if (!read_some()) {
        if (at_end_) tell_end();
        return false;
      }
      take_lines();
    }
    return true;
  }

  // Its maps come as an answer.
  void close() override {
    closed_ = true;
    if (process_ && at_end_) tell_end();  // it may have been over before anybody consumed
    if (!process_ || at_end_) return;
    take_what_is_on_its_way();
    end_process();
    if (!at_end_) {
      output().lose(Loss::Kind::kSkipped, 1,
                    "bpftrace did not end when asked to: its maps are missing");
    }
    process_.reset();
  }

 private:
  // Interrupted, bpftrace may leave the last events unread.
  void take_what_is_on_its_way() {
    const auto deadline = Clock::now() + kToDrain;
    while (!at_end_ && Clock::now() < deadline && wait_readable(process_->output(), kSilence)) {
      consume();
    }
  }

  // bpftrace notices an interrupt only if it arrives while it waits for events: one that arrives
  // between two waits is lost on it. So it is asked while it waits, and again if it goes on; but
  // not soon, because it waits once more when it ends, for what its END probe tells.
  void end_process() {
    const auto deadline = Clock::now() + kToEnd;
    auto next_asking = Clock::now();
    while (!at_end_ && Clock::now() < deadline) {
      if (Clock::now() >= next_asking && process_->waits_for_events()) {
        process_->interrupt();
        next_asking = Clock::now() + kToReact;
      }
      wait_readable(process_->output(), kPause);
      consume();
    }
  }

  Result<> wait_attached() {
    const auto deadline = Clock::now() + kToAttach;
    while (!attached_ && !at_end_ && Clock::now() < deadline) {
      wait_readable(process_->output(), kPause);
      while (read_some()) {
      }
      attached_ = received_.find("\"attached_probes\"") != std::string::npos &&
                  process_->waits_for_events();
    }
    if (attached_ || has_worked()) return {};
    return fail(ErrorCode::kFailed,
                fmt::format("bpftrace does not take the script: {}",
                            at_end_ ? first_lines(process_->take_errors())
                                    : "its probes are not attached after a minute"),
                is_tracefs_mounted()
                    ? "try it: bpftrace -d shows how it is understood"
                    : "it finds tracepoints in tracefs: mount -t tracefs none /sys/kernel/tracing");
  }

  // A script may be over (exit()) before it was seen to begin.
  bool has_worked() const { return at_end_ && !received_.empty(); }

  bool read_some() {
    std::array<char, 16 * 1024> buffer{};
    const auto size = ::read(process_->output(), buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) return true;
    if (size < 0) return false;
    if (size == 0) {
      at_end_ = true;
      return false;
    }
    received_.append(buffer.data(), static_cast<std::size_t>(size));
    return true;
  }

  void take_lines() {
    std::size_t begin = 0;
    for (auto end = received_.find('\n'); end != std::string::npos;
         end = received_.find('\n', begin)) {
      take_line(std::string_view(received_).substr(begin, end - begin));
      begin = end + 1;
    }
    received_.erase(0, begin);
    if (received_.size() <= kMostLine) return;
    received_.clear();
    output().lose(Loss::Kind::kMalformed, 1, "a line of bpftrace's is too long");
  }

  void take_line(std::string_view line) {
    if (line.find_first_not_of(" \r\t") == line.npos) return;
    const auto parsed = parse_bpftrace_line(line);
    if (parsed.malformed) output().lose(Loss::Kind::kMalformed, 1, "a line of bpftrace's");
    if (parsed.lost_events > 0) {
      output().lose(Loss::Kind::kRingFull, parsed.lost_events, "events of the script");
    }
    for (const auto& fact : parsed.facts) {
      auto& row = output().first();
      row.set("timestamp_raw", wall_time_ns()).set("type", fact.type).set("name", fact.name);
      row.set("key", fact.key).set("value", fact.value);
      if (fact.low) row.set("low", *fact.low);
      if (fact.high) row.set("high", *fact.high);
      row.emit();
    }
  }

  // The script is over before the recording is: by exit(), or because it failed.
  void tell_end() {
    take_lines();
    const auto words = process_->take_errors();
    if (const auto said = first_lines(words); !closed_ && said != kNothing) {
      output().lose(Loss::Kind::kBackendLimit, 1, "bpftrace ended: " + said);
    }
  }

  std::string script_, file_;
  std::unique_ptr<BpftraceProcess> process_;
  std::string received_;  // lines that were not taken yet
  bool attached_ = false, at_end_ = false, closed_ = false;
};

}  // namespace

Result<> check_bpftrace() {
  if (!find_program("bpftrace").empty()) return {};
  return fail(ErrorCode::kUnsupported, "bpftrace is not installed",
              "install it: apt-get install bpftrace");
}

std::unique_ptr<UserSource> make_bpftrace(const Gadget&, const UserParameters& parameters) {
  return std::make_unique<BpftraceSource>(parameters.text("script"), parameters.text("file"));
}

}  // namespace ig
