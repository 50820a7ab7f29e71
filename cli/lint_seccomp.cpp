// SPDX-License-Identifier: Apache-2.0
// ig lint: what is wrong with a policy, without a recording. Errors, or with --strict warnings, are
// exit status 3.
#include <fmt/format.h>

#include "advisors/advice_text.h"
#include "base/file.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/profile_options.h"
#include "reporters/lint_report.h"
#include "store/syscall_table.h"

namespace ig {
namespace {

constexpr std::size_t kMostFeaturesBytes = 1 << 20;
constexpr int kFindings = 3;

Result<LintTarget> read_target(const Arguments& arguments) {
  LintTarget target;
  if (arguments.has("features")) {
    const auto path = arguments.text("features");
    IG_ASSIGN(const auto json, read_file(path, kMostFeaturesBytes));
    IG_TRY(add_target_features(target, json));
  }
  for (const auto& part : arguments.list("target")) IG_TRY(add_target_versions(target, part));
  return target;
}

Result<LintSubject> read_subject(const Arguments& arguments, const ProfileFile& file) {
  LintSubject subject;
  IG_ASSIGN(subject.target, read_target(arguments));
  auto conditions = file.conditions;
  if (conditions.arch.empty()) conditions.arch = native_syscall_arch();
  if (subject.target.kernel) conditions.kernel = subject.target.kernel;
  IG_ASSIGN(subject.profile, file.profile(conditions));
  subject.bytes = file.text.size();
  subject.arch = conditions.arch;
  return subject;
}

std::string findings_text(const LintReport& report, const Arguments& arguments) {
  const auto output = arguments.text("output");
  if (output == "sarif") return lint_sarif(report);
  return output == "json" ? lint_json(report) : lint_text(report, stdout_style());
}

}  // namespace

Syntax lint_seccomp_syntax(const Words&) {
  Syntax syntax;
  syntax.operands = {{"PROFILE"}};
  syntax.text =
      "PROFILE is a seccomp profile in the JSON of OCI, Docker or Podman, a config.json, or a "
      "SeccompProfile of Kubernetes in YAML. Exit status 3 if there is an error: a profile that no "
      "runtime takes, that does not do what it says, or under which nothing can run. "
      "docs/seccomp-lint.md explains the rules.";
  Option output{"output", "FORMAT", "how to print", 'o', "columns", {"columns", "json", "sarif"}};
  syntax.groups = {
      {"Where the profile shall work",
       {{"target", "LIST", "versions there: kernel=6.1,libseccomp=2.5.4,runc=1.1.5 or crun=1.8.1"},
        {"features", "FILE", "what `runc features` or `crun features` prints there"},
        {"arch", "ARCH", "x86_64, i386, x32, aarch64 or arm (default: this machine's)"},
        {"capability", "NAME", "a capability that the container has, for rules that ask for it"}}},
      {"Output", {{"strict", "", "exit status 3 for warnings too"}, output}}};
  syntax.examples = {"ig lint seccomp web.json --target kernel=6.1,libseccomp=2.5.4,runc=1.1.5",
                     "ig lint seccomp web.json -o sarif > web.sarif"};
  return syntax;
}

Result<int> run_lint_seccomp(const Arguments& arguments) {
  IG_ASSIGN(const auto file, read_profile_file(arguments));
  IG_ASSIGN(const auto subject, read_subject(arguments, file));
  IG_ASSIGN(auto findings, lint_seccomp(subject));
  const LintReport report{file.path, file.text, kVersion, std::move(findings)};
  put(stdout, findings_text(report, arguments));
  std::fflush(stdout);
  const auto errors = report.count(LintSeverity::kError);
  const auto warnings = report.count(LintSeverity::kWarning);
  log::info("{}, {}, {}", count_text(errors, "error"), count_text(warnings, "warning"),
            count_text(report.count(LintSeverity::kNote), "note"));
  return errors > 0 || (arguments.has("strict") && warnings > 0) ? kFindings : 0;
}

}  // namespace ig
