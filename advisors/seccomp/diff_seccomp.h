// SPDX-License-Identifier: Apache-2.0
// What changed from one profile or recording to another, in meaning: two profiles that answer
// every call alike have no difference, however they are written.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "advisors/seccomp/decision_diagrams.h"
#include "advisors/seccomp/seccomp_document.h"
#include "base/result.h"

namespace ig {

struct SeccompChange {
  // In the order in which people read them. kWidened ones may have lost other values.
  enum class Kind { kAdded, kWidened, kRemoved, kNarrowed, kAnsweredOtherwise };
  enum class Of { kCall, kDefault, kArchitecture, kFlag, kSubject };

  Kind kind = Kind::kAdded;
  Of of = Of::kCall;
  std::string subject = {};              // of recordings: whose
  std::string name = {};                 // of the call, the architecture, the flag
  std::vector<std::string> archs = {};   // of a call or default: those that it holds for
  std::string before = {}, after = {};   // "allow", "ENOSYS", "not seen"
  std::string gained = {}, lost = {};    // values of arguments; "" = any
  std::vector<std::string> groups = {};  // systemd's, the most telling first
  std::string danger = {};
  std::string evidence = {};            // of a recording: who made the call, how often
  std::vector<std::string> calls = {};  // of an architecture, subject or default: those concerned

  // More is allowed or needed than before.
  bool gains() const { return kind == Kind::kAdded || kind == Kind::kWidened; }
};

std::string_view to_string(SeccompChange::Kind kind);  // "added", …, "answered otherwise"
std::string_view to_string(SeccompChange::Of of);      // "call", "default action", …

struct SeccompDiff {
  std::vector<SeccompChange> changes;  // in the order in which people read them
  std::vector<std::string> caveats;    // what was not compared, and why

  bool gains() const;
  std::size_t count(SeccompChange::Kind kind) const;
};

Result<SeccompDiff> diff_seccomp(DecisionDiagrams& diagrams, const SeccompDocument& before,
                                 const SeccompDocument& after);

}  // namespace ig
