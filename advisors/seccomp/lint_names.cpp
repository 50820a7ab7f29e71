// SPDX-License-Identifier: Apache-2.0
// Names that nothing resolves, and what the target lacks.
#include <fmt/format.h>

#include "advisors/seccomp/lint_context.h"
#include "base/text.h"
#include "store/syscall_table.h"

namespace ig {
namespace {

using enum LintSeverity;

bool is_known(const std::string& name) {
  if (syscall_since(name)) return true;
  for (const SyscallArch& arch : syscall_archs()) {
    if (syscall_number(arch.name, name)) return true;
  }
  return false;
}

std::string nearest_call(const std::string& name) {
  const auto names = syscalls_after({0, 0, 0});
  std::vector<std::string_view> views(names.begin(), names.end());
  return nearest_name(name, views);
}

// A rule that is passed over matters more where it was to deny.
LintSeverity severity_of(const SeccompRule& rule) {
  return lets_through(rule.action) ? kWarning : kError;
}

std::string fate(const SeccompRule& rule) {
  return lets_through(rule.action) ? "runtimes pass over it, so the call stays denied"
                                   : "runtimes pass over it, so the call is not denied";
}

}  // namespace

void lint_names(LintContext& context) {
  const auto& libseccomp = context.subject.target.libseccomp;
  std::set<std::string> told;
  for (const SeccompRule& rule : context.profile.rules) {
    for (const std::string& name : rule.names) {
      if (!told.insert(name).second) continue;
      if (!is_known(name)) {
        const auto near = nearest_call(name);
        context.add("unknown-name", severity_of(rule), name,
                    fmt::format("no system call is called {}: {}", name, fate(rule)),
                    near.empty() ? "take it out" : fmt::format("did you mean {}?", near));
        continue;
      }
      const auto since = libseccomp_since(name);
      if (!libseccomp || !since || *since <= *libseccomp) continue;
      context.add("target-unknown-name", lets_through(rule.action) ? kNote : kError, name,
                  fmt::format("libseccomp {} does not know {}, which came with {}: {}",
                              libseccomp->text(), name, since->text(), fate(rule)),
                  "update libseccomp there, unless its distribution added the name");
    }
  }
}

void lint_target(LintContext& context) {
  const LintTarget& target = context.subject.target;
  const auto check_action = [&](const SeccompAction& action) {
    Version since{2, 0, 0};
    if (action.name == "SCMP_ACT_LOG" || action.name == "SCMP_ACT_KILL_PROCESS") since = {2, 4, 0};
    if (action.name == "SCMP_ACT_NOTIFY") since = {2, 5, 0};
    const bool lacks = !target.actions.empty() && !target.actions.contains(action.name);
    if (lacks || (target.libseccomp && *target.libseccomp < since)) {
      context.add("target-unsupported", kError, "",
                  fmt::format("the target has no {}", action.name),
                  "take an action that `runc features` lists");
    }
  };
  check_action(context.profile.default_action);
  std::set<std::string> actions = {context.profile.default_action.name};
  for (const SeccompRule& rule : context.profile.rules) {
    if (actions.insert(rule.action.name).second) check_action(rule.action);
    for (const auto& argument : rule.arguments) {
      if (target.operators.empty() || target.operators.contains(argument.op)) continue;
      context.add("target-unsupported", kError, rule.names.front(),
                  fmt::format("the target has no {}", argument.op),
                  "take an operator that `runc features` lists");
    }
  }
  for (const std::string& arch : context.profile.architectures) {
    if (target.architectures.empty() || target.architectures.contains(arch)) continue;
    context.add("target-unsupported", kError, "", fmt::format("the target has no {}", arch),
                "list only the architectures that its programs have");
  }
  for (const SeccompRule& rule : context.profile.rules) {
    if (rule.action.name != "SCMP_ACT_NOTIFY") continue;
    context.add("notify", kNote, rule.names.front(),
                fmt::format("another process decides about {}: the profile alone does not say "
                            "what is allowed",
                            join(rule.names, ", ")),
                "artifacts in OCI registries may not have it");
  }
  if (!context.profile.base_profile.empty()) {
    context.add("base-profile", kNote, "",
                fmt::format("the profile builds on {}, which is not judged here",
                            context.profile.base_profile),
                "lint the merged profile");
  }
}

}  // namespace ig
