// SPDX-License-Identifier: Apache-2.0
#include "advisors/network/drafts/network_draft.h"

#include <fmt/format.h>

#include <algorithm>

#include "advisors/advice_text.h"
#include "advisors/network/drafts/address_blocks.h"
#include "advisors/network/drafts/unseen_needs.h"

namespace ig {
namespace {

using Kind = TrafficEnd::Kind;

const char* kind_of(const NetworkOptions& options) {
  switch (options.dialect) {
    case PolicyDialect::kKubernetes:
      return "NetworkPolicy";
    case PolicyDialect::kCilium:
      return "CiliumNetworkPolicy";
    case PolicyDialect::kCalico:
      return options.staged ? "StagedNetworkPolicy" : "NetworkPolicy";
    case PolicyDialect::kNftables:
      break;
  }
  return "";
}

// What ran in no cluster may be a container that is to become a pod; with a cluster at hand, and of
// a service of the host, nobody thinks so.
bool may_become_pod(const NetworkSubject& subject, const Inventory& inventory) {
  const WorkloadKind kind = subject.workloads.front().workload.kind;
  return !knows_cluster(inventory) &&
         (kind == WorkloadKind::kContainer || kind == WorkloadKind::kCommand);
}

// Of a pod that the inventory lacks. False where they are known to select others as well.
bool select_by_recorded_labels(PolicyDraft& draft, const NetworkSubject& subject,
                               const OwnerSelectors& selectors) {
  draft.policy.pods.labels = subject.labels;
  if (subject.labels.empty()) {
    draft.policy.pods.labels = {{"app.kubernetes.io/name", draft.policy.name}};
    draft.caveats.insert(
        "the pod's labels were not recorded: podSelector needs them, and what stands there is a "
        "guess");
    return true;
  }
  const auto others = selectors.others({subject.kube_namespace, "", ""}, draft.policy.pods);
  if (others.empty()) return true;
  draft.caveats.insert(
      fmt::format("no policy: the inventory does not know its pod, and the labels of that also "
                  "select {}",
                  others.front().pods_text()));
  return false;
}

// False where no policy can select the subject's pods.
bool select_pods(PolicyDraft& draft, const NetworkSubject& subject, OwnerSelectors& selectors) {
  if (subject.on_node_network && subject.in_kubernetes) {
    draft.caveats.insert(
        "no policy: it uses its node's network, where network policies do not apply; a firewall of "
        "the node does (--format nftables)");
    return false;
  }
  if (!subject.in_kubernetes && !may_become_pod(subject, selectors.index().inventory())) {
    draft.caveats.insert(
        "no policy: it is no pod; a firewall of its machine fits it (--format nftables)");
    return false;
  }
  if (!subject.owner) return select_by_recorded_labels(draft, subject, selectors);
  const OwnerSelector& proven = selectors.of(*subject.owner);
  if (proven.exact) {
    if (!proven.note.empty()) draft.caveats.insert(proven.note);
    draft.policy.pods = proven.selector;
    return true;
  }
  draft.caveats.insert(fmt::format("no policy: no labels select its pods alone: {}", proven.note));
  return false;
}

void report_nodes(PolicyDraft& draft, std::span<const TrafficUse> uses, PolicyDialect dialect) {
  std::set<std::string> nodes;
  for (const TrafficUse& use : uses) {
    if (use.peer().kind == Kind::kHost && obstacle(use, dialect, false).empty()) {
      nodes.insert(one_line(use.peer().node));
    }
  }
  if (nodes.empty()) return;
  std::string text;
  for (const std::string& node : nodes) text += (text.empty() ? "" : ", ") + node;
  text = (nodes.size() == 1 ? "node " : "nodes ") + text;
  draft.caveats.insert(
      dialect == PolicyDialect::kCilium
          ? fmt::format("peers use the network of {}: Cilium names nodes only together", text)
          : fmt::format("peers use the network of {}: rules have the node's address, and whatever "
                        "runs there may use it",
                        text));
}

// toFQDNs is of use only where the DNS proxy reads the answers.
void read_names(PolicyDraft& draft, std::span<const TrafficUse> uses,
                const NetworkOptions& options) {
  const auto names = [](const PolicyRule& rule) {
    return std::ranges::any_of(rule.peers,
                               [](const PeerRule& peer) { return !peer.fqdns.empty(); });
  };
  if (!options.fqdn || std::ranges::none_of(draft.policy.egress, names)) return;
  std::set<std::uint16_t> ports;
  for (const TrafficUse& use : uses) {
    if (asks_names(use)) ports.insert(use.traffic->port);
  }
  bool reads = false;
  for (PolicyRule& rule : draft.policy.egress) {
    const bool of_pods =
        std::ranges::any_of(rule.peers, [](const PeerRule& peer) { return peer.pods.has_value(); });
    for (PortRule& port : rule.ports) {
      const auto* number = std::get_if<std::uint16_t>(&port.port);
      port.reads_names = of_pods && number != nullptr && !port.protocol.starts_with("ICMP") &&
                         (rule.block == "dns" || ports.contains(*number));
      reads |= port.reads_names;
    }
  }
  if (!reads) {
    draft.caveats.insert(
        "toFQDNs has no effect before a rule lets Cilium read what DNS answers: no DNS pods are "
        "known here");
  }
}

void join(PolicyDraft& draft, const Inventory& inventory, const std::set<IpAddress>& not_outside,
          std::size_t budget) {
  if (budget == 0) return;
  const TakenAddresses taken(inventory, not_outside);
  for (auto* rules : {&draft.policy.ingress, &draft.policy.egress}) {
    auto notes = join_blocks(*rules, budget, taken);
    draft.caveats.insert(notes.begin(), notes.end());
  }
  draft.index_rules();
}

}  // namespace

NetworkEvidence NetworkEvidence::of(OwnerSelectors& selectors, const SubjectKeys& keys,
                                    std::span<const Traffic> traffic) {
  NetworkEvidence evidence{selectors, {}, {}};
  for (const Traffic& one : traffic) {
    for (const bool egress : {false, true}) {
      const TrafficUse use{&one, egress};
      const std::string key = keys.of(use.own());
      if (!key.empty()) evidence.uses[key].push_back(use);
      const TrafficEnd& peer = use.peer();
      const bool outside = peer.kind == Kind::kOutside || peer.reason == kNoInventory;
      if (peer.address && !outside) evidence.not_outside.insert(*peer.address);
    }
  }
  return evidence;
}

PolicyDraft draft_for_pods(const NetworkSubject& subject, const std::string& name,
                           NetworkEvidence& evidence, std::span<const ResolvedName> names,
                           const NetworkOptions& options) {
  PolicyDraft draft;
  draft.policy.name = name;
  draft.policy.kube_namespace = subject.kube_namespace;
  draft.policy.kind = kind_of(options);
  draft.policy.is_staged = options.staged;
  if (!select_pods(draft, subject, evidence.selectors)) return draft;
  const auto& uses = evidence.uses[subject.key];
  PeerForms forms(evidence.selectors, options.dialect, subject.kube_namespace, options.fqdn);
  add_recorded(draft, uses, forms, {options.include_failed, options.name_recordings});
  const Inventory& inventory = evidence.selectors.index().inventory();
  join(draft, inventory, evidence.not_outside, options.budget);
  std::vector<TrafficUse> made_rules;
  std::ranges::copy_if(uses, std::back_inserter(made_rules), [&](const TrafficUse& use) {
    return obstacle(use, options.dialect, options.include_failed).empty();
  });
  add_unseen_needs(draft, forms, evidence.selectors, {subject.owner, made_rules, names},
                   options.blocks);
  report_nodes(draft, uses, options.dialect);
  if (options.dialect == PolicyDialect::kCilium) read_names(draft, uses, options);
  draft.caveats.insert(forms.caveats().begin(), forms.caveats().end());
  return draft;
}

PolicyDraft draft_of_addresses(std::span<const Traffic> traffic, const Inventory& inventory,
                               const NetworkOptions& options) {
  const InventoryIndex nothing{Inventory{}};
  OwnerSelectors selectors(nothing, {});
  PeerForms forms(selectors, PolicyDialect::kNftables, "", false);
  PolicyDraft draft;
  std::vector<TrafficUse> uses;
  for (const Traffic& one : traffic) uses.push_back({&one, one.seen_at_source});
  add_recorded(draft, uses, forms, {options.include_failed, options.name_recordings});
  join(draft, inventory, {}, options.budget);
  if (options.blocks.contains("dns")) {
    add_unseen_needs(draft, forms, selectors, {{}, uses, {}}, {"dns"});
  }
  return draft;
}

}  // namespace ig
