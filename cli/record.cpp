// SPDX-License-Identifier: Apache-2.0
// ig record: runs gadgets and keeps what they deliver in a session file.
#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "base/clock.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/gadget_choice.h"
#include "cli/kube_options.h"
#include "cli/machine.h"
#include "cli/progress.h"
#include "cli/recorded_inventory.h"
#include "cli/recording_run.h"
#include "cli/selectors.h"
#include "reporters/terminal.h"
#include "store/session_writer.h"

namespace ig {
namespace {

// The file of one recording, until it is closed.
class SessionFile {
 public:
  SessionFile(SessionInfo info, std::string path, std::uint64_t max_bytes)
      : info_(std::move(info)), path_(std::move(path)), max_bytes_(max_bytes) {}

  // The second time, for another backend, the first attempt's file is replaced.
  Result<SessionWriter*> create(const std::string& backend) {
    if (writer_) remove_attempt();
    info_.backend = backend;
    IG_ASSIGN(writer_, SessionWriter::create(path_, info_, {max_bytes_}));
    return writer_.get();
  }

  // A recording that never began leaves no file behind.
  void remove_attempt() {
    writer_.reset();
    std::error_code ignored;
    for (const auto* suffix : {"", "-wal", "-shm"}) {
      std::filesystem::remove(path_ + suffix, ignored);
    }
  }

  Result<> close(const std::string& reason) { return writer_->close(reason); }
  Result<> close_broken(const std::vector<GadgetRequest>& gadgets, const Error& error) {
    for (const auto& gadget : gadgets) {
      // The writer counts by itself what it could not store.
      if (error.code == ErrorCode::kFull) break;
      IG_TRY(writer_->loss({.gadget = gadget.name,
                            .kind = Loss::Kind::kWriterFailed,
                            .workload = 0,
                            .count = 1,
                            .from_ns = 0,
                            .to_ns = wall_time_ns(),
                            .detail = error.message}));
    }
    return writer_->close("failed: " + error.message);
  }

  bool exists() const { return writer_ != nullptr; }
  std::uint64_t rows() const { return writer_->rows_written(); }
  const std::string& path() const { return path_; }

 private:
  SessionInfo info_;
  std::string path_;
  std::uint64_t max_bytes_;
  std::unique_ptr<SessionWriter> writer_;
};

Result<SessionFile> plan_file(const Arguments& arguments) {
  auto info = describe_machine();
  info.preset =
      arguments.has("gadgets") && !arguments.has("preset") ? "" : arguments.text("preset");
  info.selectors = selector_text(arguments);
  IG_ASSIGN(const auto max_bytes, arguments.size("max-size"));
  const auto path = arguments.has("output") ? arguments.text("output") : default_session_name(info);
  return SessionFile(std::move(info), path, max_bytes);
}

// The recording broke off. What was recorded until then is kept, with a word in `loss` for each
// gadget that no advisor can overlook.
Result<int> end_early(SessionFile& file, const RecordingPlan& plan, const Error& error) {
  if (file.rows() == 0 && error.code != ErrorCode::kFull) {
    file.remove_attempt();
    return std::unexpected(error);
  }
  if (!file.close_broken(plan.options.gadgets, error)) {
    auto told = error;
    if (file.rows() == 0) {
      file.remove_attempt();
      told.hint = "nothing was stored, so there is no session; make room, or name another disk";
      return std::unexpected(told);
    }
    told.hint = "the session is incomplete; keep its -wal beside it, they are read together";
    return std::unexpected(told);
  }
  put(stdout, file.path() + '\n');
  return std::unexpected(error);
}

Result<int> end_in_order(SessionFile& file, const RecordingEnd& end) {
  const auto closed = file.close(end.reason);
  if (closed) log::info("recorded {} ({})", summary_text(end.status), end.reason);
  put(stdout, file.path() + '\n');
  if (!closed) return std::unexpected(closed.error());
  return end.command_status < 0 ? 0 : end.command_status;
}

}  // namespace

Syntax record_syntax(const Words&) {
  Syntax syntax;
  syntax.takes_command = true;
  syntax.text =
      "Without selectors and COMMAND the whole host is recorded. Ctrl-C ends a recording and keeps "
      "all of it; SIGUSR1 writes down what flight recorders (traceloop) have so far. The "
      "file's name is printed on stdout; the exit status is COMMAND's.";
  syntax.groups = {
      {"What to record",
       {{"preset", "NAME", "a set of gadgets", 0, "policy", preset_names()},
        {"gadgets", "NAMES",
         "these gadgets instead, with commas between them; +NAME and -NAME change the preset"},
        {"param", "GADGET.KEY=VALUE", "parameter of a gadget; may be repeated"}}},
      {"Session file",
       {{"output", "FILE", "the session file; without it ig-HOST-TIME.db", 'o'},
        {"max-size", "SIZE", "ends the recording when the file is that large, e.g. 2g"}}},
      recording_options(),
      {"Inventory, to name the addresses of a cluster", kube_options()},
      selector_options()};
  syntax.examples = {"ig record --duration 10m -o web.db --container web",
                     "ig record -- curl -s https://example.org",
                     "ig record --gadgets trace_open --param trace_open.failed=true"};
  return syntax;
}

Result<int> run_record(const Arguments& arguments) {
  IG_ASSIGN(auto plan, parse_recording(arguments));
  IG_ASSIGN(const auto catalog, GadgetCatalog::open(plan.options.gadget_paths));
  IG_ASSIGN(plan.options.gadgets, choose_gadgets(catalog, arguments));
  IG_ASSIGN(auto file, plan_file(arguments));
  plan.session_folder = std::filesystem::absolute(file.path()).parent_path();
  plan.show_progress = has_terminal_for_progress(plan.options);
  plan.attached_text =
      fmt::format("recording: {} gadgets, session {}", plan.options.gadgets.size(), file.path());
  IG_ASSIGN(const auto inventory, RecordedInventory::create(arguments));
  const MakeSink make_sink = [&](const std::string& backend) -> Result<EventSink*> {
    IG_ASSIGN(auto* writer, file.create(backend));
    inventory->write_to(*writer);
    return inventory.get();
  };
  const auto end = run_recording(plan, make_sink);
  if (file.exists()) inventory->end();
  if (end) return end_in_order(file, *end);
  if (!file.exists()) return std::unexpected(end.error());
  return end_early(file, plan, end.error());
}

}  // namespace ig
