// SPDX-License-Identifier: Apache-2.0
#include "recorder/inventory/container_addresses.h"

#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <set>

#include "base/clock.h"
#include "base/file.h"
#include "base/ip_address.h"
#include "base/text.h"
#include "recorder/inventory/kube_parts.h"

namespace ig {
namespace {

constexpr std::chrono::seconds kLookEvery{1};
constexpr std::uint64_t kMostBytes = 16 << 20;

// "0" where there is none.
std::uint64_t inode_of(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_ino : 0;
}

void add_reachable(std::set<std::string>& addresses, std::string_view text) {
  const auto address = IpAddress::parse(text);
  if (!address || address->is_loopback() || address->is_link_local()) return;
  addresses.insert(address->text());
}

// A leaf of the tree ("|-- 10.88.0.5") and below it what it is: "/32 host LOCAL" is an own address.
void read_v4(const std::string& text, std::set<std::string>& addresses) {
  constexpr std::string_view kLeaf = "|-- ";
  std::string_view leaf;
  for (const auto line : split(text, '\n')) {
    const auto at = line.find(kLeaf);
    if (at != std::string_view::npos) leaf = line.substr(at + kLeaf.size());
    if (line.ends_with("/32 host LOCAL")) add_reachable(addresses, leaf);
  }
}

// "fd00000000000000000000000000000b 02 40 00 80 eth0": the address without its colons.
void read_v6(const std::string& text, std::set<std::string>& addresses) {
  for (const auto line : split(text, '\n')) {
    if (line.size() < 32) continue;
    std::string address;
    for (std::size_t i = 0; i < 32; i += 4) {
      address += fmt::format("{}{}", i == 0 ? "" : ":", line.substr(i, 4));
    }
    add_reachable(addresses, address);
  }
}

}  // namespace

std::vector<std::string> network_addresses(const std::string& folder) {
  std::set<std::string> addresses;
  if (const auto text = read_regular_file(folder + "/fib_trie", kMostBytes)) {
    read_v4(*text, addresses);
  }
  if (const auto text = read_regular_file(folder + "/if_inet6", kMostBytes)) {
    read_v6(*text, addresses);
  }
  return {addresses.begin(), addresses.end()};
}

ContainerAddresses::ContainerAddresses(std::string proc_folder, std::string tool_version)
    : proc_(std::move(proc_folder)),
      tool_version_(std::move(tool_version)),
      from_ns_(wall_time_ns()) {
  // Signals are for the recorder's own thread.
  sigset_t all{}, before{};
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] { run(); });
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

ContainerAddresses::~ContainerAddresses() { stop(); }

void ContainerAddresses::run() {
  while (true) {
    look();
    std::unique_lock lock(mutex_);
    if (wake_.wait_for(lock, kLookEvery, [this] { return stopped_; })) return;
  }
}

void ContainerAddresses::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  wake_.notify_all();
  if (!thread_.joinable()) return;
  thread_.join();
  look();
}

void ContainerAddresses::workload(const Workload& workload) {
  if (workload.kind != WorkloadKind::kContainer || !workload.pod.empty()) return;
  const std::lock_guard lock(mutex_);
  if (workload.exit_known == 0) {
    living_[workload.id] = workload;
    return;
  }
  living_.erase(workload.id);
  history_.end({"Pod", "", workload.name, workload.container_id}, workload.last_seen_ns);
  changed_ = true;
}

// Nothing for one that is gone, or whose number another process has now.
std::optional<InventoryRow> ContainerAddresses::row_of(const Workload& workload,
                                                       std::int64_t now) const {
  const auto process = fmt::format("{}/{}", proc_, workload.pid);
  const auto network = inode_of(process + "/ns/net");
  if (network == 0 || network == inode_of(proc_ + "/1/ns/net")) return std::nullopt;
  const auto addresses = network_addresses(process + "/net");
  if (addresses.empty() || inode_of(process + "/ns/mnt") != workload.mntns_id) return std::nullopt;
  InventoryRow row;
  row.key = {"Pod", "", workload.name, workload.container_id};
  row.valid.from_ns = workload.first_seen_ns;
  row.seen_ns = now;
  row.labels = kube::cell(workload.labels);
  row.addresses = kube::cell(addresses);
  row.containers = kube::cell(std::vector<std::string>{workload.container_id});
  return row;
}

void ContainerAddresses::look() {
  std::map<WorkloadId, Workload> living;
  {
    const std::lock_guard lock(mutex_);
    living = living_;
  }
  const auto now = wall_time_ns();
  std::vector<std::pair<WorkloadId, InventoryRow>> rows;
  for (const auto& [id, workload] : living) {
    if (auto row = row_of(workload, now)) rows.emplace_back(id, std::move(*row));
  }
  const std::lock_guard lock(mutex_);
  for (auto& [id, row] : rows) {
    if (!living_.contains(id)) continue;  // it ended meanwhile
    history_.take(std::move(row));
    changed_ = true;
  }
}

std::optional<InventoryUpdate> ContainerAddresses::take_update() {
  const std::lock_guard lock(mutex_);
  if (!std::exchange(changed_, false)) return std::nullopt;
  auto change = told_.to(history_.rows());
  if (change.gone.empty() && change.added.empty()) return std::nullopt;
  const auto now = wall_time_ns();
  return InventoryUpdate{{.source = {.kind = "container runtime",
                                     .source = "",
                                     .from_ns = from_ns_,
                                     .to_ns = now,
                                     .caveats = {}},
                          .sha256 = "",
                          .tool_version = tool_version_,
                          .added_ns = now},
                         std::move(change.gone),
                         std::move(change.added)};
}

}  // namespace ig
