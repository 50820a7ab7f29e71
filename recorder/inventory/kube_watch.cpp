// SPDX-License-Identifier: Apache-2.0
#include "recorder/inventory/kube_watch.h"

#include <pthread.h>
#include <signal.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <deque>
#include <mutex>
#include <thread>

#include "base/capabilities.h"
#include "base/clock.h"
#include "recorder/inventory/kube_follower.h"
#include "store/inventory_diff.h"

namespace ig {
namespace {

namespace asio = boost::asio;

// How much of the inventory a kill may lose.
constexpr std::chrono::seconds kTellEvery{2};
constexpr std::chrono::seconds kLastPatience{5};

InventorySourceRow source_of(const KubeFollower& follower, std::int64_t from_ns,
                             std::string tool_version) {
  const auto now = wall_time_ns();
  return {.source = {.kind = "kubernetes api",
                     .source = follower.config().url(),
                     .from_ns = from_ns,
                     .to_ns = now,
                     .caveats = follower.caveats()},
          .sha256 = "",
          .tool_version = std::move(tool_version),
          .added_ns = now};
}

}  // namespace

struct KubeWatch::Impl {
  Impl(KubeApi api, std::string version)
      : follower(std::move(api)), tool_version(std::move(version)) {}

  KubeFollower follower;
  std::string tool_version;
  std::int64_t from_ns = wall_time_ns();
  asio::io_context context;
  std::thread thread;

  // Of the thread, and after it has ended of the one who ended it.
  InventoryDiff told;
  std::uint64_t told_changes = 0;

  std::mutex mutex;
  std::deque<InventoryUpdate> waiting;

  asio::awaitable<void> tell_from_time_to_time();
  void tell(bool is_last);
  void run();
};

void KubeWatch::Impl::tell(bool is_last) {
  if (follower.changes() == told_changes && !is_last) return;
  auto change = told.to(follower.history().rows());
  InventoryUpdate update{source_of(follower, from_ns, tool_version), std::move(change.gone),
                         std::move(change.added)};
  told_changes = follower.changes();
  const std::lock_guard lock(mutex);
  waiting.push_back(std::move(update));
}

asio::awaitable<void> KubeWatch::Impl::tell_from_time_to_time() {
  asio::steady_timer timer(context);
  while (true) {
    timer.expires_after(kTellEvery);
    boost::system::error_code ignored;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    tell(false);
  }
}

void KubeWatch::Impl::run() {
  // This is the thread that strangers talk to; it only reads files that name the cluster.
  (void)keep_capabilities({CAP_DAC_READ_SEARCH});
  follower.follow(context);
  asio::co_spawn(context, tell_from_time_to_time(), asio::detached);
  context.run();
}

KubeWatch::KubeWatch(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<KubeWatch>> KubeWatch::start(KubeConfig config, std::string tool_version) {
  IG_ASSIGN(auto api, KubeApi::create(std::move(config)));
  auto impl = std::make_unique<Impl>(std::move(api), std::move(tool_version));
  // Signals are for the recorder's own thread.
  sigset_t all{}, before{};
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  impl->thread = std::thread([raw = impl.get()] { raw->run(); });
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return std::unique_ptr<KubeWatch>(new KubeWatch(std::move(impl)));
}

KubeWatch::~KubeWatch() { stop(); }

std::optional<InventoryUpdate> KubeWatch::take_update() {
  const std::lock_guard lock(impl_->mutex);
  if (impl_->waiting.empty()) return std::nullopt;
  auto update = std::move(impl_->waiting.front());
  impl_->waiting.pop_front();
  return update;
}

void KubeWatch::stop() {
  if (!impl_->thread.joinable()) return;
  // The shortest recording has the whole inventory, if the server answers at all.
  const auto deadline = std::chrono::steady_clock::now() + kLastPatience;
  while (!impl_->follower.has_all_answers() && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  impl_->context.stop();
  impl_->thread.join();
  impl_->tell(true);
}

Result<KubeListing> list_kube_objects(KubeConfig config, std::string tool_version) {
  const auto from_ns = wall_time_ns();
  IG_ASSIGN(auto api, KubeApi::create(std::move(config)));
  KubeFollower follower(std::move(api));
  asio::io_context context;
  follower.list_once(context);
  context.run();
  if (auto failure = follower.failure()) return std::unexpected(std::move(*failure));
  return KubeListing{
      {source_of(follower, from_ns, std::move(tool_version)), follower.history().rows()},
      follower.read()};
}

}  // namespace ig
