// SPDX-License-Identifier: Apache-2.0
// ContainerAddresses: the inventory of a machine without Kubernetes. Whatever made a container, its
// addresses are those of its network namespace, which are read while it lives; so a peer that is
// another container of this machine has a name. Containers of pods are left to the cluster, which
// knows more of them, and those on the machine's own network have no address of their own.
//
// /proc is read on a thread of its own: it waits where the kernel changes a network.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "store/inventory_diff.h"
#include "store/inventory_history.h"
#include "store/inventory_table.h"
#include "store/workload.h"

namespace ig {

// IPv4 and IPv6 addresses that others may reach, of a folder like /proc/PID/net.
std::vector<std::string> network_addresses(const std::string& folder);

class ContainerAddresses {
 public:
  ContainerAddresses(std::string proc_folder, std::string tool_version);
  ~ContainerAddresses();
  ContainerAddresses(const ContainerAddresses&) = delete;
  ContainerAddresses& operator=(const ContainerAddresses&) = delete;

  // As it is known now; again each time more is known.
  void workload(const Workload& workload);
  // What changed; nothing mostly.
  std::optional<InventoryUpdate> take_update();
  // Looks a last time, and no more.
  void stop();

  // Looks at all that live. The thread does it each second.
  void look();

 private:
  std::optional<InventoryRow> row_of(const Workload& workload, std::int64_t now) const;
  void run();

  const std::string proc_, tool_version_;
  const std::int64_t from_ns_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopped_ = false;
  std::map<WorkloadId, Workload> living_;
  InventoryHistory history_;
  InventoryDiff told_;
  bool changed_ = false;
  std::thread thread_;
};

}  // namespace ig
