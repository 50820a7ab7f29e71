// SPDX-License-Identifier: Apache-2.0
#include "recorder/recorder.h"

#include "recorder/active_recording.h"
#include "recorder/event_loop.h"

namespace ig {

struct Recorder::Impl {
  explicit Impl(std::unique_ptr<ActiveRecording> prepared)
      : recording(std::move(prepared)), loop(*recording) {}

  std::unique_ptr<ActiveRecording> recording;
  EventLoop loop;
};

Recorder::Recorder(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Recorder::~Recorder() = default;

Result<std::unique_ptr<Recorder>> Recorder::create(RecorderOptions options, EventSink& sink) {
  IG_ASSIGN(auto recording, ActiveRecording::prepare(std::move(options), sink));
  auto impl = std::make_unique<Impl>(std::move(recording));
  IG_TRY(impl->loop.open());
  return std::unique_ptr<Recorder>(new Recorder(std::move(impl)));
}

Result<std::string> Recorder::run(const std::function<void(const RecorderStatus&)>& on_status) {
  auto& recording = *impl_->recording;
  IG_TRY(recording.begin());
  if (on_status) on_status(recording.status());
  recording.release_command();
  const auto reason = impl_->loop.run(on_status);
  // Whatever ended it, what is in the kernel by now is still wanted.
  const auto ended = recording.end();
  if (!reason) return reason;
  if (!ended) return std::unexpected(ended.error());
  return reason;
}

void Recorder::stop() noexcept { impl_->loop.stop(); }
void Recorder::dump() noexcept { impl_->recording->ask_for_dump(); }
RecorderStatus Recorder::status() const { return impl_->recording->status(); }
int Recorder::command_status() const { return impl_->recording->command_status(); }

}  // namespace ig
