// SPDX-License-Identifier: Apache-2.0
#include "recorder/inventory/container_addresses.h"

#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>

#include <charconv>
#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "base/capabilities.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/ip_address.h"
#include "base/text.h"
#include "recorder/inventory/kube_parts.h"

namespace ig {
namespace {

constexpr std::chrono::seconds kLookEvery{1};
constexpr std::uint64_t kMostBytes = 16 << 20;
constexpr int kOftenLooks = 10;

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
  (void)keep_capabilities({CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH});  // namespaces of others
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
    auto& container = living_[workload.id];
    if (container.pid == 0) container.pid = workload.pid;
    container.workload = workload;
    return;
  }
  end(workload, workload.last_seen_ns);
}

void ContainerAddresses::end(const Workload& workload, std::int64_t at_ns) {
  history_.end({"Pod", "", workload.name, workload.container_id}, at_ns);
  living_.erase(workload.id);
  changed_ = true;
}

// The number of one that is gone may be another's now.
bool ContainerAddresses::has_process(const Container& container) const {
  const auto mount_namespace = inode_of(fmt::format("{}/{}/ns/mnt", proc_, container.pid));
  return mount_namespace != 0 && mount_namespace == container.workload.mntns_id;
}

std::optional<InventoryRow> ContainerAddresses::row_of(const Container& container,
                                                       std::int64_t now) const {
  const auto& workload = container.workload;
  const auto process = fmt::format("{}/{}", proc_, container.pid);
  const auto network = inode_of(process + "/ns/net");
  if (network == 0 || network == inode_of(proc_ + "/1/ns/net")) return std::nullopt;
  const auto addresses = network_addresses(process + "/net");
  if (addresses.empty() || !has_process(container)) return std::nullopt;
  InventoryRow row;
  row.key = {"Pod", "", workload.name, workload.container_id};
  row.valid.from_ns = workload.first_seen_ns;
  row.seen_ns = now;
  row.labels = kube::cell(workload.labels);
  row.addresses = kube::cell(addresses);
  row.containers = kube::cell(std::vector<std::string>{workload.container_id});
  return row;
}

// The first process that is seen of a container is one of its runtime, and soon gone.
void ContainerAddresses::find_processes(std::map<WorkloadId, Container>& containers) const {
  std::map<std::uint64_t, Container*> wanted;  // by mount namespace
  for (auto& [id, container] : containers) {
    if (has_process(container)) continue;
    // One that has ended unseen is not looked for each time.
    if (container.misses++ < kOftenLooks || container.misses % kOftenLooks == 0) {
      wanted[container.workload.mntns_id] = &container;
    }
  }
  if (wanted.empty()) return;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(proc_, ignored)) {
    const auto name = entry.path().filename().string();
    std::int64_t pid = 0;
    if (std::from_chars(name.data(), name.data() + name.size(), pid).ec != std::errc()) continue;
    const auto found = wanted.find(inode_of(entry.path().string() + "/ns/mnt"));
    if (found == wanted.end()) continue;
    found->second->pid = pid;
    found->second->misses = 0;
  }
}

void ContainerAddresses::look() {
  std::map<WorkloadId, Container> living;
  {
    const std::lock_guard lock(mutex_);
    living = living_;
  }
  find_processes(living);
  const auto now = wall_time_ns();
  std::map<WorkloadId, InventoryRow> rows;
  for (const auto& [id, container] : living) {
    if (auto row = row_of(container, now)) rows.emplace(id, std::move(*row));
  }
  const std::lock_guard lock(mutex_);
  for (const auto& [id, container] : living) {
    const auto known = living_.find(id);
    if (known == living_.end()) continue;  // it ended meanwhile
    known->second.pid = container.pid;
    known->second.misses = container.misses;
    const auto row = rows.find(id);
    if (row != rows.end()) {
      known->second.had_row = changed_ = true;
      history_.take(std::move(row->second));
    } else if (container.had_row && container.misses > 0) {
      end(Workload(known->second.workload), now);
    }
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
