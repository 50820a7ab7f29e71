// SPDX-License-Identifier: Apache-2.0
// Findings of a linter for people, for programs and for code hosts (SARIF 2.1.0, OASIS).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "advisors/seccomp/lint_seccomp.h"
#include "reporters/terminal.h"

namespace ig {

struct LintReport {
  std::string path;       // of the profile
  std::string_view text;  // its content, where findings get their lines from
  std::string_view tool_version;
  std::vector<LintFinding> findings;

  std::size_t count(LintSeverity severity) const;
};

std::string lint_text(const LintReport& report, const Style& style);
std::string lint_json(const LintReport& report);
std::string lint_sarif(const LintReport& report);

}  // namespace ig
