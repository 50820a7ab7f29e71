// SPDX-License-Identifier: Apache-2.0
#include "recorder/workload/process_facts.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "base/text.h"
#include "recorder/workload/workload_tracker_proc.h"

namespace ig {
namespace {

// "Uid:\t0\t1000\t0\t0": real, effective, saved, file system.
std::uint32_t effective_id(const std::string& line) {
  std::istringstream words(line);
  std::string key;
  std::uint32_t real = 0, effective = 0;
  words >> key >> real >> effective;
  return effective;
}

std::uint32_t number_of(const std::string& line) {
  std::istringstream words(line);
  std::string key;
  std::uint32_t number = 0;
  words >> key >> number;
  return number;
}

// "PID (NAME) STATE PPID … START": the name may hold anything, so words are counted from its end.
bool read_stat(const std::string& folder, ProcessFacts& facts) {
  std::ifstream file(folder + "/stat");
  std::string line;
  std::getline(file, line, '\0');
  const auto name = line.find('('), end = line.rfind(')');
  if (name == std::string::npos || end == std::string::npos || end < name) return false;
  const auto words = split(std::string_view(line).substr(end), ' ');
  constexpr std::size_t kParent = 2, kStart = 20;
  if (words.size() <= kStart) return false;
  const auto number = [&](std::size_t word) {
    return std::strtoll(std::string(words[word]).c_str(), nullptr, 10);
  };
  facts.comm = line.substr(name + 1, end - name - 1);
  facts.parent_pid = number(kParent);
  facts.start_time_ns = number(kStart) * (1'000'000'000 / ::sysconf(_SC_CLK_TCK));
  return true;
}

}  // namespace

std::optional<ProcessFacts> read_process_facts(const std::string& proc, std::int64_t pid) {
  const auto folder = fmt::format("{}/{}", proc, pid);
  ProcessFacts facts;
  facts.pid = facts.tid = pid;
  // First what goes first when it ends.
  if (const auto seen = observe_process(proc, pid)) {
    facts.identity = seen->identity;
  } else {
    facts.identity.cgroup_id = cgroup_id_of_process(proc, pid);
  }
  if (!read_stat(folder, facts)) return std::nullopt;
  std::ifstream parent(fmt::format("{}/{}/comm", proc, facts.parent_pid));
  std::getline(parent, facts.parent_comm);
  std::ifstream status(folder + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("Uid:")) facts.uid = effective_id(line);
    if (line.starts_with("Gid:")) facts.gid = effective_id(line);
    if (line.starts_with("Threads:")) facts.threads = number_of(line);
  }
  return facts;
}

}  // namespace ig
