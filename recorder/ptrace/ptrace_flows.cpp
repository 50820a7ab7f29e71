// SPDX-License-Identifier: Apache-2.0
// advise_networkpolicy by ptrace: who the command talked to, from its socket calls. TCP by connect
// and accept; a connect that goes on in the background is looked at again whenever the process has
// waited. UDP by datagrams, whose direction is that of the first one of a conversation.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <set>
#include <tuple>

#include "base/clock.h"
#include "recorder/ptrace/ptrace_gadget.h"
#include "recorder/ptrace/ptrace_memory.h"
#include "recorder/ptrace/ptrace_messages.h"

namespace ig {
namespace {

constexpr std::string_view kFilled[] = {
    "mntns_id", "mntns_gen",  "cgroup_id", "netns_id", "endpoint.*",     "egress",      "error_raw",
    "count",    "bytes_sent", "first_raw", "last_raw", "bytes_received", "before_start"};

struct FlowKey {
  std::uint64_t mntns_id, mntns_gen, cgroup_id, netns_id;
  Endpoint endpoint;
  int protocol;
  bool egress;
  int error;
  auto operator<=>(const FlowKey&) const = default;
};

struct Flow {
  std::int64_t count = 0, first_ns = 0, last_ns = 0;
  std::uint64_t sent = 0, received = 0;
  bool changed = false;
};

// A TCP socket that is connecting or connected; by its inode, which lives as long as it.
struct Connection {
  FlowKey key;
  bool pending = false;
  std::uint64_t sent = 0, received = 0;  // already counted
};

struct Conversation {
  std::uint64_t socket;
  Endpoint peer;  // without address after a multicast: anybody may answer
  auto operator<=>(const Conversation&) const = default;
};

// Errors of a connection; others are the caller's mistakes.
bool is_network_error(std::int64_t error) {
  constexpr int kErrors[] = {ECONNREFUSED, ETIMEDOUT, EHOSTUNREACH, ENETUNREACH, ECONNRESET,
                             ECONNABORTED, EHOSTDOWN, ENETDOWN,     EACCES,      EPERM};
  return std::ranges::find(kErrors, error) != std::end(kErrors);
}

class PtraceFlows : public PtraceGadget {
 public:
  PtraceFlows(EventSchema schema, PtraceOutput& output)
      : rows_(output.rows(std::move(schema))), output_(output) {}

  void entered(TracedThread& thread) override {
    const auto& entry = thread.entry;
    if (!thread.process->executed) return;
    if (entry.call == Call::kClose) settle(*thread.process, entry.fd(), true);
    if (entry.call == Call::kExit) settle_all(*thread.process);
    if (entry.call == Call::kIoUring && !told_io_uring_) {
      told_io_uring_ = true;
      output_.limit("advise_networkpolicy", "what the command does by io_uring is not seen");
    }
  }

  void left(TracedThread& thread, std::int64_t result) override {
    if (!thread.process->executed) return;
    const auto call = thread.entry.call;
    if (call == Call::kConnect) return connected(thread, result);
    if (call == Call::kAccept && result >= 0) return accepted(thread, static_cast<int>(result));
    if (call == Call::kWait || call == Call::kGetOption) watch_pending(thread, result);
    if (is_sending(call) || is_receiving(call)) transferred(thread, result);
  }

  void flush() override {
    for (auto& [key, flow] : flows_) {
      if (flow.changed) emit(key, flow);
      flow.changed = false;
    }
  }

  std::vector<const RowBuilder*> data_sources() const override { return {&rows_}; }
  std::string empty_columns() const override { return rows_.columns_besides(kFilled); }

 private:
  static FlowKey key_of(const TracedProcess& process, Endpoint endpoint, int protocol,
                        bool egress) {
    const auto& id = process.identity;
    return {id.mntns_id,         id.mntns_gen, id.cgroup_id, id.netns_id,
            std::move(endpoint), protocol,     egress,       0};
  }

  Flow& count(const FlowKey& key, int openings = 1) {
    auto& flow = flows_[key];
    flow.last_ns = wall_time_ns();
    if (flow.first_ns == 0) flow.first_ns = flow.last_ns;
    flow.count += openings;
    flow.changed = true;
    return flow;
  }

