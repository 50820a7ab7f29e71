// SPDX-License-Identifier: Apache-2.0
#include "recorder/gadget/socket_attachment.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <thread>

#include "base/log.h"
#include "recorder/gadget/network_namespaces.h"

namespace ig {
namespace {

// Sockets belong to the namespace of the thread that makes them. The filter is set before the
// socket is bound: until then it receives nothing.
int make_socket(int netns, int dispatcher) {
  if (setns(netns, CLONE_NEWNET) != 0) return -errno;
  UniqueFd packet(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!packet) return -errno;
  if (setsockopt(packet.get(), SOL_SOCKET, SO_ATTACH_BPF, &dispatcher, sizeof dispatcher) != 0) {
    return -errno;
  }
  sockaddr_ll everything{};
  everything.sll_family = AF_PACKET;
  everything.sll_protocol = htons(ETH_P_ALL);
  if (bind(packet.get(), reinterpret_cast<const sockaddr*>(&everything), sizeof everything) != 0) {
    return -errno;
  }
  return packet.release();
}

}  // namespace

Result<std::unique_ptr<SocketAttachment>> SocketAttachment::open(const bpf_program* program) {
  IG_ASSIGN(auto dispatcher, PacketDispatcher::open(program));
  std::unique_ptr<SocketAttachment> attachment(new SocketAttachment(std::move(dispatcher)));
  const auto own = open_network_namespace(getpid());
  const auto inode = network_namespace_inode(own);
  IG_ASSIGN(attachment->sockets_[inode], attachment->open_socket(own, inode));
  return attachment;
}

void SocketAttachment::follow(pid_t pid) {
  const auto netns = open_network_namespace(pid);
  const auto inode = network_namespace_inode(netns);
  if (inode == 0) return;
  seen_.insert(inode);
  if (sockets_.contains(inode)) return;
  auto opened = open_socket(netns, inode);
  if (!opened) {
    log::debug("network namespace {}: {}", inode, opened.error().message);
    return;
  }
  sockets_[inode] = std::move(*opened);
}

void SocketAttachment::forget_unseen() {
  std::erase_if(sockets_, [this](const auto& entry) { return !seen_.contains(entry.first); });
  seen_.clear();
}

Result<UniqueFd> SocketAttachment::open_socket(const UniqueFd& netns, std::uint32_t inode) const {
  IG_ASSIGN(const auto dispatcher, dispatcher_.load_for(inode));
  int made = -1;
  // A thread of its own, since it does not come back from there.
  std::thread([&] { made = make_socket(netns.get(), dispatcher.get()); }).join();
  if (made >= 0) return UniqueFd(made);
  return std::unexpected(system_error(-made, "open a packet socket"));
}

}  // namespace ig
