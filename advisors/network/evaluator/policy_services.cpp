// SPDX-License-Identifier: Apache-2.0
#include "advisors/network/evaluator/policy_services.h"

#include <algorithm>

#include "advisors/network/drafts/peer_forms.h"
#include "advisors/network/well_known.h"

namespace ig {
namespace {

// All entries of it: what it asks for may have changed.
std::vector<const KubeService*> services_named(std::string_view name, const InventoryIndex& cluster,
                                               const Validity& when) {
  std::vector<const KubeService*> found;
  for (const KubeService& service : cluster.inventory().services) {
    if (service.kube_namespace + '/' + service.name == name &&
        service.valid.overlaps(when.from_ns, when.to_ns)) {
      found.push_back(&service);
    }
  }
  return found;
}

class Resolver {
 public:
  Resolver(const InventoryIndex& cluster, const Validity& when) : cluster_(cluster), when_(when) {}

  void resolve(Policy& policy) const {
    for (const bool egress : {false, true}) {
      for (auto& rule : egress ? policy.egress : policy.ingress) {
        for (auto* peers : {&rule.peers, &rule.own}) {
          for (auto& peer : *peers) resolve(peer, policy.dialect == "calico");
        }
        if (egress && policy.dialect == "calico") keep_to_ports(rule);
      }
    }
  }

 private:
  void resolve(PeerRule& peer, bool by_endpoints) const {
    if (!peer.service.empty()) peer.backends = backends_of(peer.service, by_endpoints);
    if (peer.entity == "kube-apiserver") peer.backends = backends_of(kApiService, true);
    for (auto& except : peer.except) resolve(except, by_endpoints);
  }

  // Endpoints are what Calico goes by, so that pods on their node's network count.
  std::optional<ServiceBackends> backends_of(std::string_view name, bool by_endpoints) const {
    ServiceBackends backends;
    for (const KubeService* service : services_named(name, cluster_, when_)) {
      const LabelSelector selector{service->selector, {}};
      const bool is_new =
          std::ranges::find(backends.selectors, selector) == backends.selectors.end();
      if (!selector.empty() && is_new) backends.selectors.push_back(selector);
      if (selector.empty() || by_endpoints) add_endpoints(*service, backends);
    }
    if (backends.selectors.empty() && backends.addresses.empty()) return std::nullopt;
    return backends;
  }

  void add_endpoints(const KubeService& service, ServiceBackends& backends) const {
    for (const KubeEndpoints* slice : cluster_.endpoints_of(service, when_)) {
      for (const KubeEndpoint& endpoint : slice->endpoints) {
        backends.addresses.insert(endpoint.addresses.begin(), endpoint.addresses.end());
      }
    }
  }

  // Calico: "only to each endpoint's port".
  void keep_to_ports(PolicyRule& rule) const {
    for (const auto& peer : rule.peers) {
      if (!peer.backends || peer.service.empty() || !rule.ports.empty()) continue;
      for (const KubeService* service : services_named(peer.service, cluster_, when_)) {
        add_ports(*service, rule.ports);
      }
      return;
    }
  }

  void add_ports(const KubeService& service, std::vector<PortRule>& ports) const {
    const auto add = [&](const std::string& protocol, auto port) {
      ports.push_back({protocol, port, 0, {}});
    };
    if (service.selector.empty()) {
      for (const KubeEndpoints* slice : cluster_.endpoints_of(service, when_)) {
        for (const ContainerPort& port : slice->ports) add(port.protocol, port.port);
      }
      return;
    }
    for (const ServicePort& port : service.ports) {
      if (port.target_port_name.empty()) {
        add(port.protocol, port.target_port != 0 ? port.target_port : port.port);
      } else {
        add(port.protocol, port.target_port_name);
      }
    }
  }

  const InventoryIndex& cluster_;
  const Validity& when_;
};

}  // namespace

void resolve_services(std::span<Policy> policies, const InventoryIndex& cluster,
                      const Validity& when) {
  const Resolver resolver(cluster, when);
  for (auto& policy : policies) resolver.resolve(policy);
}

}  // namespace ig
