// SPDX-License-Identifier: Apache-2.0
#include "advisors/network/readers/calico_peers.h"

#include <algorithm>

#include "advisors/network/well_known.h"

namespace ig {
namespace {

constexpr std::size_t kMostPeers = 20'000;

// Labels that Calico gives pods and namespaces beside their own.
constexpr std::string_view kOwnNamespace = "projectcalico.org/namespace";
constexpr std::string_view kNameOfNamespace = "projectcalico.org/name";
constexpr std::string_view kOrchestrator = "projectcalico.org/orchestrator";

LabelRequirement namespace_requirement(LabelRequirement requirement) {
  if (requirement.key == kNameOfNamespace) requirement.key = kNamespaceNameLabel;
  return requirement;
}

// What holds for every pod or for none, so that no label has to be made up.
bool holds_for_pods(CalicoTerm& term) {
  if (term.global) return false;
  bool holds = true;
  std::erase_if(term.requirements, [&](const LabelRequirement& requirement) {
    if (requirement.key != kOrchestrator) return false;
    holds &= LabelSelector{{}, {requirement}}.matches({{std::string(kOrchestrator), "k8s"}});
    return true;
  });
  return holds;
}

LabelSelector selector_of(const CalicoTerm& term) {
  LabelSelector selector;
  for (const auto& one : term.requirements) {
    selector.expressions.push_back(namespace_requirement(one));
  }
  return selector;
}

std::optional<std::vector<PeerRule>> with_networks(const std::vector<PeerRule>& peers,
                                                   const std::vector<PolicyNode>& networks,
                                                   const PolicyNode& node) {
  std::vector<PeerRule> all;
  if (peers.size() * networks.size() > kMostPeers) node.refuse("it has too many peers");
  for (const auto& peer : peers) {
    for (const auto& network : networks) {
      const auto read = read_network(network);
      if (peer.block && !peer.block->network.contains(read) &&
          !read.contains(peer.block->network)) {
        continue;
      }
      all.push_back(peer);
      if (!peer.block || peer.block->network.contains(read)) all.back().block = IpBlock{read, {}};
    }
  }
  if (all.empty()) return std::nullopt;
  return all;
}

}  // namespace

std::vector<CalicoTerm> read_calico_selector(const PolicyNode& node) {
  auto terms = parse_calico_selector(node.text());
  if (!terms) node.refuse(terms.error().message);
  return std::move(*terms);
}

// Some keys of a selector of pods speak of the pod's namespace.
CalicoPeers::One CalicoPeers::pods_within(const CalicoTerm& term,
                                          std::optional<LabelSelector> namespaces) const {
  One one;
  for (auto requirement : term.requirements) {
    const bool of_namespace = requirement.key == kOwnNamespace;
    if (of_namespace || requirement.key.starts_with("pcns.")) {
      if (!namespaces)
        namespaces = LabelSelector{{{kNamespaceNameLabel, policy_.kube_namespace}}, {}};
      requirement.key = of_namespace ? kNamespaceNameLabel : requirement.key.substr(5);
      namespaces->expressions.push_back(namespace_requirement(std::move(requirement)));
    } else if (requirement.key.starts_with("pcsa.")) {
      one.unknown = "labels of service accounts";
    } else {
      one.pods.pods.expressions.push_back(std::move(requirement));
    }
  }
  one.pods.namespaces = std::move(namespaces);
  return one;
}

std::vector<CalicoPeers::One> CalicoPeers::pods_of(CalicoTerm term,
                                                   const std::vector<CalicoTerm>* scopes) const {
  std::vector<One> all;
  if (!holds_for_pods(term)) return all;
  if (!scopes) {
    all.push_back(pods_within(term, global_ ? std::optional(LabelSelector{}) : std::nullopt));
    return all;
  }
  for (const auto& scope : *scopes) {
    if (!scope.global) all.push_back(pods_within(term, selector_of(scope)));
  }
  return all;
}

CalicoPeers::Selected CalicoPeers::select(const std::vector<CalicoTerm>& terms,
                                          const std::vector<CalicoTerm>* scopes) const {
  Selected selected;
  for (const auto& term : terms) {
    for (auto& one : pods_of(term, scopes)) {
      if (!one.unknown.empty()) selected.unknown = std::move(one.unknown);
      selected.pods.push_back(std::move(one.pods));
    }
  }
  return selected;
}

// "A selector in a namespaced policy is about its own namespace, unless there is a
// namespaceSelector"; in a global policy it is about everything.
std::vector<PeerRule> CalicoPeers::pods_and_sets(
    const std::optional<PolicyNode>& selector, const std::optional<PolicyNode>& namespaces) const {
  const auto terms = selector ? read_calico_selector(*selector) : std::vector<CalicoTerm>{{}};
  const auto scopes = namespaces ? read_calico_selector(*namespaces) : std::vector<CalicoTerm>{};
  std::vector<PeerRule> peers;
  for (const auto& term : terms) {
    for (auto& one : pods_of(term, namespaces ? &scopes : nullptr)) {
      auto& peer = peers.emplace_back();
      peer.namespaces = std::move(one.pods.namespaces);
      peer.pods = std::move(one.pods.pods);
      peer.unknown = std::move(one.unknown);
    }
    add_sets(peers, term, namespaces ? &scopes : nullptr);
    if (peers.size() > kMostPeers) throw PolicyUnfit("a rule has too many peers");
  }
  return peers;
}

void CalicoPeers::add_sets(std::vector<PeerRule>& peers, const CalicoTerm& term,
                           const std::vector<CalicoTerm>* scopes) const {
  for (const auto& set : context_.network_sets) {
    if (!set_is_meant(set, term, scopes)) continue;
    for (const auto& network : set.networks) {
      auto& peer = peers.emplace_back();
      peer.block = IpBlock{network, {}};
      peer.comment = "network set " + set.name;
    }
  }
}

// Of a namespace only the name is known here.
bool CalicoPeers::set_is_meant(const PolicyContext::NetworkSet& set, const CalicoTerm& term,
                               const std::vector<CalicoTerm>* scopes) const {
  auto labels = set.labels;
  const bool global = set.kube_namespace.empty();
  if (!global) labels[std::string(kOwnNamespace)] = set.kube_namespace;
  const bool named =
      (!term.global || global) && LabelSelector{{}, term.requirements}.matches(labels);
  if (!named) return false;
  if (!scopes) return global_ || set.kube_namespace == policy_.kube_namespace;
  return std::ranges::any_of(*scopes, [&](const CalicoTerm& scope) {
    if (global || scope.global) return global && scope.global;
    return selector_of(scope).matches({{kNamespaceNameLabel, set.kube_namespace}});
  });
}

std::string CalicoPeers::read_service(const PolicyNode& node) const {
  PolicyFields fields(node);
  const auto name = fields.need("name").text();
  auto within = fields.text("namespace", policy_.kube_namespace);
  fields.no_more();
  if (within.empty()) node.refuse("names no namespace");
  return within + '/' + name;
}

// Everything that a rule says of an end holds together; of several blocks, one.
std::optional<std::vector<PeerRule>> CalicoPeers::read(PolicyFields& fields) const {
  const auto selector = fields.find("selector");
  const auto not_selector = fields.find("notSelector");
  const auto namespaces = fields.find("namespaceSelector");
  const auto networks = fields.items("nets"), not_networks = fields.items("notNets");
  const auto accounts = fields.find("serviceAccounts");
  const auto services = fields.find("services");
  const auto domains = fields.items("domains");
  std::vector<PeerRule> peers;
  if (selector || namespaces) {
    peers = pods_and_sets(selector, namespaces);
    if (peers.empty()) return std::nullopt;
  } else {
    peers.emplace_back();
    if (accounts) peers = pods_and_sets(std::nullopt, std::nullopt);
  }
  if (!domains.empty() && (selector || namespaces)) fields.node().refuse("domains stand alone");
  if (services) peers.front().service = read_service(*services);
  for (const auto& domain : domains) peers.front().fqdns.push_back(domain.text());
  std::vector<PeerRule> except;
  if (not_selector) except = pods_and_sets(not_selector, namespaces);
  for (const auto& network : not_networks) {
    except.emplace_back().block = IpBlock{read_network(network), {}};
  }
  for (auto& peer : peers) {
    if (accounts) peer.unknown = "service accounts";
    peer.except = except;
  }
  const bool says_nothing =
      !selector && !namespaces && !accounts && !services && domains.empty() && except.empty();
  if (networks.empty()) return says_nothing ? std::vector<PeerRule>{} : std::move(peers);
  return with_networks(peers, networks, fields.node());
}

bool keep_family(std::vector<PeerRule>& peers, bool v6) {
  if (peers.empty()) peers.emplace_back();
  const auto every = *IpNetwork::parse(v6 ? "::/0" : "0.0.0.0/0");
  std::erase_if(
      peers, [&](const PeerRule& peer) { return peer.block && peer.block->network.is_v6() != v6; });
  for (auto& peer : peers) {
    if (!peer.block) peer.block = IpBlock{every, {}};
  }
  return !peers.empty();
}

}  // namespace ig
