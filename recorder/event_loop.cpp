// SPDX-License-Identifier: Apache-2.0
#include "recorder/event_loop.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <deque>

#include "recorder/active_recording.h"

namespace ig {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kTick{200};

// What lives while run() runs.
class Loop {
 public:
  using OnStatus = std::function<void(const RecorderStatus&)>;

  Loop(ActiveRecording& recording, const OnStatus& on_status)
      : recording_(recording), on_status_(on_status) {}

  Result<std::string> run(int stop_event) {
    for (auto* ring : recording_.rings()) watch(*ring, add(ring->poll_fd()));
    for (auto* source : recording_.user_sources()) watch(*source, add(source->poll_fd()));
    if (const int fd = recording_.workload_events_fd(); fd >= 0) watch_workload_events(add(fd));
    if (const int fd = recording_.command_fd(); fd >= 0) {
      when_readable(add(fd), [this] { end("command ended"); });
    }
    when_readable(add(stop_event), [this] { end("stopped"); });
    tick();
    context_.run();
    if (error_) return std::unexpected(*error_);
    if (recording_.failure()) return std::unexpected(*recording_.failure());
    return reason_;
  }

 private:
  using Descriptor = asio::posix::stream_descriptor;

  void end(std::string why) {
    if (reason_.empty()) reason_ = std::move(why);
    context_.stop();
  }

  // The loop's own copy of a descriptor, which it may close.
  Descriptor& add(int fd) { return descriptors_.emplace_back(context_, ::dup(fd)); }

  template <typename OnReadable>
  void when_readable(Descriptor& descriptor, OnReadable on_readable) {
    descriptor.async_wait(Descriptor::wait_read, [on_readable](const error_code& failed) {
      if (!failed) on_readable();
    });
  }

  // A ring or a source in user space.
  template <typename Source>
  void watch(Source& source, Descriptor& descriptor) {
    when_readable(descriptor, [this, &source, &descriptor] { take(source, descriptor); });
  }

  template <typename Source>
  void take(Source& source, Descriptor& descriptor) {
    const bool more = recording_.drain(source);
    if (recording_.failure()) return end("");
    if (!more && source.poll_fd() < 0) return;  // over: its descriptor would be readable for ever
    if (!more) return watch(source, descriptor);
    // Behind whatever else is waiting.
    asio::post(context_, [this, &source, &descriptor] { take(source, descriptor); });
  }

  void watch_workload_events(Descriptor& descriptor) {
    when_readable(descriptor, [this, &descriptor] {
      recording_.drain_workload_events();
      watch_workload_events(descriptor);
    });
  }

  void tick() {
    timer_.expires_after(next_tick());
    timer_.async_wait([this](const error_code& failed) {
      if (failed) return;
      if (auto read = recording_.read_intervals(); !read) {
        error_ = std::move(read.error());
        return end("");
      }
      if (recording_.failure()) return end("");
      if (on_status_) on_status_(recording_.status());
      const auto duration = recording_.duration();
      if (duration.count() > 0 && steady_clock::now() - started_ >= duration) {
        return end("duration");
      }
      tick();
    });
  }

  std::chrono::nanoseconds next_tick() const {
    std::chrono::nanoseconds wait = kTick;
    if (recording_.map_interval().count() > 0) {
      wait = std::min<std::chrono::nanoseconds>(wait, recording_.map_interval());
    }
    if (recording_.duration().count() == 0) return wait;
    const auto left = recording_.duration() - (steady_clock::now() - started_);
    return std::clamp<std::chrono::nanoseconds>(left, std::chrono::nanoseconds(0), wait);
  }

  ActiveRecording& recording_;
  const OnStatus& on_status_;
  asio::io_context context_{1};
  asio::steady_timer timer_{context_};
  std::deque<Descriptor> descriptors_;
  steady_clock::time_point started_ = steady_clock::now();
  std::string reason_;
  std::optional<Error> error_;
};

}  // namespace

Result<> EventLoop::open() {
  stop_event_.reset(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (stop_event_) return {};
  return std::unexpected(system_error(errno, "make an eventfd"));
}

void EventLoop::stop() noexcept {
  const int saved = errno;
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(stop_event_.get(), &one, sizeof one);
  errno = saved;
}

Result<std::string> EventLoop::run(const std::function<void(const RecorderStatus&)>& on_status) {
  // Boost.Asio throws; nothing leaves this function but a Result.
  try {
    return Loop(recording_, on_status).run(stop_event_.get());
  } catch (const std::exception& e) {
    return fail(ErrorCode::kFailed, std::string("the event loop failed: ") + e.what());
  }
}

}  // namespace ig