  void connected(TracedThread& thread, std::int64_t result) {
    auto& process = *thread.process;
    const auto& args = thread.entry.args;
    auto peer = read_endpoint(thread.tid, args[1], args[2]);
    const auto view = view_socket(process, thread.entry.fd());
    if (!peer || !view) return;
    if (view->protocol == IPPROTO_UDP) udp_sockets_.insert(view->inode);
    if (view->protocol != IPPROTO_TCP) return;
    if (peer->address == "0.0.0.0") peer->address = "127.0.0.1";  // as the kernel takes it
    if (peer->address == "::") peer->address = "::1";
    auto key = key_of(process, *std::move(peer), IPPROTO_TCP, true);
    // The second connect on a socket asks what became of the first one.
    const auto known = connections_.find(view->inode);
    if (known != connections_.end() && known->second.pending) key = known->second.key;
    if (result == 0) {
      count(key);
      connections_[view->inode] = {key};
    } else if (result == -EINPROGRESS || result == -EINTR || result <= -512) {
      connections_.try_emplace(view->inode, Connection{.key = key, .pending = true});
    } else if (is_network_error(-result)) {
      key.error = static_cast<int>(-result);
      count(key);
      connections_.erase(view->inode);
    }
  }

  void accepted(TracedThread& thread, int fd) {
    const auto view = view_socket(*thread.process, fd);
    if (!view || view->protocol != IPPROTO_TCP) return;
    auto key = key_of(*thread.process, view->peer, IPPROTO_TCP, false);
    key.endpoint.port = view->local.port;
    count(key);
    connections_[view->inode] = {key};
  }

  // After a wait all sockets of the process may have come to a result. What it asks for itself by
  // SO_ERROR is taken from its memory: asking in its stead would take the answer from it.
  void watch_pending(TracedThread& thread, std::int64_t result) {
    const auto& entry = thread.entry;
    const bool any_pending =
        std::ranges::any_of(connections_, [](const auto& item) { return item.second.pending; });
    if (!any_pending || result < 0) return;
    if (entry.call == Call::kGetOption) {
      const bool asks = entry.args[1] == SOL_SOCKET && entry.args[2] == SO_ERROR;
      const auto error = read_tracee_value<std::int32_t>(thread.tid, entry.args[3]);
      if (asks && error != 0) return fail_pending(*thread.process, entry.fd(), error);
    }
    for (const int fd : pending_descriptors(*thread.process)) settle(*thread.process, fd, false);
  }

  std::vector<int> pending_descriptors(TracedProcess& process) {
    std::vector<int> found;
    for (const int fd : socket_descriptors(process.pid)) {
      const auto view = view_socket(process, fd);
      const auto known = view ? connections_.find(view->inode) : connections_.end();
      if (known != connections_.end() && known->second.pending) found.push_back(fd);
    }
    return found;
  }

  void fail_pending(TracedProcess& process, int fd, int error) {
    const auto view = view_socket(process, fd);
    const auto known = view ? connections_.find(view->inode) : connections_.end();
    if (known == connections_.end() || !known->second.pending) return;
    known->second.key.error = error;
    count(known->second.key);
    connections_.erase(known);
  }

  // Brings what is known of a TCP connection up to date; `closing`: it is given up or over.
  void settle(TracedProcess& process, int fd, bool closing) {
    if (connections_.empty()) return;
    const auto view = view_socket(process, fd);
    const auto found = view ? connections_.find(view->inode) : connections_.end();
    if (found == connections_.end()) return;
    auto& connection = found->second;
    const bool opening = view->tcp_state == TCP_SYN_SENT;
    const bool open = view->tcp_state != TCP_CLOSE && !opening;
    if (connection.pending && open) {
      connection.pending = false;
      count(connection.key);
    }
    if (connection.pending) {
      // Without an error that the process asked for, it gave up.
      if (closing) fail_pending(process, fd, ECONNABORTED);
      return;
    }
    auto& flow = count(connection.key, 0);
    flow.sent += view->bytes_sent - std::min(view->bytes_sent, connection.sent);
    flow.received += view->bytes_received - std::min(view->bytes_received, connection.received);
    connection.sent = std::max(connection.sent, view->bytes_sent);
    connection.received = std::max(connection.received, view->bytes_received);
  }

  void settle_all(TracedProcess& process) {
    if (connections_.empty()) return;
    for (const int fd : socket_descriptors(process.pid)) settle(process, fd, true);
  }

