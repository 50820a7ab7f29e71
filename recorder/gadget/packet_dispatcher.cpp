// SPDX-License-Identifier: Apache-2.0
#include "recorder/gadget/packet_dispatcher.h"

#include <bpf/bpf.h>
#include <linux/filter.h>

#include <array>
#include <cerrno>
#include <cstddef>

#include "recorder/kernel/bpf_instruction.h"

namespace ig {
namespace {

// What is returned if the tail call fails: a socket filter keeps nothing (0), a classifier leaves
// the packet to others (TC_ACT_UNSPEC).
constexpr std::int32_t kNoOpinion = -1;

}  // namespace

Result<PacketDispatcher> PacketDispatcher::open(const bpf_program* program) {
  UniqueFd programs(bpf_map_create(BPF_MAP_TYPE_PROG_ARRAY, "ig_dispatched", sizeof(std::uint32_t),
                                   sizeof(std::uint32_t), 1, nullptr));
  if (!programs) return std::unexpected(system_error(errno, "create a map of programs"));
  const std::uint32_t zero = 0;
  const int fd = bpf_program__fd(program);
  if (bpf_map_update_elem(programs.get(), &zero, &fd, BPF_ANY) != 0) {
    return std::unexpected(system_error(errno, "put a program into a map"));
  }
  return PacketDispatcher(bpf_program__type(program), std::move(programs));
}

// skb->cb[0] = netns; tail_call(skb, programs, 0); return …
Result<UniqueFd> PacketDispatcher::load_for(std::uint32_t netns) const {
  const std::int32_t otherwise = type_ == BPF_PROG_TYPE_SCHED_CLS ? kNoOpinion : 0;
  const std::array code = {
      instruction(BPF_ALU | BPF_MOV | BPF_K, BPF_REG_2, 0, 0, static_cast<std::int32_t>(netns)),
      instruction(BPF_STX | BPF_MEM | BPF_W, BPF_REG_1, BPF_REG_2, offsetof(__sk_buff, cb), 0),
      instruction(BPF_LD | BPF_DW | BPF_IMM, BPF_REG_2, BPF_PSEUDO_MAP_FD, 0, programs_.get()),
      instruction(0, 0, 0, 0, 0),
      instruction(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_3, 0, 0, 0),
      instruction(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_tail_call),
      instruction(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, otherwise),
      instruction(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
  };
  UniqueFd program(bpf_prog_load(type_, "ig_dispatcher", "GPL", code.data(), code.size(), nullptr));
  if (program) return program;
  return std::unexpected(system_error(errno, "load the dispatcher of a packet program"));
}

}  // namespace ig
