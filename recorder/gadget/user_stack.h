// SPDX-License-Identifier: Apache-2.0
// struct gadget_user_stack as bpf/include/gadget/types.h has it. Like the filter maps, it is part
// of the contract between the kernel's side and ours, and no gadget's own.
#pragma once

#include <cstdint>

namespace ig {

struct UserStack {
  std::uint32_t major, minor;
  std::uint64_t inode;
  std::uint64_t mtime_sec;
  std::uint32_t mtime_nsec;
  std::uint32_t base_addr_hash;
  std::int32_t stack_id;
  std::uint32_t tgid;
  std::uint32_t tid;
  std::uint32_t pidns, inner_tid, inner_pidns;
  std::uint64_t otel_correlation_id;
  std::uint64_t boot_timestamp;
};
static_assert(sizeof(UserStack) == 72);

// In a stack's number: it is in the map of those that clashed (bpf/include/gadget/kernel_stack.h).
inline constexpr std::int32_t kStackClashed = 1 << 30;

// A record of the ring kUserStackRing (bpf/include/gadget/user_stack.h).
inline constexpr const char* kUserStackRing = "ig_ustack_processes";
struct UserStackNews {
  std::uint32_t tgid, base_addr_hash, tid;
};

}  // namespace ig
