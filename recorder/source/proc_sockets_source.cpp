// SPDX-License-Identifier: Apache-2.0
// snapshot_socket from /proc, where no BPF is to be had: the tables of each network namespace in
// which a process is, and the processes that hold what is in them.
#include <fmt/format.h>
#include <netinet/in.h>

#include <fstream>
#include <set>
#include <unordered_map>

#include "recorder/source/proc_descriptors.h"
#include "recorder/source/proc_net_table.h"
#include "recorder/source/user_sources.h"
#include "recorder/workload/workload_tracker_proc.h"

namespace ig {
namespace {

struct Table {
  const char* name;
  int protocol;
};
constexpr Table kTables[] = {
    {"tcp", IPPROTO_TCP}, {"tcp6", IPPROTO_TCP}, {"udp", IPPROTO_UDP}, {"udp6", IPPROTO_UDP}};

class ProcSocketsSource : public UserSource {
 public:
  Result<> open() override { return {}; }

  Result<> read() override {
    const auto pids = running_processes("/proc");
    find_holders(pids);
    std::set<std::uint64_t> done;
    for (const auto pid : pids) {
      const auto netns = namespace_inode("/proc", pid, "net");
      if (netns == 0 || !done.insert(netns).second) continue;
      for (const auto& table : kTables) write_table(pid, netns, table);
    }
    return {};
  }

 private:
  struct Holder {
    std::int64_t pid, fd;
  };

  void find_holders(const std::vector<std::int64_t>& pids) {
    holders_.clear();
    processes_.clear();
    for (const auto pid : pids) {
      for (const auto& descriptor : read_descriptors("/proc", pid)) {
        const auto inode = socket_inode(descriptor.target);
        if (inode != 0) holders_[inode].push_back({pid, descriptor.fd});
      }
    }
  }

  void write_table(std::int64_t pid, std::uint64_t netns, const Table& table) {
    std::ifstream file(fmt::format("/proc/{}/net/{}", pid, table.name));
    for (std::string line; std::getline(file, line);) {
      const auto socket = parse_socket_line(line);
      if (!socket) continue;
      const auto holders = holders_.find(socket->inode);
      if (socket->inode == 0 || holders == holders_.end()) {
        write(*socket, netns, table, nullptr, -1);
        continue;
      }
      for (const auto& holder : holders->second) {
        write(*socket, netns, table, process(holder.pid), holder.fd);
      }
    }
  }

  const ProcessFacts* process(std::int64_t pid) {
    const auto [it, is_new] = processes_.try_emplace(pid);
    if (is_new) it->second = read_process_facts("/proc", pid);
    return it->second ? &*it->second : nullptr;
  }

  void write(const ProcSocket& socket, std::uint64_t netns, const Table& table,
             const ProcessFacts* holder, std::int64_t fd) {
    auto& row = output().first();
    row.set_process(holder == nullptr ? ProcessFacts{} : *holder);
    row.set("src.addr", socket.address).set("src.port", socket.port);
    row.set("dst.addr", socket.peer_address).set("dst.port", socket.peer_port);
    row.set("src.proto_raw", table.protocol).set("dst.proto_raw", table.protocol);
    row.set("state_raw", socket.state).set("ino", static_cast<std::int64_t>(socket.inode));
    row.set("netns_id", static_cast<std::int64_t>(netns)).set("fd", fd).emit();
  }

  std::unordered_map<std::uint64_t, std::vector<Holder>> holders_;  // by inode of the socket
  std::unordered_map<std::int64_t, std::optional<ProcessFacts>> processes_;
};

}  // namespace

std::unique_ptr<UserSource> make_proc_sockets(const Gadget&, const UserParameters&) {
  return std::make_unique<ProcSocketsSource>();
}

}  // namespace ig
