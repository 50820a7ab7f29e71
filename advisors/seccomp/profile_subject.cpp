// SPDX-License-Identifier: Apache-2.0
#include "advisors/seccomp/profile_subject.h"

#include <algorithm>
#include <array>
#include <utility>

#include "advisors/workload_choice.h"

namespace ig {
namespace {

constexpr std::array<std::pair<std::string_view, SubjectBy>, 4> kWays = {
    {{"workload", SubjectBy::kWorkload},
     {"name", SubjectBy::kName},
     {"image", SubjectBy::kImage},
     {"owner", SubjectBy::kOwner}}};

std::string label(const Workload& workload, const std::string& name) {
  const auto found = workload.labels.find(name);
  return found == workload.labels.end() ? "" : found->second;
}

// A pod's name without what its owner's controller added: "web-7d4b9-x2x1z" of a Deployment,
// "db-0" of a StatefulSet, "agent-x2x1z" of a DaemonSet.
std::string pod_owner(const Workload& workload) {
  for (const char* job : {"batch.kubernetes.io/job-name", "job-name"}) {
    if (const auto name = label(workload, job); !name.empty()) return name;
  }
  const auto without_last = [](const std::string& name) {
    const auto dash = name.rfind('-');
    return dash == std::string::npos || dash == 0 ? name : name.substr(0, dash);
  };
  const auto hash = label(workload, "pod-template-hash");
  if (!hash.empty()) {
    const auto replica_set = without_last(workload.pod);
    return replica_set.ends_with("-" + hash) ? without_last(replica_set) : replica_set;
  }
  const bool numbered = !label(workload, "statefulset.kubernetes.io/pod-name").empty();
  const bool of_daemons = !label(workload, "controller-revision-hash").empty();
  return numbered || of_daemons ? without_last(workload.pod) : workload.pod;
}

std::string key_of(const ProfileInstance& instance, SubjectBy by) {
  const auto& workload = instance.workload;
  const std::string kind = to_string(workload.kind);
  switch (by) {
    case SubjectBy::kWorkload:
      return std::to_string(instance.recording) + ' ' + std::to_string(workload.id);
    case SubjectBy::kName:
      return kind + ' ' + workload.name;
    case SubjectBy::kImage:
      return workload.image.empty() ? kind + ' ' + workload.name : "image " + workload.image;
    case SubjectBy::kOwner:
      return kind + ' ' + owner_of(workload);
  }
  return "";
}

std::string name_of(const Workload& workload, SubjectBy by) {
  if (by == SubjectBy::kImage && !workload.image.empty()) return workload.image;
  return by == SubjectBy::kOwner ? owner_of(workload) : workload.name;
}

}  // namespace

Result<SubjectBy> parse_subject_by(std::string_view text) {
  for (const auto& [name, by] : kWays) {
    if (text == name) return by;
  }
  return fail(ErrorCode::kUsage, "profiles cannot be made by '" + std::string(text) + "'",
              "--by is workload, name, image or owner");
}

Result<std::vector<ProfileSubject>> choose_subjects(Recordings recordings, const Selector& selector,
                                                    SubjectBy by) {
  std::vector<std::pair<std::string, ProfileSubject>> subjects;
  Error nobody;
  for (std::size_t i = 0; i < recordings.size(); ++i) {
    auto workloads = choose_workloads(*recordings[i].session, selector);
    if (!workloads && workloads.error().code != ErrorCode::kNotFound) {
      return std::unexpected(workloads.error());
    }
    if (!workloads) {
      nobody = workloads.error();
      continue;
    }
    for (auto& workload : *workloads) {
      ProfileInstance instance{i, std::move(workload)};
      const auto key = key_of(instance, by);
      auto place = std::ranges::find(subjects, key, [](const auto& entry) { return entry.first; });
      if (place == subjects.end()) {
        place = subjects.insert(place, {key, {name_of(instance.workload, by), {}}});
      }
      place->second.instances.push_back(std::move(instance));
    }
  }
  if (subjects.empty()) return std::unexpected(nobody);
  std::vector<ProfileSubject> out;
  for (auto& [key, subject] : subjects) out.push_back(std::move(subject));
  return out;
}

std::string owner_of(const Workload& workload) {
  if (!workload.pod.empty()) {
    const auto space = workload.kube_namespace.empty() ? "" : workload.kube_namespace + '/';
    const auto owner = space + pod_owner(workload);
    return workload.container.empty() ? owner : owner + '/' + workload.container;
  }
  const auto service = label(workload, "com.docker.compose.service");
  if (service.empty()) return workload.name;
  const auto project = label(workload, "com.docker.compose.project");
  return project.empty() ? service : project + '/' + service;
}

}  // namespace ig
