// SPDX-License-Identifier: Apache-2.0
// The descriptors of a process, from /proc/PID/fd.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ig {

struct ProcDescriptor {
  std::int64_t fd = 0;
  std::string target;  // a path, or a label: "socket:[123]", "anon_inode:bpf-map"
};
std::vector<ProcDescriptor> read_descriptors(const std::string& proc, std::int64_t pid);

// The inode number of "socket:[123]"; 0 = it is none.
std::uint64_t socket_inode(std::string_view target);

}  // namespace ig
