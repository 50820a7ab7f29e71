// SPDX-License-Identifier: Apache-2.0
#include "advisors/seccomp/lint_seccomp.h"

#include <algorithm>
#include <tuple>

#include "advisors/seccomp/lint_context.h"
#include "advisors/seccomp/verify_seccomp.h"
#include "base/check.h"
#include "store/syscall_table.h"

namespace ig {
namespace {

constexpr LintRule kRules[] = {
    {"does-not-compile", "no runtime starts a container with this profile"},
    {"contradiction", "two rules for one call contradict each other, and runtimes refuse both"},
    {"miscompiled", "libseccomp compiles the profile to what it does not say"},
    {"unknown-name", "no known system call has this name"},
    {"target-unknown-name", "the target's libseccomp does not know this name"},
    {"target-unsupported", "the target's runtime or libseccomp lacks what the profile uses"},
    {"missing-needed-call", "every process or container start needs this call"},
    {"missing-architecture", "programs of another architecture of the machine are killed"},
    {"no-architectures", "the profile lists no architectures"},
    {"permissive-default", "calls that no rule names are let through"},
    {"errno-fallback", "a libc that tries this newer call does not fall back from this answer"},
    {"newer-calls", "calls that came after the target's kernel are not answered ENOSYS"},
    {"dangerous-call", "this call opens the kernel or other processes, with any arguments"},
    {"clone3-unlimited", "clone is limited by its flags, but clone3 does the same without limits"},
    {"denied-twin", "the call is denied, but another one does the same"},
    {"allowed-twin", "the call is allowed, but not the one that other libcs use instead"},
    {"socketcall-unlimited", "on i386, socketcall reaches socket with arguments that no rule sees"},
    {"upper-half", "a 32-bit argument is compared with all 64 bits of its register"},
    {"repeated-argument", "one rule compares an argument twice, which runtimes read differently"},
    {"repeats-default", "the rule repeats the default action"},
    {"shadowed-rule", "a rule without arguments for the same call makes this one void"},
    {"overlapping-rules", "two rules with different actions match the same arguments"},
    {"repeated-name", "the call is named more than once to the same end"},
    {"filter-size", "the compiled filter is near or above what the kernel takes"},
    {"artifact-limits", "the profile is more than what is taken from an OCI registry"},
    {"base-profile", "the profile builds on another one that is not part of the file"},
    {"notify", "the profile leaves decisions to another process"},
};

}  // namespace

std::span<const LintRule> lint_rules() { return kRules; }

std::string_view to_string(LintSeverity severity) {
  switch (severity) {
    case LintSeverity::kError:
      return "error";
    case LintSeverity::kWarning:
      return "warning";
    default:
      return "note";
  }
}

bool lets_through(const SeccompAction& action) {
  return action.name == "SCMP_ACT_ALLOW" || action.name == "SCMP_ACT_LOG";
}

LintContext::LintContext(const LintSubject& linted) : subject(linted), profile(linted.profile) {
  for (const SeccompRule& rule : profile.rules) named_.insert(rule.names.begin(), rule.names.end());
}

Result<> LintContext::compile() {
  const LintTarget& target = subject.target;
  if (target.may_be_crun()) {
    IG_ASSIGN(filters[FilterRuntime::kCrun],
              compile_profile(profile, subject.arch, FilterRuntime::kCrun));
  }
  if (target.may_be_runc()) {
    IG_ASSIGN(filters[FilterRuntime::kRunc],
              compile_profile(profile, subject.arch, FilterRuntime::kRunc));
  }
  return {};
}

bool LintContext::denies_by_default() const { return !lets_through(profile.default_action); }

bool LintContext::has_arch(std::string_view oci) const {
  return std::ranges::find(profile.architectures, oci) != profile.architectures.end();
}

// From the rules, so that names which only the target knows count too.
Standing LintContext::standing(const std::string& call) const {
  bool limited = false;
  for (const SeccompRule& rule : profile.rules) {
    if (std::ranges::find(rule.names, call) == rule.names.end()) continue;
    if (rule.action == profile.default_action) continue;
    if (rule.arguments.empty()) {
      return lets_through(rule.action) ? Standing::kAllowed : Standing::kDenied;
    }
    limited = true;
  }
  if (limited) return Standing::kLimited;
  return denies_by_default() ? Standing::kDenied : Standing::kAllowed;
}

std::optional<std::uint32_t> LintContext::answer(const std::string& call,
                                                 FilterRuntime runtime) const {
  const auto filter = filters.find(runtime);
  const SyscallArch* arch = find_syscall_arch(subject.arch);
  const auto number = syscall_number(subject.arch, call);
  if (filter == filters.end() || !arch || !number) return std::nullopt;
  const auto answers = filter_answers(filter->second.program, arch->audit,
                                      static_cast<std::uint32_t>(*number) | arch->number_bits);
  if (!answers || std::ranges::any_of(*answers, permits)) return std::nullopt;
  return *answers->begin();
}

void LintContext::add(std::string_view rule, LintSeverity severity, std::string call,
                      std::string text, std::string hint) {
  IG_CHECK(std::ranges::find(kRules, rule, &LintRule::id) != std::end(kRules));
  findings.push_back({rule, severity, std::move(call), std::move(text), std::move(hint)});
}

Result<std::vector<LintFinding>> lint_seccomp(const LintSubject& subject) {
  LintContext context(subject);
  const auto compiled = context.compile();
  if (!compiled) {
    const Error& error = compiled.error();
    context.add(
        "does-not-compile", LintSeverity::kError, "", error.message,
        error.hint.empty() ? "runtimes refuse the profile for the same reason" : error.hint);
  }
  for (const auto rule :
       {lint_names, lint_target, lint_repetitions, lint_arguments, lint_carriers, lint_needed,
        lint_dangerous, lint_errno, lint_twins, lint_architectures, lint_sizes}) {
    rule(context);
  }
  if (compiled) IG_TRY(lint_meaning(context));
  std::ranges::sort(context.findings, [](const LintFinding& a, const LintFinding& b) {
    return std::tie(b.severity, a.rule, a.call, a.text) <
           std::tie(a.severity, b.rule, b.call, b.text);
  });
  return std::move(context.findings);
}

}  // namespace ig
