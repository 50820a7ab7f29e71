// SPDX-License-Identifier: Apache-2.0
// One file that `ig diff seccomp` compares: a profile, which has one nameless subject, or a
// recording with one or more.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "advisors/seccomp/profile_subject.h"
#include "advisors/seccomp/seccomp_side.h"
#include "base/result.h"

namespace ig {

struct SeccompDocument {
  struct Subject {
    std::string name;
    std::string key;  // by which it is found in the other file
    SeccompSide side;
  };
  std::string file;
  bool recorded = false;
  std::vector<Subject> subjects = {};
  std::vector<std::string> caveats = {};  // what the reader must know of the evidence

  // `conditions`: of the container that the profile is for; with its architecture.
  static Result<SeccompDocument> of_profile(DecisionDiagrams& diagrams, std::string_view json,
                                            const SeccompProfile::Conditions& conditions,
                                            std::string file);

  struct Choice {
    Selector selector = {};
    SubjectBy by = SubjectBy::kName;
    ArgumentMode arguments = ArgumentMode::kSafe;
    bool tolerate_loss = false;
  };
  // kRefused where records of system calls were lost and that is not tolerated.
  static Result<SeccompDocument> of_recording(DecisionDiagrams& diagrams,
                                              const Recording& recording, const Choice& choice);
};

}  // namespace ig
