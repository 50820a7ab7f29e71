// SPDX-License-Identifier: Apache-2.0
#include "recorder/source/bpf_programs.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <set>

#include "base/handle.h"
#include "recorder/workload/workload_tracker_proc.h"

namespace ig {
namespace {

namespace fs = std::filesystem;

// The number behind "key:\t" in a file of fdinfo; 0 = it has none.
std::uint64_t fdinfo_number(const std::string& path, std::string_view key) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(key)) continue;
    const auto digit = line.find_first_of("0123456789", key.size());
    std::uint64_t number = 0;
    if (digit == std::string::npos) return 0;
    std::from_chars(line.data() + digit, line.data() + line.size(), number);
    return number;
  }
  return 0;
}

std::uint64_t map_bytes(std::uint32_t id, std::map<std::uint32_t, std::uint64_t>& known) {
  const auto [it, is_new] = known.try_emplace(id, 0);
  if (!is_new) return it->second;
  const UniqueFd map(bpf_map_get_fd_by_id(id));
  if (map) it->second = fdinfo_number(fmt::format("/proc/self/fdinfo/{}", map.get()), "memlock:");
  return it->second;
}

bool describe(std::uint32_t id, std::map<std::uint32_t, std::uint64_t>& maps, BpfProgram& program) {
  const UniqueFd fd(bpf_prog_get_fd_by_id(id));
  if (!fd) return false;
  bpf_prog_info info{};
  __u32 size = sizeof info;
  if (bpf_obj_get_info_by_fd(fd.get(), &info, &size) != 0) return false;
  program.id = id;
  program.name = info.name;
  const auto* type = libbpf_bpf_prog_type_str(static_cast<bpf_prog_type>(info.type));
  program.type = type == nullptr ? std::to_string(info.type) : type;
  program.run_time_ns = info.run_time_ns;
  program.run_count = info.run_cnt;
  program.map_count = info.nr_map_ids;

  std::vector<__u32> ids(info.nr_map_ids);
  info = {};
  size = sizeof info;
  info.nr_map_ids = static_cast<__u32>(ids.size());
  info.map_ids = reinterpret_cast<__u64>(ids.data());
  if (ids.empty() || bpf_obj_get_info_by_fd(fd.get(), &info, &size) != 0) return true;
  for (const auto map : ids) program.map_bytes += map_bytes(map, maps);
  return true;
}

}  // namespace

std::vector<BpfProgram> loaded_bpf_programs() {
  std::vector<BpfProgram> programs;
  std::map<std::uint32_t, std::uint64_t> maps;
  __u32 id = 0;
  while (bpf_prog_get_next_id(id, &id) == 0) {
    // One that has gone in the meantime is passed over.
    if (BpfProgram program; describe(id, maps, program)) programs.push_back(std::move(program));
  }
  return programs;
}

BpfHolders find_bpf_holders(const std::string& proc) {
  BpfHolders holders;
  for (const auto pid : running_processes(proc)) {
    const auto folder = fmt::format("{}/{}", proc, pid);
    std::set<std::uint32_t> held;
    std::error_code error;
    for (fs::directory_iterator it(folder + "/fd", error), end; !error && it != end;
         it.increment(error)) {
      std::error_code gone;
      const auto target = fs::read_symlink(it->path(), gone).string();
      if (target != "anon_inode:bpf-prog" && !target.starts_with("anon_inode:bpf_link") &&
          !target.starts_with("anon_inode:bpf-link")) {
        continue;
      }
      const auto info = folder + "/fdinfo/" + it->path().filename().string();
      held.insert(static_cast<std::uint32_t>(fdinfo_number(info, "prog_id:")));
    }
    held.erase(0);
    if (held.empty()) continue;
    std::ifstream comm(folder + "/comm");
    BpfHolder holder{pid, ""};
    std::getline(comm, holder.comm);
    for (const auto id : held) holders[id].push_back(holder);
  }
  return holders;
}

}  // namespace ig
