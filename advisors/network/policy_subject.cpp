// SPDX-License-Identifier: Apache-2.0
#include "advisors/network/policy_subject.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <tuple>

namespace ig {
namespace {

// Set by controllers and nodes: a policy that selected by one would miss the next replica.
constexpr std::array<std::string_view, 17> kPassingLabels = {
    "controller-revision-hash",
    "pod-template-generation",
    "pod-template-hash",
    "statefulset.kubernetes.io/pod-name",
    "apps.kubernetes.io/pod-index",
    "batch.kubernetes.io/controller-uid",
    "batch.kubernetes.io/job-name",
    "batch.kubernetes.io/job-completion-index",
    "controller-uid",
    "job-name",
    "topology.kubernetes.io/region",
    "topology.kubernetes.io/zone",
    "failure-domain.beta.kubernetes.io/region",
    "failure-domain.beta.kubernetes.io/zone",
    "kubernetes.io/hostname",
    "maintainer",
    "version"};

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

bool in_kubernetes(const Workload& workload) { return !workload.pod.empty(); }

std::string pod_subject_name(const Workload& workload,
                             const std::map<std::string, std::string>& labels) {
  for (const char* key : {"app.kubernetes.io/name", "app", "k8s-app"}) {
    const auto found = labels.find(key);
    if (found != labels.end() && !found->second.empty()) return found->second;
  }
  return in_kubernetes(workload) ? workload.pod : workload.name;
}

}  // namespace

std::map<std::string, std::string> selecting_labels(const Workload& workload) {
  std::map<std::string, std::string> labels;
  for (const auto& [key, value] : workload.labels) {
    const bool foreign = std::ranges::any_of(
        kForeignPrefixes, [&](std::string_view prefix) { return key.starts_with(prefix); });
    const bool passing = std::ranges::find(kPassingLabels, key) != kPassingLabels.end();
    if (!foreign && !passing && is_label(key, value)) labels[key] = value;
  }
  return labels;
}

std::vector<PolicySubject> group_by_pods(const std::vector<Workload>& workloads) {
  using Key = std::tuple<std::string, std::map<std::string, std::string>, std::string>;
  std::map<Key, std::size_t> known;
  std::vector<PolicySubject> subjects;
  for (const Workload& workload : workloads) {
    const auto labels =
        in_kubernetes(workload) ? selecting_labels(workload) : std::map<std::string, std::string>();
    // Without labels nothing says which pods are replicas of each other.
    const std::string lone = !labels.empty()           ? ""
                             : in_kubernetes(workload) ? workload.pod
                                                       : "/" + std::to_string(workload.id);
    const auto [entry, is_new] =
        known.try_emplace(Key{workload.kube_namespace, labels, lone}, subjects.size());
    if (is_new) {
      subjects.push_back({{}, pod_subject_name(workload, labels), labels});
    }
    subjects[entry->second].workloads.push_back(workload);
  }
  return subjects;
}

std::vector<PolicySubject> group_by_network(const std::vector<Workload>& workloads) {
  std::vector<PolicySubject> subjects;
  const auto shares = [](const PolicySubject& subject, const Workload& workload) {
    return workload.netns_id != 0 &&
           std::ranges::any_of(subject.workloads, [&](const Workload& other) {
             return other.netns_id == workload.netns_id &&
                    other.first_seen_ns <= workload.last_seen_ns &&
                    workload.first_seen_ns <= other.last_seen_ns;
           });
  };
  for (const Workload& workload : workloads) {
    const auto found = std::ranges::find_if(
        subjects, [&](const PolicySubject& subject) { return shares(subject, workload); });
    if (found != subjects.end()) {
      found->workloads.push_back(workload);
    } else {
      subjects.push_back({{workload}, workload.name, {}});
    }
  }
  return subjects;
}

}  // namespace ig
