// SPDX-License-Identifier: Apache-2.0
#include "advisors/network/drafts/network_subject.h"

#include <algorithm>
#include <map>

namespace ig {
namespace {

using Kind = TrafficEnd::Kind;

bool in_inventory(const TrafficEnd& end) { return !end.pod.empty() && end.reason.empty(); }

std::string labels_key(const TrafficEnd& end) {
  std::string key = "labels " + end.kube_namespace;
  const Labels labels = selecting_labels(end.labels);
  // Without labels nothing says which pods are replicas of each other.
  if (labels.empty()) return "pod " + end.kube_namespace + '/' + end.pod;
  for (const auto& [name, value] : labels) key += '\n' + name + '=' + value;
  return key;
}

std::string name_by_labels(const TrafficEnd& end, const Labels& labels) {
  for (const char* key : {"app.kubernetes.io/name", "app", "k8s-app"}) {
    const auto found = labels.find(key);
    if (found != labels.end() && !found->second.empty()) return found->second;
  }
  return end.pod;
}

NetworkSubject start_subject(const TrafficEnd& end, const SubjectKeys& keys) {
  NetworkSubject subject;
  subject.key = keys.of(end);
  subject.kube_namespace = end.kube_namespace;
  // A container that only its runtime tells of is a pod without a namespace in the inventory.
  subject.in_kubernetes = !end.pod.empty() && !end.kube_namespace.empty();
  subject.on_node_network = end.kind == Kind::kHost;
  if (subject.in_kubernetes) subject.owner = keys.owner_of(end);
  if (!subject.in_kubernetes) {
    subject.name = end.pod.empty() ? end.workload : end.pod;
  } else if (subject.owner) {
    subject.name = subject.owner->name;
  } else {
    subject.labels = selecting_labels(end.labels);
    subject.name = name_by_labels(end, subject.labels);
  }
  return subject;
}

}  // namespace

SubjectKeys::SubjectKeys(OwnerSelectors& selectors) {
  for (const PodOwner& owner : selectors.owners()) {
    const OwnerSelector& proven = selectors.of(owner);
    if (proven.exact) proven_[owner.kube_namespace].emplace_back(owner, proven.selector);
  }
}

std::optional<PodOwner> SubjectKeys::owner_of(const TrafficEnd& end) const {
  if (end.pod.empty()) return std::nullopt;
  if (in_inventory(end)) return PodOwner::of(end);
  const auto candidates = proven_.find(end.kube_namespace);
  std::optional<PodOwner> found;
  if (candidates == proven_.end() || end.labels.empty()) return found;
  for (const auto& [owner, selector] : candidates->second) {
    if (!selector.matches(end.labels)) continue;
    if (found) return std::nullopt;
    found = owner;
  }
  return found;
}

std::string SubjectKeys::of(const TrafficEnd& end) const {
  if (end.pod.empty()) return end.workload.empty() ? "" : "workload " + end.workload;
  if (end.kind != Kind::kPod && end.kind != Kind::kHost) return "";
  const auto known = owner_of(end);
  if (end.kind == Kind::kPod && !known) return labels_key(end);
  const PodOwner owner = known.value_or(PodOwner::of(end));
  const std::string name = owner.kube_namespace + '/' + owner.kind + '/' + owner.name;
  return (end.kind == Kind::kHost ? "node network " : "owner ") + name;
}

std::vector<NetworkSubject> subjects_by_owner(std::span<const RecordedWorkload> workloads,
                                              const TrafficResolver& resolver,
                                              const SubjectKeys& keys) {
  std::map<std::string, std::size_t> known;
  std::vector<NetworkSubject> subjects;
  for (const RecordedWorkload& recorded : workloads) {
    const TrafficEnd end = resolver.own_end(recorded);
    const auto [entry, is_new] = known.try_emplace(keys.of(end), subjects.size());
    if (is_new) subjects.push_back(start_subject(end, keys));
    subjects[entry->second].workloads.push_back(recorded);
  }
  return subjects;
}

std::vector<NetworkSubject> subjects_by_network(std::span<const RecordedWorkload> workloads) {
  std::vector<NetworkSubject> subjects;
  const auto shares = [](const NetworkSubject& subject, const RecordedWorkload& one) {
    return one.workload.netns_id != 0 &&
           std::ranges::any_of(subject.workloads, [&](const RecordedWorkload& other) {
             return other.recording == one.recording &&
                    other.workload.netns_id == one.workload.netns_id &&
                    other.workload.first_seen_ns <= one.workload.last_seen_ns &&
                    one.workload.first_seen_ns <= other.workload.last_seen_ns;
           });
  };
  // The same container, of another recording.
  const auto continues = [](const NetworkSubject& subject, const RecordedWorkload& one) {
    return std::ranges::all_of(subject.workloads, [&](const RecordedWorkload& other) {
      return other.recording != one.recording && other.workload.name == one.workload.name &&
             other.workload.kind == one.workload.kind && other.workload.pod == one.workload.pod;
    });
  };
  for (const RecordedWorkload& recorded : workloads) {
    auto found = std::ranges::find_if(
        subjects, [&](const NetworkSubject& subject) { return shares(subject, recorded); });
    if (found == subjects.end()) {
      found = std::ranges::find_if(
          subjects, [&](const NetworkSubject& subject) { return continues(subject, recorded); });
    }
    if (found == subjects.end()) {
      NetworkSubject subject;
      subject.name = recorded.workload.name;
      subject.kube_namespace = recorded.workload.kube_namespace;
      subject.in_kubernetes = !recorded.workload.pod.empty();
      found = subjects.insert(subjects.end(), std::move(subject));
    }
    found->workloads.push_back(recorded);
  }
  return subjects;
}

}  // namespace ig
