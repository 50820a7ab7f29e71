// SPDX-License-Identifier: Apache-2.0
#include "advisors/network/drafts/unseen_needs.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "advisors/advice_text.h"
#include "advisors/network/well_known.h"
#include "base/text.h"

namespace ig {
namespace {

using Kind = TrafficEnd::Kind;

constexpr std::array<std::string_view, 6> kBlocks = {"dns",     "probes",   "api-server",
                                                     "metrics", "webhooks", "ipv6"};
constexpr std::uint16_t kDnsPort = 53;
// Where every node's cache of names listens, for the pods of that node.
constexpr const char* kNodeLocalDns = "169.254.20.10";
constexpr std::array<std::string_view, 8> kMonitoring = {"prometheus",
                                                         "prometheus-server",
                                                         "prometheus-agent",
                                                         "vmagent",
                                                         "vmsingle",
                                                         "grafana-agent",
                                                         "alloy",
                                                         "opentelemetry-collector"};

std::string label(const Labels& labels, const char* key) {
  const auto found = labels.find(key);
  return found == labels.end() ? "" : found->second;
}

bool is_cluster_dns(const KubeService& service) {
  constexpr std::array<std::string_view, 4> kNames = {"kube-dns", "coredns", "dns-default",
                                                      "rke2-coredns-rke2-coredns"};
  const bool by_name = std::ranges::count(kNames, service.name) != 0;
  const bool by_label = label(service.labels, "k8s-app") == "kube-dns";
  return (by_name || by_label) && std::ranges::any_of(service.ports, [](const ServicePort& port) {
           return port.port == kDnsPort;
         });
}

bool is_monitoring(const KubePod& pod) {
  const auto known = [](const std::string& name) {
    return std::ranges::count(kMonitoring, name) != 0;
  };
  return known(label(pod.labels, "app.kubernetes.io/name")) || known(label(pod.labels, "app"));
}

class Needs {
 public:
  Needs(PolicyDraft& draft, PeerForms& forms, OwnerSelectors& selectors, const NeedsOf& subject)
      : draft_(draft), forms_(forms), selectors_(selectors), subject_(subject) {
    if (subject.owner) {
      for (const KubePod* pod : selectors.pods_of(*subject.owner)) {
        for (const IpAddress& address : pod->addresses) has_[address.is_v6() ? 1 : 0] = true;
      }
    }
  }

  void add_dns() {
    if (!draft_.policy.is_egress) return;
    for (const TrafficUse& use : subject_.uses) {
      if (!asks_names(use)) continue;
      const TrafficEnd& peer = use.peer();
      const bool by_udp = use.traffic->protocol == "UDP";
      const char* why =
          by_udp ? "DNS answers too long for UDP come over TCP" : "DNS is asked over UDP first";
      add(true, forms_.of(peer, addresses_of(peer), true),
          {{by_udp ? "TCP" : "UDP", use.traffic->port}}, "dns", peer_text(peer), why);
    }
    for (const KubeService& service : cluster().services) {
      if (is_cluster_dns(service) && lives(service)) add_dns_service(service);
    }
    add_node_local_dns();
    const bool asks = std::ranges::any_of(draft_.policy.egress, [](const PolicyRule& rule) {
      return std::ranges::any_of(rule.ports, [](const PortRule& port) {
        const auto* number = std::get_if<std::uint16_t>(&port.port);
        return number != nullptr && *number == kDnsPort;
      });
    });
    const bool has_block = std::ranges::any_of(
        draft_.policy.egress, [](const PolicyRule& rule) { return rule.block == "dns"; });
    if (!asks && !has_block) {
      draft_.caveats.insert(
          "no rule for DNS: none was asked and no DNS service is known, so names stay unresolved");
    }
  }

