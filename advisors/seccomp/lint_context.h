// SPDX-License-Identifier: Apache-2.0
// What the rules of the linter share. Each rule is a function that adds findings.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "advisors/seccomp/lint_seccomp.h"
#include "advisors/seccomp/seccomp_filter.h"

namespace ig {

enum class Standing { kAllowed, kLimited, kDenied };  // kLimited: arguments decide

class LintContext {
 public:
  explicit LintContext(const LintSubject& subject);

  // Compiles; a profile that does not compile has that as its only finding beside those of its
  // text.
  Result<> compile();

  Standing standing(const std::string& call) const;
  // SECCOMP_RET_* of a call that is denied, under one runtime; nullopt where the installed
  // libseccomp has no number for it on this machine.
  std::optional<std::uint32_t> answer(const std::string& call, FilterRuntime runtime) const;
  bool denies_by_default() const;
  bool lists(const std::string& call) const { return named_.contains(call); }
  bool has_arch(std::string_view oci) const;

  void add(std::string_view rule, LintSeverity severity, std::string call, std::string text,
           std::string hint);

  const LintSubject& subject;
  const SeccompProfile& profile;
  std::map<FilterRuntime, SeccompFilter> filters;  // those that the target may have
  std::vector<LintFinding> findings;

 private:
  std::set<std::string> named_;
};

bool lets_through(const SeccompAction& action);

// lint_names.cpp
void lint_names(LintContext& context);
void lint_target(LintContext& context);
// lint_rules.cpp
void lint_repetitions(LintContext& context);
void lint_arguments(LintContext& context);
void lint_carriers(LintContext& context);
// lint_calls.cpp
void lint_needed(LintContext& context);
void lint_dangerous(LintContext& context);
void lint_errno(LintContext& context);
void lint_twins(LintContext& context);
// lint_filter.cpp
void lint_architectures(LintContext& context);
void lint_sizes(LintContext& context);
Result<> lint_meaning(LintContext& context);

}  // namespace ig
