// SPDX-License-Identifier: Apache-2.0
// Programs of sections socketN: filters of packet sockets, one socket for each network namespace
// that a process is in. The socket keeps nothing: its filter is all that matters.
//
// Such a program (of Inspektor Gadget's contract) reads the namespace's number from skb->cb[0]. The
// kernel does not put it there, so each socket gets a few instructions of its own that do, and then
// go on to the gadget's program by a tail call.
#pragma once

#include <cstdint>
#include <map>
#include <set>

#include "base/handle.h"
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
  explicit SocketAttachment(UniqueFd programs) : programs_(std::move(programs)) {}
  Result<UniqueFd> open_socket(const UniqueFd& netns, std::uint32_t inode) const;

  UniqueFd programs_;                          // BPF_MAP_TYPE_PROG_ARRAY of the gadget's program
  std::map<std::uint32_t, UniqueFd> sockets_;  // by the namespace's inode number
  std::set<std::uint32_t> seen_;
};

}  // namespace ig