  void add_probes() {
    const auto ports = own_probes([](const ProbePort& probe) { return probe.kind != "metrics"; });
    if (!draft_.policy.is_ingress || ports.empty()) return;
    std::set<IpAddress> nodes;
    for (const KubeNode& node : cluster().nodes) {
      if (!lives(node)) continue;
      for (const IpAddress& address : node.addresses) {
        if (has_[address.is_v6() ? 1 : 0]) nodes.insert(address);
      }
    }
    if (nodes.empty()) {
      draft_.caveats.insert(
          "no rule for the kubelets' probes: the inventory has no addresses of nodes");
      return;
    }
    add(false, forms_.kubelets(nodes), ports, "probes", "the nodes of the cluster",
        "the pods' specs tell the kubelet to call it");
  }

  void add_metrics() {
    const auto ports = own_probes([](const ProbePort& probe) { return probe.kind == "metrics"; });
    if (!draft_.policy.is_ingress || ports.empty()) return;
    std::set<PodOwner> scrapers;
    for (const KubePod& pod : cluster().pods) {
      if (lives(pod) && is_monitoring(pod) && !pod.host_network) scrapers.insert(owner_of(pod));
    }
    if (scrapers.empty()) {
      draft_.caveats.insert(
          "no rule for scrapes of metrics, which the pods' annotations ask for: no monitoring pods "
          "are known");
    }
    for (const PodOwner& scraper : scrapers) {
      add(false, forms_.pods(scraper, {}), ports, "metrics", scraper.text(),
          "the pods' annotations ask to be scraped");
    }
  }

  void add_api_server() {
    if (!draft_.policy.is_egress) return;
    const bool talked = std::ranges::any_of(subject_.uses, [](const TrafficUse& use) {
      return use.egress && use.peer().service == kApiService;
    });
    if (!talked) return;
    for (const auto& [port, addresses] : api_endpoints()) {
      add(true, forms_.api_server(addresses), {{"TCP", port}}, "api-server",
          fmt::format("endpoints of service {}", kApiService),
          "the API server was talked to, and any of its endpoints may answer");
    }
  }

  void add_webhooks() {
    if (!draft_.policy.is_ingress) return;
    std::set<Port> ports;
    for (const KubeService& service : cluster().services) {
      if (lives(service)) add_webhook_ports(service, ports);
    }
    if (ports.empty()) return;
    std::set<IpAddress> servers;
    for (const auto& [port, addresses] : api_endpoints()) {
      servers.insert(addresses.begin(), addresses.end());
    }
    if (servers.empty()) {
      draft_.caveats.insert(
          "no rule for the API server's calls to webhooks: its endpoints are not known");
      return;
    }
    add(false, forms_.api_server(servers), {ports.begin(), ports.end()}, "webhooks",
        "the API server", "a service of webhooks sends its calls here");
  }

  void add_other_family() {
    if (!has_[0] || !has_[1]) return;
    for (const TrafficUse& use : subject_.uses) {
      const TrafficEnd& peer = use.peer();
      if (!peer.address || !(use.egress ? draft_.policy.is_egress : draft_.policy.is_ingress)) {
        continue;
      }
      std::set<IpAddress> twins = twins_of(use);
      std::erase_if(twins,
                    [&](const IpAddress& twin) { return twin.is_v6() == peer.address->is_v6(); });
      if (twins.empty()) continue;
      add(use.egress, forms_.of(peer, twins, use.egress),
          {{use.traffic->protocol, use.traffic->port}}, "ipv6", peer_text(peer),
          "the pods have both families, and so has the peer");
    }
  }

 private:
  using Port = std::pair<std::string, std::uint16_t>;

  const Inventory& cluster() const { return selectors_.index().inventory(); }
  bool lives(const KubeObject& object) const {
    return object.valid.overlaps(selectors_.window().from_ns, selectors_.window().to_ns);
  }
  PodOwner owner_of(const KubePod& pod) const { return PodOwner::of(selectors_.index(), pod); }
  static std::set<IpAddress> addresses_of(const TrafficEnd& end) {
    return end.address ? std::set<IpAddress>{*end.address} : std::set<IpAddress>{};
  }

