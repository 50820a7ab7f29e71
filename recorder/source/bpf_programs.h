// SPDX-License-Identifier: Apache-2.0
// The BPF programs that are in the kernel, whoever loaded them: what they cost, and who holds them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace ig {

struct BpfProgram {
  std::uint32_t id = 0;
  std::string name, type;                        // type as bpftool writes it: "cgroup_skb"
  std::uint64_t run_time_ns = 0, run_count = 0;  // while somebody had statistics enabled
  std::uint64_t map_bytes = 0;                   // of all its maps, shared ones too
  std::uint32_t map_count = 0;
};
std::vector<BpfProgram> loaded_bpf_programs();

// Processes with a descriptor of the program, or of a link that holds it.
struct BpfHolder {
  std::int64_t pid = 0;
  std::string comm;
};
using BpfHolders = std::map<std::uint32_t, std::vector<BpfHolder>>;  // by program id
BpfHolders find_bpf_holders(const std::string& proc);

}  // namespace ig
