// SPDX-License-Identifier: Apache-2.0
// For whom one profile is made: the instances of one thing, in one recording or in many. Replicas,
// restarts and the runs on other nodes are instances too.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "advisors/advisor.h"
#include "base/result.h"

namespace ig {

struct ProfileInstance {
  std::size_t recording = 0;  // index
  Workload workload;
};

struct ProfileSubject {
  std::string name;
  std::vector<ProfileInstance> instances;  // at least one; by recording, then as recorded
};

enum class SubjectBy {
  kWorkload,  // each instance for itself
  kName,      // the container's, unit's or command's name
  kImage,
  kOwner,  // Deployment, StatefulSet, Job, Compose service… as far as names and labels tell
};

// "workload", "name", "image", "owner".
Result<SubjectBy> parse_subject_by(std::string_view text);

// kNotFound where no recording has a workload that the selector chooses.
Result<std::vector<ProfileSubject>> choose_subjects(Recordings recordings, const Selector& selector,
                                                    SubjectBy by);

// What the instances of one owner have in common: "shop/web" for the pods of Deployment web in
// namespace shop, "project/service" of Compose, else the workload's name.
std::string owner_of(const Workload& workload);

}  // namespace ig
