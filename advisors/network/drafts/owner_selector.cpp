// SPDX-License-Identifier: Apache-2.0
#include "advisors/network/drafts/owner_selector.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <set>
#include <string_view>

#include "advisors/advice_text.h"

namespace ig {
namespace {

// Set by controllers and nodes: a policy that selected by one would miss the next replica.
constexpr std::array<std::string_view, 18> kPassingLabels = {
    "controller-revision-hash",
    "pod-template-generation",
    "pod-template-hash",
    "rollouts-pod-template-hash",
    "statefulset.kubernetes.io/pod-name",
    "apps.kubernetes.io/pod-index",
    "batch.kubernetes.io/controller-uid",
    "batch.kubernetes.io/job-name",
    "batch.kubernetes.io/job-completion-index",
    "controller-uid",
    "job-name",
    "deploymentconfig.kubernetes.io/revision",
    "topology.kubernetes.io/region",
    "topology.kubernetes.io/zone",
    "failure-domain.beta.kubernetes.io/region",
    "failure-domain.beta.kubernetes.io/zone",
    "kubernetes.io/hostname",
    "maintainer"};

// They change with the next release, unless the owner itself selects by them, which it does for
// ever.
constexpr std::array<std::string_view, 6> kVersionLabels = {
    "version", "app.kubernetes.io/version", "helm.sh/chart",
    "chart",   "release-version",           "service.istio.io/canonical-revision"};

// Of container runtimes, not of the pod.
constexpr std::array<std::string_view, 5> kForeignPrefixes = {
    "io.kubernetes.", "io.cri-containerd", "io.container.", "io.podman.", "org.opencontainers."};

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// The form of a label's value, and of its key after the prefix.
bool is_label_word(std::string_view word, bool may_be_empty) {
  if (word.empty()) return may_be_empty;
  return word.size() <= 63 && is_alphanumeric(word.front()) && is_alphanumeric(word.back()) &&
         std::ranges::all_of(
             word, [](char c) { return is_alphanumeric(c) || c == '-' || c == '_' || c == '.'; });
}

bool is_label(std::string_view key, std::string_view value) {
  const auto slash = key.find('/');
  const bool has_prefix = slash != key.npos;
  const std::string_view prefix = has_prefix ? key.substr(0, slash) : "x";
  const std::string_view name = has_prefix ? key.substr(slash + 1) : key;
  return is_label_word(prefix, false) && is_label_word(name, false) && is_label_word(value, true);
}

bool is_passing(std::string_view key) { return std::ranges::count(kPassingLabels, key) != 0; }
bool is_version(std::string_view key) { return std::ranges::count(kVersionLabels, key) != 0; }

std::string value_of(const Labels& labels, const std::string& key) {
  const auto found = labels.find(key);
  return found == labels.end() ? "" : found->second;
}

Labels common_labels(const std::vector<const KubePod*>& pods) {
  Labels common = pods.front()->labels;
  for (const KubePod* pod : pods) {
    std::erase_if(common, [&](const auto& label) {
      const auto found = pod->labels.find(label.first);
      return found == pod->labels.end() || found->second != label.second;
    });
  }
  return common;
}

Labels both(const Labels& a, const Labels& b) {
  Labels out;
  for (const auto& [key, value] : a) {
    const auto found = b.find(key);
    if (found != b.end() && found->second == value) out.emplace(key, value);
  }
  return out;
}

Labels joined(Labels a, const Labels& b) {
  a.insert(b.begin(), b.end());
  return a;
}

Labels without_versions(Labels labels) {
  std::erase_if(labels, [](const auto& label) { return is_version(label.first); });
  return labels;
}

Labels stable_labels(const Labels& labels) {
  Labels stable;
  for (const auto& [key, value] : labels) {
    const bool foreign = std::ranges::any_of(
        kForeignPrefixes, [&](std::string_view prefix) { return key.starts_with(prefix); });
    if (!foreign && !is_passing(key) && is_label(key, value)) stable[key] = value;
  }
  return stable;
}

// Sets of labels that might do, the fewest first.
std::vector<Labels> candidates(const std::vector<const KubePod*>& pods, const KubeOwner* owner) {
  const Labels stable = stable_labels(common_labels(pods));
  if (owner == nullptr) return {without_versions(stable)};
  const Labels selector = both(stable, owner->selector.labels);
  const Labels made_with = both(stable, owner->template_labels);
  const Labels some = without_versions(selector);
  const Labels more = joined(some, without_versions(made_with));
  return {some, more, joined(some, selector), joined(more, selector)};
}

// What single pods are called by. Stays true for them, and for them alone.
LabelSelector by_name(const PodOwner& owner, const std::vector<const KubePod*>& pods) {
  if (owner.kind == "Job") {
    for (const char* key : {"batch.kubernetes.io/job-name", "job-name"}) {
      const std::string value = value_of(common_labels(pods), key);
      if (!value.empty() && is_label(key, value)) return {{{key, value}}, {}};
    }
  }
  constexpr const char* kPodName = "statefulset.kubernetes.io/pod-name";
  std::set<std::string> names;
  for (const KubePod* pod : pods) names.insert(value_of(pod->labels, kPodName));
  const bool usable = std::ranges::all_of(
      names, [&](const auto& name) { return !name.empty() && is_label(kPodName, name); });
  if (!usable) return {};
  if (names.size() == 1) return {{{kPodName, *names.begin()}}, {}};
  return {{}, {{kPodName, "In", {names.begin(), names.end()}}}};
}

std::string labels_text(const Labels& labels) {
  std::string text;
  for (const auto& [key, value] : labels) {
    text += fmt::format("{}{}={}", text.empty() ? "" : ", ", key, value);
  }
  return one_line(text);
}

PodOwner owner_of(const std::string& kube_namespace, const std::string& pod,
                  const OwnerReference& topmost) {
  if (topmost.kind.empty()) return {kube_namespace, "Pod", pod};
  return {kube_namespace, topmost.kind, topmost.name};
}

}  // namespace

PodOwner PodOwner::of(const TrafficEnd& pod) {
  return owner_of(pod.kube_namespace, pod.pod, pod.owner);
}

PodOwner PodOwner::of(const InventoryIndex& index, const KubePod& pod) {
  return owner_of(pod.kube_namespace, pod.name, index.topmost_owner(pod));
}

std::string PodOwner::text() const {
  return one_line(fmt::format("{} {}/{}", kind, kube_namespace, name));
}

std::string PodOwner::pods_text() const {
  return kind == "Pod" ? one_line(fmt::format("pod {}/{}", kube_namespace, name))
                       : "pods of " + text();
}

Labels selecting_labels(const Labels& labels) { return without_versions(stable_labels(labels)); }

bool are_labels(const Labels& labels) {
  return std::ranges::all_of(labels,
                             [](const auto& label) { return is_label(label.first, label.second); });
}

OwnerSelectors::OwnerSelectors(const InventoryIndex& index, const Validity& window)
    : index_(index), window_(window) {
  for (const KubePod& pod : index.inventory().pods) {
    if (!pod.valid.overlaps(window.from_ns, window.to_ns)) continue;
    pods_[PodOwner::of(index, pod)].push_back(&pod);
  }
  for (const KubeOwner& owner : index.inventory().owners) {
    const PodOwner top = owner_of(owner.kube_namespace, owner.name, index.topmost_owner(owner));
    const bool counts = !owner.template_labels.empty() && !pods_.contains(top) &&
                        owner.valid.overlaps(window.from_ns, window.to_ns);
    if (counts) templates_.push_back({top, &owner.template_labels});
  }
  std::ranges::sort(templates_, {}, &Choosable::owner);
}

const std::vector<const KubePod*>& OwnerSelectors::pods_of(const PodOwner& owner) const {
  static const std::vector<const KubePod*> kNone;
  const auto found = pods_.find(owner);
  return found == pods_.end() ? kNone : found->second;
}

std::vector<PodOwner> OwnerSelectors::owners() const {
  std::vector<PodOwner> owners;
  for (const auto& [owner, pods] : pods_) owners.push_back(owner);
  return owners;
}

bool OwnerSelectors::shares_name(const PodOwner& owner) const {
  return std::ranges::any_of(pods_, [&](const auto& entry) {
    return entry.first.kube_namespace == owner.kube_namespace && entry.first.name == owner.name &&
           entry.first.kind != owner.kind;
  });
}

const OwnerSelector& OwnerSelectors::of(const PodOwner& owner) {
  const auto found = proven_.find(owner);
  if (found != proven_.end()) return found->second;
  return proven_[owner] = prove(owner);
}

// No policy reaches a pod on its node's network.
std::vector<OwnerSelectors::Choosable> OwnerSelectors::strangers(const PodOwner& owner,
                                                                 const LabelSelector& by) const {
  std::vector<Choosable> found;
  const auto is_other = [&](const PodOwner& other) {
    return other != owner && other.kube_namespace == owner.kube_namespace;
  };
  for (const auto& [other, pods] : pods_) {
    if (!is_other(other)) continue;
    for (const KubePod* pod : pods) {
      if (!pod->host_network && by.matches(pod->labels)) found.push_back({other, &pod->labels});
    }
  }
  std::ranges::copy_if(templates_, std::back_inserter(found), [&](const Choosable& one) {
    return is_other(one.owner) && by.matches(*one.labels);
  });
  return found;
}

std::vector<PodOwner> OwnerSelectors::others(const PodOwner& owner, const LabelSelector& by) const {
  std::set<PodOwner> owners;
  for (const Choosable& one : strangers(owner, by)) owners.insert(one.owner);
  return {owners.begin(), owners.end()};
}

OwnerSelector OwnerSelectors::without(const PodOwner& owner, const Labels& labels,
                                      const std::vector<Choosable>& strangers) const {
  std::set<std::string> own_keys, keys;
  for (const KubePod* pod : pods_of(owner)) {
    for (const auto& [key, value] : pod->labels) own_keys.insert(key);
  }
  const KubeOwner* made_by = index_.owner(index_.topmost_owner(*pods_of(owner).front()));
  if (made_by != nullptr) {
    for (const auto& [key, value] : made_by->template_labels) own_keys.insert(key);
  }
  for (const Choosable& one : strangers) {
    const Labels telling = selecting_labels(*one.labels);
    const auto key = std::ranges::find_if(
        telling, [&](const auto& label) { return !own_keys.contains(label.first); });
    if (key == telling.end()) return {};
    keys.insert(key->first);
  }
  LabelSelector selector{labels, {}};
  for (const std::string& key : keys) selector.expressions.push_back({key, "DoesNotExist", {}});
  return {
      std::move(selector), true,
      fmt::format("{} also selects {}; so only pods without label {} are selected",
                  labels_text(labels), strangers.front().owner.pods_text(), fmt::join(keys, ", "))};
}

OwnerSelector OwnerSelectors::prove(const PodOwner& owner) const {
  const auto& pods = pods_of(owner);
  if (pods.empty()) return {{}, false, "the inventory knows no pod of it"};
  OwnerSelector last{{}, false, "its pods have no labels of their own"};
  std::vector<Choosable> chosen_too;
  for (const Labels& labels : candidates(pods, index_.owner(index_.topmost_owner(*pods.front())))) {
    if (labels.empty()) continue;
    LabelSelector selector{labels, {}};
    chosen_too = strangers(owner, selector);
    if (chosen_too.empty()) return {std::move(selector), true, ""};
    last.note = fmt::format("{} also selects {}", labels_text(labels),
                            chosen_too.front().owner.pods_text());
    last.selector = std::move(selector);
  }
  if (last.selector.empty()) return named_or(owner, std::move(last));
  OwnerSelector apart = without(owner, last.selector.labels, chosen_too);
  return apart.exact ? apart : named_or(owner, std::move(last));
}

// By the names of its pods, where their labels tell them; else `last`.
OwnerSelector OwnerSelectors::named_or(const PodOwner& owner, OwnerSelector last) const {
  LabelSelector named = by_name(owner, pods_of(owner));
  if (named.empty() || !strangers(owner, named).empty()) return last;
  const bool whole = owner.kind == "Job";
  return {std::move(named), true,
          last.note + (whole ? "; so it is selected by the job's name"
                             : "; so its pods are selected by name, and a replica that is added "
                               "later is not")};
}

}  // namespace ig
