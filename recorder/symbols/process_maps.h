// SPDX-License-Identifier: Apache-2.0
// What /proc/PID says of where a process' code comes from.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ig {

// An executable mapping.
struct CodeMapping {
  std::uint64_t begin = 0, end = 0;
  std::uint64_t offset = 0;  // of the file
  std::uint32_t major = 0, minor = 0;
  std::uint64_t inode = 0;  // 0: no file
  std::string path;         // as the process sees it; "[vdso]"; "" where it is anonymous

  bool contains(std::uint64_t address) const { return address >= begin && address < end; }
};

// Of /proc/PID/maps: by address, at most a few thousand.
std::vector<CodeMapping> parse_maps(std::string_view text);

// Of /proc/PID/mountinfo: the devices of file systems that a process may serve (FUSE), which could
// let a reader wait for ever, and the places where they are mounted.
struct ServedMounts {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> devices;
  std::vector<std::string> places;
  bool has_device(std::uint32_t major, std::uint32_t minor) const;
  bool covers(std::string_view path) const;
};
ServedMounts parse_mounts(std::string_view text);

// Of /proc/PID/status: the process' number in its own process namespace; 0 if it is not there.
std::uint32_t parse_inner_pid(std::string_view status);

}  // namespace ig