  void transferred(TracedThread& thread, std::int64_t result) {
    const auto call = thread.entry.call;
    auto& process = *thread.process;
    // Most reads and writes are of files; those of datagrams are only to be expected after a bind
    // or connect or sendto, which made the socket known.
    if ((call == Call::kRead || call == Call::kWrite) && udp_sockets_.empty()) return;
    const bool refused = result == -ECONNREFUSED;
    if (result < 0 && !refused) return;
    const auto view = view_socket(process, thread.entry.fd());
    if (!view || view->protocol != IPPROTO_UDP) return;
    udp_sockets_.insert(view->inode);
    if (refused) return datagram_refused(process, *view);
    for (const auto& datagram : read_datagrams(thread, result)) {
      const auto peer = datagram.peer && datagram.peer->known() ? *datagram.peer : view->peer;
      if (!peer.known()) {
        count_unknown();
      } else if (is_sending(call)) {
        sent(process, *view, peer, datagram.bytes);
      } else {
        received(process, *view, peer, datagram.bytes);
      }
    }
  }

  void sent(const TracedProcess& process, const SocketView& view, const Endpoint& peer,
            std::uint64_t bytes) {
    const auto [known, fresh] = conversations_.try_emplace(
        Conversation{view.inode, peer}, key_of(process, peer, IPPROTO_UDP, true));
    const auto key = known->second;
    if (fresh && peer.to_many()) {
      conversations_.try_emplace(Conversation{view.inode, {"", peer.port}}, key);
    }
    count(key, fresh ? 1 : 0).sent += bytes;
  }

  void received(const TracedProcess& process, const SocketView& view, const Endpoint& peer,
                std::uint64_t bytes) {
    auto asked = conversations_.find({view.inode, peer});
    if (asked == conversations_.end()) asked = conversations_.find({view.inode, {"", peer.port}});
    if (asked != conversations_.end()) {
      count(asked->second, 0).received += bytes;
      return;
    }
    auto key = key_of(process, peer, IPPROTO_UDP, false);
    key.endpoint.port = view.local.port;
    conversations_.emplace(Conversation{view.inode, peer}, key);
    count(key).received += bytes;
  }

  // What was counted as sent was refused: it counts as refused instead.
  void datagram_refused(const TracedProcess& process, const SocketView& view) {
    const auto known = conversations_.find({view.inode, view.peer});
    auto key = known != conversations_.end() ? known->second
                                             : key_of(process, view.peer, IPPROTO_UDP, true);
    if (!key.egress || key.error != 0 || !key.endpoint.known()) return;
    const auto flow = flows_.find(key);
    if (flow != flows_.end() && !told_.contains(key)) {
      if (--flow->second.count <= 0) flows_.erase(flow);
    }
    key.error = ECONNREFUSED;
    count(key);
    conversations_[{view.inode, view.peer}] = key;
  }

  void count_unknown() {
    if (++unknown_peers_ == 1) {
      output_.limit("advise_networkpolicy",
                    "datagrams were received without asking for the sender's address");
    }
  }

  void emit(const FlowKey& key, const Flow& flow) {
    told_.insert(key);
    rows_.set_identity({key.mntns_id, key.mntns_gen, key.cgroup_id, key.netns_id});
    rows_.set("netns_id", static_cast<std::int64_t>(key.netns_id));
    rows_.set("endpoint.addr", key.endpoint.address).set("endpoint.port", key.endpoint.port);
    rows_.set("endpoint.proto_raw", key.protocol).set("egress", key.egress ? 1 : 0);
    rows_.set("error_raw", key.error).set("count", flow.count).set("before_start", 0);
    rows_.set("bytes_sent", static_cast<std::int64_t>(flow.sent));
    rows_.set("bytes_received", static_cast<std::int64_t>(flow.received));
    rows_.set("first_raw", flow.first_ns).set("last_raw", flow.last_ns).emit();
  }

  RowBuilder rows_;
  PtraceOutput& output_;
  std::map<FlowKey, Flow> flows_;
  std::set<FlowKey> told_;
  std::map<std::uint64_t, Connection> connections_;
  std::map<Conversation, FlowKey> conversations_;
  std::set<std::uint64_t> udp_sockets_;
  std::uint64_t unknown_peers_ = 0;
  bool told_io_uring_ = false;
};

}  // namespace

std::unique_ptr<PtraceGadget> make_ptrace_flows(std::vector<EventSchema> schemas,
                                                const GadgetParameters& /*parameters*/,
                                                PtraceOutput& output) {
  return std::make_unique<PtraceFlows>(std::move(schemas.front()), output);
}

}  // namespace ig
