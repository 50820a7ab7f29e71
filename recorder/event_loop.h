// SPDX-License-Identifier: Apache-2.0
// EventLoop: one thread, one Boost.Asio loop, until the duration is over, the command has ended,
// somebody calls stop(), or the sink fails.
#pragma once

#include <functional>
#include <string>

#include "base/handle.h"
#include "base/result.h"
#include "recorder/recorder.h"

namespace ig {

class ActiveRecording;

class EventLoop {
 public:
  explicit EventLoop(ActiveRecording& recording) : recording_(recording) {}

  Result<> open();
  // Why it ended.
  Result<std::string> run(const std::function<void(const RecorderStatus&)>& on_status);
  void stop() noexcept;  // async-signal-safe

 private:
  ActiveRecording& recording_;
  UniqueFd stop_event_;
};

}  // namespace ig