  void add(bool egress, std::vector<PeerRule> peers, const std::vector<Port>& ports,
           const char* block, const std::string& who, const std::string& why) {
    PolicyRule rule;
    rule.peers = std::move(peers);
    rule.block = block;
    rule.comments = {who};
    for (const auto& [protocol, port] : ports) {
      rule.ports.push_back({protocol, port, 0, "not recorded: " + why, false});
    }
    if (!draft_.add(egress, std::move(rule))) return;
    for (const auto& [protocol, port] : ports) {
      draft_.evidence.push_back(
          {fmt::format("{} {} {} port {}", egress ? "egress" : "ingress", protocol, who, port),
           fmt::format("not recorded, block {}: {}", block, why)});
    }
  }

  void add_dns_service(const KubeService& service) {
    std::map<PodOwner, std::set<Port>> by_owner;
    std::map<std::uint16_t, std::set<IpAddress>> on_nodes;  // by port
    for (const KubePod* pod : selectors_.index().pods_behind(service, selectors_.window())) {
      for (const ServicePort& port : service.ports) {
        const std::uint16_t target = port.port == kDnsPort ? target_port(port, *pod) : 0;
        if (target == 0) continue;
        if (pod->host_network) {
          on_nodes[target].insert(pod->addresses.begin(), pod->addresses.end());
        } else {
          by_owner[owner_of(*pod)].insert({{"UDP", target}, {"TCP", target}});
        }
      }
    }
    for (const auto& [port, addresses] : on_nodes) {
      add(true, forms_.nodes(addresses), {{"UDP", port}, {"TCP", port}}, "dns",
          "DNS of the cluster, on the nodes' network", "every name is asked for there");
    }
    for (const auto& [owner, ports] : by_owner) {
      add(true, forms_.pods(owner, {}), {ports.begin(), ports.end()}, "dns",
          "DNS of the cluster, " + owner.text(), "every name is asked for there");
    }
  }

  void add_node_local_dns() {
    const bool runs = std::ranges::any_of(cluster().pods, [&](const KubePod& pod) {
      return lives(pod) && label(pod.labels, "k8s-app") == "node-local-dns";
    });
    if (!runs) return;
    std::set<IpAddress> addresses = {*IpAddress::parse(kNodeLocalDns)};
    for (const KubeService& service : cluster().services) {
      // It answers at this address too, before any translation.
      if (is_cluster_dns(service) && lives(service)) {
        addresses.insert(service.addresses.begin(), service.addresses.end());
      }
    }
    add(true, forms_.nodes(addresses), {{"UDP", kDnsPort}, {"TCP", kDnsPort}}, "dns",
        "the node's own cache of names", "node-local-dns runs in the cluster");
  }

  template <typename Predicate>
  std::vector<Port> own_probes(Predicate&& wanted) const {
    std::set<Port> ports;
    if (!subject_.owner) return {};
    for (const KubePod* pod : selectors_.pods_of(*subject_.owner)) {
      for (const ProbePort& probe : pod->probes) {
        if (wanted(probe) && probe.port != 0) ports.insert({probe.protocol, probe.port});
      }
    }
    return {ports.begin(), ports.end()};
  }

  std::map<std::uint16_t, std::set<IpAddress>> api_endpoints() const {
    std::map<std::uint16_t, std::set<IpAddress>> by_port;
    for (const KubeEndpoints& slice : cluster().endpoints) {
      if (slice.kube_namespace + '/' + slice.service != kApiService || !lives(slice)) continue;
      for (const ContainerPort& port : slice.ports) {
        for (const KubeEndpoint& endpoint : slice.endpoints) {
          for (const IpAddress& address : endpoint.addresses) {
            if (has_[address.is_v6() ? 1 : 0]) by_port[port.port].insert(address);
          }
        }
      }
    }
    return by_port;
  }

