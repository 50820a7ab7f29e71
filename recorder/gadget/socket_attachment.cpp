// SPDX-License-Identifier: Apache-2.0
#include "recorder/gadget/socket_attachment.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <thread>

#include "base/log.h"

namespace ig {
namespace {

UniqueFd open_netns(pid_t pid) {
  return UniqueFd(::open(fmt::format("/proc/{}/ns/net", pid).c_str(), O_RDONLY | O_CLOEXEC));
}

std::uint32_t inode_of(const UniqueFd& netns) {
  struct stat info {};
  return fstat(netns.get(), &info) == 0 ? static_cast<std::uint32_t>(info.st_ino) : 0;
}

constexpr bpf_insn instruction(int code, int dst, int src, int off, std::int32_t imm) {
  return {.code = static_cast<__u8>(code),
          .dst_reg = static_cast<__u8>(dst & 0xf),
          .src_reg = static_cast<__u8>(src & 0xf),
          .off = static_cast<__s16>(off),
          .imm = imm};
}

// skb->cb[0] = netns; tail_call(skb, programs, 0); return 0
Result<UniqueFd> load_dispatcher(int programs, std::uint32_t netns) {
  const std::array code = {
      instruction(BPF_ALU | BPF_MOV | BPF_K, BPF_REG_2, 0, 0, static_cast<std::int32_t>(netns)),
      instruction(BPF_STX | BPF_MEM | BPF_W, BPF_REG_1, BPF_REG_2, offsetof(__sk_buff, cb), 0),
      instruction(BPF_LD | BPF_DW | BPF_IMM, BPF_REG_2, BPF_PSEUDO_MAP_FD, 0, programs),
      instruction(0, 0, 0, 0, 0),
      instruction(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_3, 0, 0, 0),
      instruction(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_tail_call),
      instruction(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0),
      instruction(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
  };
  UniqueFd program(bpf_prog_load(BPF_PROG_TYPE_SOCKET_FILTER, "ig_dispatcher", "GPL", code.data(),
                                 code.size(), nullptr));
  if (program) return program;
  return std::unexpected(system_error(errno, "load the dispatcher of a packet socket"));
}

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
  UniqueFd programs(bpf_map_create(BPF_MAP_TYPE_PROG_ARRAY, "ig_dispatched", sizeof(std::uint32_t),
                                   sizeof(std::uint32_t), 1, nullptr));
  if (!programs) return std::unexpected(system_error(errno, "create a map of programs"));
  const std::uint32_t zero = 0;
  const int fd = bpf_program__fd(program);
  if (bpf_map_update_elem(programs.get(), &zero, &fd, BPF_ANY) != 0) {
    return std::unexpected(system_error(errno, "put a socket filter into a map"));
  }
  std::unique_ptr<SocketAttachment> attachment(new SocketAttachment(std::move(programs)));
  const auto own = open_netns(getpid());
  const auto inode = inode_of(own);
  IG_ASSIGN(attachment->sockets_[inode], attachment->open_socket(own, inode));
  return attachment;
}

void SocketAttachment::follow(pid_t pid) {
  const auto netns = open_netns(pid);
  const auto inode = inode_of(netns);
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
  IG_ASSIGN(const auto dispatcher, load_dispatcher(programs_.get(), inode));
  int made = -1;
  // A thread of its own, since it does not come back from there.
  std::thread([&] { made = make_socket(netns.get(), dispatcher.get()); }).join();
  if (made >= 0) return UniqueFd(made);
  return std::unexpected(system_error(-made, "open a packet socket"));
}

}  // namespace ig
