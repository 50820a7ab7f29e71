// SPDX-License-Identifier: Apache-2.0
// trace_dnat from the kernel's connection tracking. Each network namespace tracks for itself, so
// there is a socket in each, and one epoll descriptor for all of them.
#include <errno.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <libnetfilter_conntrack/libnetfilter_conntrack.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/handle.h"
#include "base/ip_address.h"
#include "recorder/gadget/network_namespaces.h"
#include "recorder/source/user_sources.h"

namespace ig {
namespace {

constexpr int kReceiveBytes = 4 << 20;  // of memory for events that wait, in each namespace
constexpr std::size_t kMostRows = 65536;
constexpr int kEventsPerTurn = 16;

struct NfctClose {
  void operator()(nfct_handle* handle) const { ::nfct_close(handle); }
};
using NfctHandle = std::unique_ptr<nfct_handle, NfctClose>;

struct TranslationKey {
  std::uint32_t netns_id = 0;
  std::uint8_t protocol = 0;
  std::string source, dialed, backend;
  std::uint16_t dialed_port = 0, backend_port = 0;
  auto operator<=>(const TranslationKey&) const = default;
};

struct TranslationCount {
  std::int64_t count = 0, first_ns = 0, last_ns = 0;
  bool changed = false;
};

std::string address_text(const nf_conntrack* entry, nf_conntrack_attr v4, nf_conntrack_attr v6) {
  const bool is_v6 = ::nfct_get_attr_u8(entry, ATTR_L3PROTO) == AF_INET6;
  const void* bytes = ::nfct_get_attr(entry, is_v6 ? v6 : v4);
  return bytes == nullptr ? "" : IpAddress::of_bytes(bytes, is_v6).text();
}

// nullopt where the destination is the one that was asked for.
std::optional<TranslationKey> translation_of(const nf_conntrack* entry) {
  TranslationKey key;
  key.protocol = ::nfct_get_attr_u8(entry, ATTR_L4PROTO);
  key.dialed = address_text(entry, ATTR_ORIG_IPV4_DST, ATTR_ORIG_IPV6_DST);
  key.backend = address_text(entry, ATTR_REPL_IPV4_SRC, ATTR_REPL_IPV6_SRC);
  if (::nfct_attr_is_set(entry, ATTR_ORIG_PORT_DST) > 0) {
    key.dialed_port = ntohs(::nfct_get_attr_u16(entry, ATTR_ORIG_PORT_DST));
    key.backend_port = ntohs(::nfct_get_attr_u16(entry, ATTR_REPL_PORT_SRC));
  }
  if (key.dialed == key.backend && key.dialed_port == key.backend_port) return std::nullopt;
  key.source = address_text(entry, ATTR_ORIG_IPV4_SRC, ATTR_ORIG_IPV6_SRC);
  return key;
}

class ConntrackSource : public UserSource {
 public:
  Result<> open() override {
    epoll_.reset(::epoll_create1(EPOLL_CLOEXEC));
    if (!epoll_) return std::unexpected(system_error(errno, "wait for tracked connections"));
    own_ = network_namespace_inode(open_network_namespace(::getpid()));
    IG_TRY(listen(own_));
    if (const auto may_enter = may_enter_network_namespaces(); !may_enter) {
      lose_connections_of("other network namespaces", may_enter.error());
    }
    follow_namespaces();
    return {};
  }

  int poll_fd() const override { return epoll_.get(); }

  bool consume() override {
    std::array<epoll_event, kEventsPerTurn> events{};
    const int ready = ::epoll_wait(epoll_.get(), events.data(), kEventsPerTurn, 0);
    for (int i = 0; i < ready; ++i) {
      receive(*static_cast<Listener*>(events[static_cast<std::size_t>(i)].data.ptr));
    }
    return ready == kEventsPerTurn;
  }

  Result<> read() override {
    if (!closed_) follow_namespaces();
    for (auto& [key, count] : counts_) {
      if (std::exchange(count.changed, false)) write(key, count);
    }
    return {};
  }

  void close() override {
    while (consume()) continue;
    closed_ = true;
  }

 private:
  struct Listener {
    std::uint32_t netns_id = 0;
    NfctHandle handle;
    ConntrackSource* source = nullptr;
  };