  // No object of the inventory says which services webhooks are behind, so names have to.
  void add_webhook_ports(const KubeService& service, std::set<Port>& ports) const {
    if (!subject_.owner || service.selector.empty() ||
        service.kube_namespace != subject_.owner->kube_namespace) {
      return;
    }
    const auto says = [](const std::string& name) { return name.find("webhook") != name.npos; };
    for (const KubePod* pod : selectors_.pods_of(*subject_.owner)) {
      if (!LabelSelector{service.selector, {}}.matches(pod->labels)) continue;
      for (const ServicePort& port : service.ports) {
        const std::uint16_t target = target_port(port, *pod);
        const bool is_one = says(service.name) || says(port.name) || says(port.target_port_name);
        if (target != 0 && port.protocol == "TCP" && is_one) ports.insert({"TCP", target});
      }
    }
  }

  // Further addresses of what is written by address: pods' labels hold for both families.
  std::set<IpAddress> twins_of(const TrafficUse& use) const {
    const TrafficEnd& peer = use.peer();
    std::set<IpAddress> twins;
    if (peer.kind == Kind::kPod || peer.kind == Kind::kLoopback) return twins;
    for (const KubeNode& node : cluster().nodes) {
      if (peer.kind == Kind::kHost && node.name == peer.node && lives(node)) {
        twins.insert(node.addresses.begin(), node.addresses.end());
      }
    }
    for (const KubeEndpoints& slice : cluster().endpoints) {
      if (slice.kube_namespace + '/' + slice.service != peer.service || !lives(slice)) continue;
      for (const KubeEndpoint& endpoint : slice.endpoints) {
        twins.insert(endpoint.addresses.begin(), endpoint.addresses.end());
      }
    }
    for (const ResolvedName& name : subject_.names) {
      const auto address = IpAddress::parse(name.address);
      if (use.egress && address && std::ranges::count(peer.names, name.name) != 0) {
        twins.insert(*address);
      }
    }
    return twins;
  }

  PolicyDraft& draft_;
  PeerForms& forms_;
  OwnerSelectors& selectors_;
  const NeedsOf& subject_;
  bool has_[2] = {false, false};  // which families the subject's pods have: IPv4, IPv6
};

}  // namespace

Result<std::set<std::string>> parse_blocks(std::string_view text) {
  std::set<std::string> blocks;
  if (text == "none" || text.empty()) return blocks;
  if (text == "all") return std::set<std::string>(kBlocks.begin(), kBlocks.end());
  for (const std::string_view word : split(text, ',')) {
    if (std::ranges::count(kBlocks, word) == 0) {
      const std::string near = nearest_name(word, kBlocks);
      return fail(ErrorCode::kUsage, fmt::format("there is no block '{}'", word),
                  near.empty()
                      ? fmt::format("--blocks is all, none or some of {}", fmt::join(kBlocks, ","))
                      : fmt::format("did you mean {}?", near));
    }
    blocks.emplace(word);
  }
  return blocks;
}

bool asks_names(const TrafficUse& use) {
  const Traffic& traffic = *use.traffic;
  const std::uint16_t dialed = traffic.dialed_port != 0 ? traffic.dialed_port : traffic.port;
  return use.egress && dialed == kDnsPort && traffic.error.empty() &&
         (traffic.protocol == "UDP" || traffic.protocol == "TCP");
}

void add_unseen_needs(PolicyDraft& draft, PeerForms& forms, OwnerSelectors& selectors,
                      const NeedsOf& subject, const std::set<std::string>& blocks) {
  Needs needs(draft, forms, selectors, subject);
  if (blocks.contains("dns")) needs.add_dns();
  if (blocks.contains("probes")) needs.add_probes();
  if (blocks.contains("api-server")) needs.add_api_server();
  if (blocks.contains("metrics")) needs.add_metrics();
  if (blocks.contains("webhooks")) needs.add_webhooks();
  if (blocks.contains("ipv6")) needs.add_other_family();
}

}  // namespace ig
