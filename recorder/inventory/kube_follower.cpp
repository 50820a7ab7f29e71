// SPDX-License-Identifier: Apache-2.0
#include "recorder/inventory/kube_follower.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/clock.h"

namespace ig {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;

constexpr milliseconds kFirstPause{250}, kLongestPause{30'000};

asio::awaitable<void> pause(milliseconds time) {
  asio::steady_timer timer(co_await asio::this_coro::executor, time);
  boost::system::error_code ignored;
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

// Longer from time to time, so that a server that is down is not asked in vain too often.
class BackOff {
 public:
  milliseconds next() {
    const auto pause = next_;
    next_ = std::min(next_ * 2, kLongestPause);
    return pause;
  }
  void reset() { next_ = kFirstPause; }

 private:
  milliseconds next_ = kFirstPause;
};

}  // namespace

KubeFollower::KubeFollower(KubeApi api) : api_(std::move(api)) {}

void KubeFollower::list_once(asio::io_context& context) {
  for (const auto& resource : kube_resources()) {
    asio::co_spawn(context, list_kind(resource), asio::detached);
  }
}

void KubeFollower::follow(asio::io_context& context) {
  for (const auto& resource : kube_resources()) {
    asio::co_spawn(context, follow_kind(resource), asio::detached);
  }
}

std::vector<std::string> KubeFollower::caveats() const {
  std::map<Gap, std::vector<std::string_view>> resources;
  for (const auto& resource : kube_resources()) {
    for (const auto* gaps : {&gaps_, &broken_}) {
      const auto gap = gaps->find(resource.name);
      if (gap != gaps->end()) resources[gap->second].push_back(resource.name);
    }
  }
  std::vector<std::string> all;
  for (const auto& [gap, names] : resources) {
    all.push_back(fmt::format("{} {}: {}", gap.what, fmt::join(names, ", "), gap.reason));
  }
  if (history_.left_out() > 0) {
    all.push_back(fmt::format("{} states of objects found no room", history_.left_out()));
  }
  return all;
}

std::optional<Error> KubeFollower::failure() const {
  if (listed_ > 0 || !first_error_) return std::nullopt;
  return Error{first_error_->code,
               fmt::format("no objects of {}: {}", api_.config().url(), first_error_->message),
               first_error_->hint};
}

void KubeFollower::note(Gaps& gaps, const KubeResource& resource, const Error& error) {
  // That the server lacks a kind says less than any other error.
  if (!first_error_ || first_error_->code == ErrorCode::kNotFound) first_error_ = error;
  Gap gap{"did not always see", error.message};
  if (error.code == ErrorCode::kNotFound) gap = {"the server has no", "HTTP 404"};
  if (error.code == ErrorCode::kPermission) gap.what = "no right to list";
  Gap& known = gaps[resource.name];
  if (known != gap) ++changes_;
  known = std::move(gap);
}

// From the first path that the server has.
asio::awaitable<Result<KubeFollower::Followed>> KubeFollower::list(const KubeResource& resource) {
  Result<Followed> last = fail(ErrorCode::kNotFound, "the server has no such objects");
  for (const auto path : resource.paths) {
    if (path.empty()) continue;
    const auto now = wall_time_ns();
    KubeReader reader(now);
    auto version = co_await api_.list(std::string(path), reader);
    if (version) {
      Followed followed{std::string(path), std::move(*version), {}};
      take_listed(reader, followed);
      co_return followed;
    }
    const auto code = version.error().code;
    const bool tells_more = code != ErrorCode::kNotFound || last.error().code == code;
    if (tells_more) last = std::unexpected(version.error());
    // Endpoints tell what slices would, to who may only read them.
    if (code != ErrorCode::kNotFound && code != ErrorCode::kPermission) break;
  }
  co_return last;
}

asio::awaitable<void> KubeFollower::list_kind(const KubeResource& resource) {
  const auto listed = co_await list(resource);
  if (listed) {
    ++listed_;
  } else {
    note(gaps_, resource, listed.error());
  }
}

asio::awaitable<Result<>> KubeFollower::watch(const KubeResource& resource, Followed& followed) {
  if (followed.version.empty()) {
    auto present = std::move(followed.present);
    auto listed = co_await list(resource);
    if (!listed) {
      followed.present = std::move(present);
      co_return std::unexpected(listed.error());
    }
    ++listed_;
    // What is no more there went while nobody watched.
    for (const auto& key : present) {
      if (!listed->present.contains(key)) history_.end(key, wall_time_ns());
    }
    followed = std::move(*listed);
  }
  const KubeApi::OnOpen mend = [&] { changes_ += broken_.erase(resource.name); };
  const KubeApi::OnEvent take = [&](KubeEvent event) { take_event(event, followed); };
  co_return co_await api_.watch(followed.path, followed.version, mend, take);
}

asio::awaitable<void> KubeFollower::follow_kind(const KubeResource& resource) {
  BackOff back_off;
  Followed followed;
  while (true) {
    const auto version = followed.version;
    const auto watched = co_await watch(resource, followed);
    if (followed.version != version) back_off.reset();
    const auto code = watched ? ErrorCode::kFailed : watched.error().code;
    if (!watched) {
      // A watch that is cut goes on where it ended, and then has missed nothing. After 410 Gone
      // a new list says what is there, and nothing what came and went.
      const bool is_cut = !followed.version.empty() && code != ErrorCode::kRefused;
      note(is_cut ? broken_ : gaps_, resource, watched.error());
    }
    if (code == ErrorCode::kRefused) followed.version.clear();
    if (code == ErrorCode::kNotFound) co_return;
    co_await pause(back_off.next());
  }
}

void KubeFollower::take_listed(KubeReader& reader, Followed& followed) {
  for (const auto& [kind, count] : reader.read()) read_[kind] += count;
  for (auto& row : reader.take_rows()) {
    followed.present.insert(row.key);
    history_.take(std::move(row));
  }
  ++changes_;
}

void KubeFollower::take_event(const KubeEvent& event, Followed& followed) {
  const auto now = wall_time_ns();
  KubeReader reader(now);
  reader.take(event.object);
  for (auto& row : reader.take_rows()) {
    const auto key = row.key;
    history_.take(std::move(row));
    if (event.type == "DELETED") {
      history_.end(key, now);
      followed.present.erase(key);
    } else {
      followed.present.insert(key);
    }
    ++changes_;
  }
}

}  // namespace ig
