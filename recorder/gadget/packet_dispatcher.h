// SPDX-License-Identifier: Apache-2.0
// Programs that see packets (of Inspektor Gadget's contract) read the number of the network
// namespace from skb->cb[0]. The kernel does not put it there, so where such a program is attached,
// a few instructions of that place's own do, and then go on to the program by a tail call.
#pragma once

#include <bpf/libbpf.h>

#include <cstdint>

#include "base/handle.h"
#include "base/result.h"

namespace ig {

class PacketDispatcher {
 public:
  static Result<PacketDispatcher> open(const bpf_program* program);

  // A program for the namespace of that inode number, of the same type as the gadget's.
  Result<UniqueFd> load_for(std::uint32_t netns) const;

 private:
  PacketDispatcher(bpf_prog_type type, UniqueFd programs)
      : type_(type), programs_(std::move(programs)) {}

  bpf_prog_type type_;
  UniqueFd programs_;  // BPF_MAP_TYPE_PROG_ARRAY of the gadget's program
};

}  // namespace ig
