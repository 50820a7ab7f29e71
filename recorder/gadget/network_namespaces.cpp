// SPDX-License-Identifier: Apache-2.0
#include "recorder/gadget/network_namespaces.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <set>

namespace ig {
namespace {

UniqueFd open_own() { return UniqueFd(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)); }

}  // namespace

UniqueFd open_network_namespace(pid_t pid) {
  return UniqueFd(open(fmt::format("/proc/{}/ns/net", pid).c_str(), O_RDONLY | O_CLOEXEC));
}

std::uint32_t network_namespace_inode(const UniqueFd& network) {
  struct stat about {};
  return fstat(network.get(), &about) == 0 ? static_cast<std::uint32_t>(about.st_ino) : 0;
}

// There are parameters that only the initial network namespace has. Process 1 may be a container's,
// or not ours to look at, so it is no mark.
bool is_initial_network_namespace() {
  return ::access("/proc/sys/net/core/netdev_max_backlog", F_OK) == 0;
}

Result<> may_enter_network_namespaces() {
  const auto own = open_own();
  if (own && setns(own.get(), CLONE_NEWNET) == 0) return {};
  return std::unexpected(system_error(errno, "enter network namespaces", "it needs CAP_SYS_ADMIN"));
}

std::vector<UniqueFd> other_network_namespaces() {
  if (!may_enter_network_namespaces()) return {};
  std::vector<UniqueFd> networks;
  std::set<ino_t> known = {network_namespace_inode(open_own())};
  struct stat about {};
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
    const auto path = entry.path() / "ns/net";  // what is no process has none
    // To ask is cheaper than to open.
    if (stat(path.c_str(), &about) != 0 || !known.insert(about.st_ino).second) continue;
    UniqueFd network(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (network) networks.push_back(std::move(network));
  }
  return networks;
}

Result<> within_network_namespace(const UniqueFd& network, const std::function<void()>& deed) {
  const auto own = open_own();
  if (!own || setns(network.get(), CLONE_NEWNET) != 0) {
    return std::unexpected(system_error(errno, "enter a network namespace"));
  }
  deed();
  if (setns(own.get(), CLONE_NEWNET) == 0) return {};
  return std::unexpected(system_error(errno, "return to the own network namespace"));
}

}  // namespace ig
