// SPDX-License-Identifier: Apache-2.0
// Programs of sections socketN: filters of packet sockets, one socket for each network namespace
// that a process is in. The socket keeps nothing: its filter is all that matters.
#pragma once

#include <cstdint>
#include <map>
#include <set>

#include "base/handle.h"
#include "recorder/gadget/packet_dispatcher.h"
#include "recorder/gadget/process_attachment.h"

namespace ig {

class SocketAttachment : public ProcessAttachment {
 public:
  // Attaches in our own namespace, so that a kernel that refuses is found out.
  static Result<std::unique_ptr<SocketAttachment>> open(const bpf_program* program);

  void follow(pid_t pid) override;
  // A packet socket would keep a namespace alive that is otherwise gone.
  void forget_unseen() override;

 private:
  explicit SocketAttachment(PacketDispatcher dispatcher) : dispatcher_(std::move(dispatcher)) {}
  Result<UniqueFd> open_socket(const UniqueFd& netns, std::uint32_t inode) const;

  PacketDispatcher dispatcher_;
  std::map<std::uint32_t, UniqueFd> sockets_;  // by the namespace's inode number
  std::set<std::uint32_t> seen_;
};

}  // namespace ig
