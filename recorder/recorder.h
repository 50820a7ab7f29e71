// SPDX-License-Identifier: Apache-2.0
// Recorder: one recording as an object with a life of its own. It loads and attaches gadgets,
// drains their rings, maps and iterators on one event loop, tells workloads apart and hands flat
// rows to a sink. It owns no terminal and no file: `ig record` gives it a SessionWriter, `ig run` a
// printer, a daemon would give it either.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/event_sink.h"
#include "store/session_reader.h"

namespace ig {

struct GadgetRequest {
  std::string name;                               // or a path to an .o
  std::map<std::string, std::string> parameters;  // gadget's own, by key
  std::string manifest = {};                      // gadget.yaml of an .o; "" = the one beside it
  std::string serves = {};  // another that it only adds to: where that cannot run, it is not run
};

struct RecorderOptions {
  std::vector<GadgetRequest> gadgets;
  std::vector<std::string> gadget_paths;  // folders of further gadgets
  Selector selector;                      // filters in the kernel
  std::vector<std::string> command;       // argv of `-- COMMAND`; empty = none
  std::chrono::nanoseconds duration{0};   // 0 = until stopped or the command ends
  std::string btf_file;                   // where the kernel's types are; empty = looked for
  std::uint64_t ring_bytes = 0;           // 0 = each gadget's own size
  std::chrono::milliseconds map_interval{1000};
  // When everything is attached, and before the command goes on: the moment to give up rights.
  // `attaches_more`: in processes and network namespaces to come.
  std::function<void(bool attaches_more)> once_attached = {};
};

// What a progress line shows.
struct RecorderStatus {
  std::chrono::nanoseconds elapsed{0}, duration{0};
  std::uint64_t events = 0, lost = 0, workloads = 0;
};

class Recorder {
 public:
  // Loads and attaches everything; nothing has been delivered to the sink but its gadget runs.
  static Result<std::unique_ptr<Recorder>> create(RecorderOptions options, EventSink& sink);
  ~Recorder();

  // Runs until the duration is over, the command has ended, or stop() was called; then reads the
  // last of every ring and map and the losses. `on_status` is called a few times a second, and
  // first when all that was there before has been read: what happens from then on is recorded.
  // Returns why it ended: "duration", "stopped", "command ended".
  Result<std::string> run(const std::function<void(const RecorderStatus&)>& on_status);
  // Safe in a signal handler and from another thread.
  void stop() noexcept;
  void dump() noexcept;  // what flight recorders have so far is delivered

  RecorderStatus status() const;
  int command_status() const;  // exit status of the command as a shell gives it; -1 = still runs

 private:
  struct Impl;
  explicit Recorder(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace ig