  // In the namespace in which the thread is. What is tracked already is asked for after new ones
  // are listened to, so that none is missed; one that is told twice is told with one id.
  Result<> listen(std::uint32_t netns_id) {
    if (!known_.insert(netns_id).second) return {};
    NfctHandle handle(::nfct_open(CONNTRACK, NF_NETLINK_CONNTRACK_NEW));
    NfctHandle asking(::nfct_open(CONNTRACK, 0));
    if (!handle || !asking) {
      return std::unexpected(system_error(errno, "listen to tracked connections",
                                          "it needs CAP_NET_ADMIN and nf_conntrack_netlink"));
    }
    const int fd = ::nfct_fd(handle.get());
    ::setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &kReceiveBytes, sizeof kReceiveBytes);
    ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
    auto listener = std::make_unique<Listener>(netns_id, std::move(handle), this);
    ::nfct_callback_register(listener->handle.get(), NFCT_T_ALL, take, listener.get());
    ::nfct_callback_register(asking.get(), NFCT_T_ALL, take, listener.get());
    for (const std::uint32_t family : {AF_INET, AF_INET6}) {
      ::nfct_query(asking.get(), NFCT_Q_DUMP, &family);
    }
    epoll_event event{.events = EPOLLIN, .data = {.ptr = listener.get()}};
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) {
      return std::unexpected(system_error(errno, "wait for tracked connections"));
    }
    listeners_.push_back(std::move(listener));
    return {};
  }

  void follow_namespaces() {
    std::set<std::uint32_t> present = {own_};
    for (const auto& network : other_network_namespaces()) {
      const auto netns_id = network_namespace_inode(network);
      present.insert(netns_id);
      if (!known_.contains(netns_id)) enter(network, netns_id);
    }
    forget_all_but(present);
  }

  void enter(const UniqueFd& network, std::uint32_t netns_id) {
    Result<> heard;
    const auto entered = within_network_namespace(network, [&] { heard = listen(netns_id); });
    if (entered && heard) return;
    lose_connections_of(fmt::format("network namespace {}", netns_id),
                        (entered ? heard : entered).error());
  }

  void lose_connections_of(const std::string& whom, const Error& error) {
    output().lose(Loss::Kind::kNotAttached, 0,
                  fmt::format("connections of {}: {}", whom, error.message));
  }

  // A socket keeps its namespace, with the interfaces and addresses in it.
  void forget_all_but(const std::set<std::uint32_t>& present) {
    std::erase_if(known_, [&](std::uint32_t netns_id) { return !present.contains(netns_id); });
    std::erase_if(listeners_, [&](const std::unique_ptr<Listener>& listener) {
      if (known_.contains(listener->netns_id)) return false;
      receive(*listener);  // its last words
      return true;
    });
  }

  void receive(Listener& listener) {
    if (::nfct_catch(listener.handle.get()) >= 0 || errno == EAGAIN || errno == EINTR) return;
    if (errno == ENOBUFS) {
      output().lose(Loss::Kind::kRingFull, 0,
                    fmt::format("tracked connections of network namespace {}", listener.netns_id));
    }
  }

  static int take(nf_conntrack_msg_type, nf_conntrack* entry, void* data) noexcept {
    auto& listener = *static_cast<Listener*>(data);
    listener.source->count(listener.netns_id, entry);
    return NFCT_CB_CONTINUE;
  }

  void count(std::uint32_t netns_id, const nf_conntrack* entry) {
    auto key = translation_of(entry);
    if (!key) return;
    key->netns_id = netns_id;
    const auto now = static_cast<std::int64_t>(wall_time_ns());
    if (counts_.size() >= kMostRows && !counts_.contains(*key)) {
      return output().lose(Loss::Kind::kMapFull, 1, "translations of destinations");
    }
    auto& counted = counts_[*std::move(key)];
    if (counted.count++ == 0) counted.first_ns = now;
    counted.last_ns = now;
    counted.changed = true;
  }

  void write(const TranslationKey& key, const TranslationCount& count) {
    auto& row = output().first();
    row.set("netns_id", key.netns_id).set("source.addr", key.source);
    row.set("dialed.addr", key.dialed).set("dialed.port", key.dialed_port);
    row.set("dialed.proto_raw", key.protocol).set("backend.proto_raw", key.protocol);
    row.set("backend.addr", key.backend).set("backend.port", key.backend_port);
    row.set("count", count.count).set("first_raw", count.first_ns);
    row.set("last_raw", count.last_ns).emit();
  }

  UniqueFd epoll_;
  std::uint32_t own_ = 0;  // the recorder's namespace
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::set<std::uint32_t> known_;  // namespaces that were listened to, or could not be
  std::map<TranslationKey, TranslationCount> counts_;
  bool closed_ = false;
};

}  // namespace

Result<> check_conntrack() {
  const NfctHandle handle(::nfct_open(CONNTRACK, NF_NETLINK_CONNTRACK_NEW));
  if (handle) return {};
  return std::unexpected(system_error(errno, "listen to tracked connections",
                                      "it needs CAP_NET_ADMIN and nf_conntrack_netlink"));
}

std::unique_ptr<UserSource> make_conntrack(const Gadget&, const UserParameters&) {
  return std::make_unique<ConntrackSource>();
}

}  // namespace ig
