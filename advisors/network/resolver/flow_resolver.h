// SPDX-License-Identifier: Apache-2.0
// FlowResolver: who the two ends of one recorded flow were. One for each recording.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "advisors/network/resolver/inventory_index.h"
#include "advisors/network/resolver/translation_index.h"
#include "advisors/network/traffic.h"
#include "store/session_reader.h"

namespace ig {

class FlowResolver {
 public:
  struct Peer {
    TrafficEnd end;
    Validity seen;           // when it can have been this one
    std::uint16_t port = 0;  // at the destination itself
    std::uint16_t dialed_port = 0;
    std::string port_name = {};  // where its number is not known
  };

  // What is not known without an inventory.
  struct Machine {
    std::string host_name;  // or what the cluster calls it
    std::uint64_t host_netns_id = 0;
  };

  // All outlive it.
  FlowResolver(const InventoryIndex& index, const TranslationIndex& translations, Machine machine)
      : index_(index), translations_(translations), machine_(std::move(machine)) {}

  // The recorded end.
  TrafficEnd own_end(const Workload& workload, const Flow& flow) const;
  // The other: one, or each that it may have been.
  std::vector<Peer> peers(const TrafficEnd& own, const Flow& flow) const;

 private:
  TrafficEnd end_of_pod(const KubePod& pod, const IpAddress* like, const Validity& when) const;
  TrafficEnd own_host(const Workload& workload, const Flow& flow) const;
  std::vector<Peer> holders(const IpAddress& address, const Flow& flow, std::uint16_t port) const;
  TrafficEnd end_without_pod(const IpAddress& address, const Flow& flow) const;
  std::vector<Peer> translated(const TrafficEnd& own, const IpAddress& dialed,
                               const Flow& flow) const;
  std::vector<Peer> behind_service(const IpAddress& dialed, const Flow& flow) const;
  std::vector<Peer> behind_node_port(const IpAddress& dialed, const Flow& flow) const;
  std::vector<Peer> backends(const KubeService& service, const ServicePort& port,
                             const IpAddress& dialed, const Flow& flow) const;
  std::vector<Peer> endpoints(const KubeService& service, const ServicePort& port,
                              const IpAddress& dialed, const Flow& flow) const;

  const InventoryIndex& index_;
  const TranslationIndex& translations_;
  Machine machine_;
};

}  // namespace ig
