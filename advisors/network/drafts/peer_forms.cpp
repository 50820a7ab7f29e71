// SPDX-License-Identifier: Apache-2.0
#include "advisors/network/drafts/peer_forms.h"

#include <fmt/format.h>

#include <algorithm>

#include "advisors/advice_text.h"
#include "advisors/network/well_known.h"

namespace ig {
namespace {

using Kind = TrafficEnd::Kind;

PeerRule entity(std::string name) {
  PeerRule peer;
  peer.entity = std::move(name);
  return peer;
}

std::string selector_key(const LabelSelector& selector) {
  std::string key;
  for (const auto& [label, value] : selector.labels) key += label + '=' + value + '\n';
  for (const LabelRequirement& one : selector.expressions) {
    key += one.key + ' ' + one.op;
    for (const std::string& value : one.values) key += ' ' + value;
    key += '\n';
  }
  return key;
}

bool lacks_name_label(const OwnerSelectors& selectors, const std::string& name) {
  bool lacks = false;
  for (const KubeNamespace& space : selectors.index().inventory().namespaces) {
    if (space.name != name ||
        !space.valid.overlaps(selectors.window().from_ns, selectors.window().to_ns))
      continue;
    lacks = !space.labels.contains(kNamespaceNameLabel);
  }
  return lacks;
}

}  // namespace

std::string peer_key(const PeerRule& peer) {
  std::string key;
  if (peer.namespaces) key += "namespaces " + selector_key(*peer.namespaces);
  if (peer.pods) key += "pods " + selector_key(*peer.pods);
  if (peer.block) {
    key += "block " + peer.block->network.text();
    for (const IpNetwork& except : peer.block->except) key += " but " + except.text();
  }
  for (const std::string& name : peer.fqdns) key += " name " + name;
  return key + " entity " + peer.entity;
}

bool is_dns_name(std::string_view name) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  };
  return !name.empty() && name.size() <= 253 && name.front() != '.' && name.back() != '.' &&
         name.find("..") == name.npos && std::ranges::all_of(name, fits);
}

PeerRule PeerForms::pods_of(const std::string& kube_namespace, LabelSelector pods) {
  PeerRule peer;
  peer.pods = std::move(pods);
  if (kube_namespace == own_) return peer;
  peer.namespaces = LabelSelector{{{kNamespaceNameLabel, kube_namespace}}, {}};
  if (dialect_ != PolicyDialect::kCilium && lacks_name_label(selectors_, kube_namespace)) {
    caveats_.insert(
        fmt::format("namespace {0} has no label {1}, which Kubernetes sets since 1.21: rules for "
                    "its pods match "
                    "nobody before `kubectl label namespace {0} {1}={0}`",
                    one_line(kube_namespace), kNamespaceNameLabel));
  }
  return peer;
}

std::vector<PeerRule> PeerForms::blocks(const std::set<IpAddress>& addresses) {
  std::vector<PeerRule> peers;
  for (const IpAddress& address : addresses) {
    peers.emplace_back().block = IpBlock{IpNetwork(address, 128), {}};
  }
  return peers;
}

std::vector<PeerRule> PeerForms::nodes(const std::set<IpAddress>& addresses) const {
  if (dialect_ != PolicyDialect::kCilium) return blocks(addresses);
  return {entity("host"), entity("remote-node")};
}

std::vector<PeerRule> PeerForms::kubelets(const std::set<IpAddress>& addresses) const {
  if (dialect_ != PolicyDialect::kCilium) return blocks(addresses);
  return {entity("host")};
}

std::vector<PeerRule> PeerForms::api_server(const std::set<IpAddress>& addresses) const {
  if (dialect_ != PolicyDialect::kCilium) return blocks(addresses);
  return {entity("kube-apiserver")};
}

std::vector<PeerRule> PeerForms::pods(const PodOwner& owner, const std::set<IpAddress>& addresses) {
  const OwnerSelector& proven = selectors_.of(owner);
  if (!proven.note.empty()) {
    caveats_.insert(fmt::format("the peer {}: {}", owner.text(), proven.note));
  }
  if (!proven.selector.empty()) return {pods_of(owner.kube_namespace, proven.selector)};
  if (dialect_ == PolicyDialect::kCilium) {
    caveats_.insert(fmt::format("no rule for {}: in Cilium only labels select pods", owner.text()));
    return {};
  }
  caveats_.insert(fmt::format(
      "the rule for {} has its address, which is another pod's when it is gone", owner.text()));
  return blocks(addresses);
}

// Whatever its pods are, they have its selector's labels.
std::vector<PeerRule> PeerForms::service(const TrafficEnd& end,
                                         const std::set<IpAddress>& addresses) {
  for (const KubeService& service : selectors_.index().inventory().services) {
    if (service.kube_namespace + '/' + service.name != end.service) continue;
    // What is no label could mean more in a dialect that writes selectors as expressions.
    if (!service.selector.empty() && are_labels(service.selector)) {
      return {pods_of(service.kube_namespace, {service.selector, {}})};
    }
  }
  caveats_.insert("nothing is known behind service " + end_text(end) +
                  ": a rule for its own address works only where policies see it");
  return blocks(addresses);
}

std::vector<PeerRule> PeerForms::of(const TrafficEnd& end, const std::set<IpAddress>& addresses,
                                    bool egress) {
  if (dialect_ == PolicyDialect::kNftables) return blocks(addresses);
  const bool is_api = egress && end.service == kApiService;
  switch (end.kind) {
    case Kind::kPod:
      return pods(PodOwner::of(end), addresses);
    case Kind::kHost:
      return is_api ? api_server(addresses) : nodes(addresses);
    case Kind::kService:
      return service(end, addresses);
    case Kind::kLoopback:
      return {};
    case Kind::kOutside:
    case Kind::kUnknown:
      break;
  }
  if (is_api) return api_server(addresses);
  std::vector<PeerRule> names;
  if (fqdn_ && egress && dialect_ == PolicyDialect::kCilium) {
    for (const std::string& name : end.names) names.emplace_back().fqdns = {name};
  }
  if (!names.empty()) return names;
  if (end.may_be_pod && dialect_ == PolicyDialect::kCilium) {
    caveats_.insert(fmt::format(
        "{}: in Cilium blocks of addresses never match pods, so a pod that has it stays cut off",
        end_text(end)));
  }
  return blocks(addresses);
}

}  // namespace ig
