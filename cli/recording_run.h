// SPDX-License-Identifier: Apache-2.0
// One recording from the command line's point of view: the backend that can do it, ended in order
// by signals, with progress on a terminal. `ig record` gives it a session file, `ig run` a printer.
#pragma once

#include <functional>
#include <string>

#include "cli/options.h"
#include "recorder/recorder.h"

namespace ig {

struct RecordingPlan {
  RecorderOptions options;
  std::string backend = "auto";  // or "bpf", "ptrace"
  bool unconfined = false;       // keeps rights that it needs no more
  std::string session_folder;    // where files are unlinked at the end; "" = nowhere
  bool show_progress = false;
  std::function<bool()> is_done;  // asked a few times a second: ends the recording; may be empty
  std::string
      attached_text;  // said once when all is recorded from then on, where progress is not shown
};

struct RecordingEnd {
  std::string reason;  // "duration", "signal", "command ended"
  int command_status = -1;
  RecorderStatus status;
};

// Makes the sink for a backend. It is called again when BPF turned out not to be permitted.
using MakeSink = std::function<Result<EventSink*>(const std::string& backend)>;

Result<RecordingEnd> run_recording(const RecordingPlan& plan, const MakeSink& make_sink);

// --btf, for what loads programs.
Option btf_option();
// Options that `ig record` and `ig run` have in common.
OptionGroup recording_options();
Result<RecordingPlan> parse_recording(const Arguments& arguments);

// Whether the progress line would have the terminal for itself.
bool has_terminal_for_progress(const RecorderOptions& options);

}  // namespace ig
