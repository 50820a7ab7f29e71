// SPDX-License-Identifier: Apache-2.0
#include "advisors/network/evaluator/policy_atoms.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "advisors/network/evaluator/address_atoms.h"
#include "advisors/network/readers/policy_dialects.h"
#include "advisors/network/well_known.h"
#include "base/text.h"

namespace ig {
namespace {

constexpr std::size_t kMostExamples = 64;   // of one selector
constexpr std::size_t kMostMeetings = 400;  // pods that two subjects choose

// What a requirement needs the label to be; nothing: that it is not there.
std::optional<std::string> value_for(const LabelRequirement& requirement) {
  const auto& op = requirement.op;
  if (op == "Exists") return "any";
  if (op.starts_with("Not") || op == "DoesNotExist" || requirement.values.empty()) {
    return std::nullopt;
  }
  return requirement.values.front();  // In, and the whole of StartsWith, EndsWith, Contains
}

std::optional<Labels> matching_example(const LabelSelector& selector) {
  Labels labels = selector.labels;
  for (const auto& requirement : selector.expressions) {
    if (const auto value = value_for(requirement)) labels.emplace(requirement.key, *value);
  }
  if (selector.matches(labels)) return labels;
  return std::nullopt;
}

// A namespace, as far as policies tell namespaces apart.
struct Place {
  std::string name;  // for readers
  TrafficEnd end;    // with its namespace filled in
  bool operator<(const Place& other) const { return name < other.name; }
};

Place named_place(const std::string& name) {
  Place place{name, {}};
  place.end.kube_namespace = name;
  return place;
}

std::string labels_text(const Labels& labels) {
  std::vector<std::string> parts;
  for (const auto& [key, value] : labels) parts.push_back(key + '=' + value);
  return join(parts, ",");
}

Place labelled_place(const Labels& labels) {
  const auto named = labels.find(kNamespaceNameLabel);
  if (named != labels.end() && labels.size() == 1) return named_place(named->second);
  Place place{labels.empty() ? "other namespaces" : "namespaces " + labels_text(labels), {}};
  place.end.kube_namespace = named != labels.end() ? named->second : '(' + place.name + ')';
  place.end.namespace_labels = labels;
  return place;
}

// Every selector of pods, with the namespaces it looks into.
struct PodSelector {
  std::optional<LabelSelector> namespaces;
  std::string own_namespace;
  LabelSelector pods;

