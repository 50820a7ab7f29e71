// SPDX-License-Identifier: Apache-2.0
// What is wrong with a seccomp profile, or will be after an upgrade, without any recording: names
// that nothing resolves, answers that break newer libcs, calls that open the machine, rules that
// mean nothing or too much. Each finding has the id of a rule; the rules are explained in
// docs/seccomp-lint.md.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "advisors/seccomp/lint_target.h"
#include "advisors/seccomp/seccomp_profile.h"
#include "base/result.h"

namespace ig {

enum class LintSeverity { kNote, kWarning, kError };
std::string_view to_string(LintSeverity severity);  // "note", as SARIF calls its levels

struct LintRule {
  std::string_view id;       // "dangerous-call"
  std::string_view summary;  // one line
};
std::span<const LintRule> lint_rules();

struct LintFinding {
  std::string_view rule;
  LintSeverity severity = LintSeverity::kNote;
  std::string call;  // that it is about; "" = the profile
  std::string text, hint;
};

struct LintSubject {
  SeccompProfile profile;
  std::size_t bytes = 0;  // of its file
  std::string arch;       // of the machine: "x86_64"
  LintTarget target;
};

// Errors first, then by rule and call.
Result<std::vector<LintFinding>> lint_seccomp(const LintSubject& subject);

}  // namespace ig