  std::set<Place> places() const {
    if (!namespaces) return {named_place(own_namespace)};
    std::set<Place> places;
    for (const auto& labels : examples_of(*namespaces)) places.insert(labelled_place(labels));
    return places;
  }
};

// In no block that policies mention, but for those of all addresses.
IpAddress plain_address(const std::set<IpNetwork>& networks) {
  for (const auto& atom : address_atoms(networks)) {
    if (atom.network.length() == 0 && !atom.network.is_v6()) return atom.address;
  }
  return *IpAddress::parse("192.0.2.254");
}

PolicyAtom pod_atom(const Place& place, const Labels& labels, const PortSpace& ports) {
  PolicyAtom atom;
  atom.group = place.name;
  atom.name = labels.empty() ? fmt::format("other pods of {}", place.name)
                             : fmt::format("pods {} of {}", labels_text(labels), place.name);
  atom.end = place.end;
  atom.end.kind = TrafficEnd::Kind::kPod;
  atom.end.labels = labels;
  atom.end.pod = atom.name;
  atom.end.pod_uid = atom.name;
  atom.end.ports = ports.named_ports();
  atom.end.labels_known = atom.end.namespace_known = atom.end.ports_known = true;
  return atom;
}

using Pods = std::map<std::string, PolicyAtom>;

void add_pods(Pods& pods, const PodSelector& selector, const PortSpace& ports) {
  for (const auto& place : selector.places()) {
    for (const auto& labels : examples_of(selector.pods)) {
      auto atom = pod_atom(place, labels, ports);
      pods.emplace(atom.name, std::move(atom));
    }
  }
}

template <typename Visit>
void each_peer(const std::vector<PeerRule>& peers, const Visit& visit) {
  for (const auto& peer : peers) {
    visit(peer);
    each_peer(peer.except, visit);
  }
}

template <typename Visit>
void each_peer(const Policy& policy, const Visit& visit) {
  for (const auto* rules : {&policy.ingress, &policy.egress}) {
    for (const auto& rule : *rules) {
      each_peer(rule.peers, visit);
      each_peer(rule.own, visit);
    }
  }
}

std::optional<Labels> both(const Labels& one, const Labels& other) {
  Labels labels = one;
  for (const auto& [key, value] : other) {
    if (const auto [at, is_new] = labels.emplace(key, value); !is_new && at->second != value) {
      return std::nullopt;
    }
  }
  return labels;
}

// False where there are too many.
bool add_meetings(Pods& pods, const PortSpace& ports) {
  std::vector<PolicyAtom> single;
  for (const auto& [name, atom] : pods) single.push_back(atom);
  std::size_t count = 0;
  for (std::size_t i = 0; i < single.size(); ++i) {
    for (std::size_t j = i + 1; j < single.size(); ++j) {
      if (single[i].group != single[j].group) continue;
      const auto labels = both(single[i].end.labels, single[j].end.labels);
      if (!labels || *labels == single[i].end.labels || *labels == single[j].end.labels) continue;
      if (++count > kMostMeetings) return false;
      auto atom = pod_atom({single[i].group, single[i].end}, *labels, ports);
      pods.emplace(atom.name, std::move(atom));
    }
  }
  return true;
}

PolicyAtom other_atom(std::string name, TrafficEnd::Kind kind) {
  PolicyAtom atom;
  atom.kind = PolicyAtom::Kind::kOther;
  atom.name = std::move(name);
  atom.end.kind = kind;
  return atom;
}

void add_others(std::vector<PolicyAtom>& atoms, std::span<const Policy> policies) {
  std::set<std::string> names, services;
  bool nodes = false, api_server = false;
  for (const auto& policy : policies) {
    each_peer(policy, [&](const PeerRule& peer) {
      names.insert(peer.fqdns.begin(), peer.fqdns.end());
      if (!peer.service.empty()) services.insert(peer.service);
      nodes |= peer.nodes.has_value() || !peer.entity.empty();
      api_server |= peer.entity == "kube-apiserver";
    });
  }
  for (const auto& name : names) {
    auto& atom = atoms.emplace_back(other_atom("the name " + name, TrafficEnd::Kind::kOutside));
    std::string example = name;
    std::ranges::replace(example, '*', 'x');
    atom.end.names = {example};
  }
  for (const auto& service : services) {
    auto& atom =
        atoms.emplace_back(other_atom("the service " + service, TrafficEnd::Kind::kOutside));
    atom.end.service = service;
  }
  if (api_server) {
    auto& atom = atoms.emplace_back(other_atom("the API server", TrafficEnd::Kind::kOutside));
    atom.end.service = kApiService;
  }
  if (nodes) {
    auto& atom = atoms.emplace_back(other_atom("other nodes", TrafficEnd::Kind::kHost));
    atom.end.node = "other";
  }
}

}  // namespace

std::vector<Labels> examples_of(const LabelSelector& selector) {
  std::set<Labels> examples = {{}};
  const auto base = matching_example(selector);
  if (base) examples.insert(*base);
  for (const auto& requirement : selector.expressions) {
    auto values = requirement.values;
    if (values.empty()) values.emplace_back("any");
    for (const auto& value : values) {
      auto labels = base.value_or(selector.labels);
      labels[requirement.key] = value;
      examples.insert(std::move(labels));
      if (examples.size() >= kMostExamples) return {examples.begin(), examples.end()};
    }
  }
  return {examples.begin(), examples.end()};
}

PolicyAtoms::PolicyAtoms(std::span<const Policy> policies, const PortSpace& ports) {
  Pods subjects, pods;
  for (const auto& policy : policies) {
    if (policy.nodes) continue;
    std::vector<SelectedPods> selected = policy.or_pods;
    selected.push_back({policy.namespaces, policy.pods});
    for (const auto& one : selected) {
      add_pods(subjects, {one.namespaces, policy.kube_namespace, one.pods}, ports);
    }
    each_peer(policy, [&](const PeerRule& peer) {
      if (!peer.pods && !peer.namespaces) return;
      add_pods(pods, {peer.namespaces, policy.kube_namespace, peer.pods.value_or(LabelSelector{})},
               ports);
    });
  }
  pods.insert(subjects.begin(), subjects.end());
  auto elsewhere = pod_atom(labelled_place({}), {}, ports);
  pods.emplace(elsewhere.name, elsewhere);
  if (!add_meetings(subjects, ports)) {
    caveats_.emplace_back("there are too many selectors to look at pods that several choose");
  }
  for (auto& [name, atom] : pods) peers_.push_back(std::move(atom));
  for (auto& [name, atom] : subjects) subjects_.push_back(std::move(atom));
  add_others(peers_, policies);
  const auto networks = networks_of(policies);
  const auto plain = plain_address(networks);
  for (auto* atoms : {&peers_, &subjects_}) {
    for (auto& atom : *atoms) atom.end.address = plain;
  }
  for (auto& atom : address_atoms(networks)) {
    TrafficEnd end;
    end.kind = TrafficEnd::Kind::kOutside;
    end.address = atom.address;
    peers_.push_back({PolicyAtom::Kind::kAddress, std::move(atom.name), "", std::move(end)});
  }
}

}  // namespace ig
