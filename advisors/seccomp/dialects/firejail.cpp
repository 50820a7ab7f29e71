// SPDX-License-Identifier: Apache-2.0
// Lines of a firejail profile. Firejail filters the machine's own calls and, where it has one,
// those of the 32-bit architecture beside it. A name that it does not know it leaves out without a
// word, so calls newer than its table are given by number.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "advisors/seccomp/dialects/call_rules.h"
#include "advisors/seccomp/dialects/dialects.h"
#include "base/text.h"

namespace ig {
namespace {

constexpr std::int64_t kLastKnown = 440;  // process_madvise, in firejail 0.9.72
// What firejail's own start needs under the filter, and therefore allows.
constexpr std::array<std::string_view, 3> kOwnCalls = {"execve", "execveat", "prctl"};
constexpr const char* kOwnCallList = "execve,execveat,prctl";

std::string_view compat_of(std::string_view native) {
  return native == "x86_64" ? "i386" : native == "aarch64" ? "arm" : "";
}

std::string list_for(const CallRules& rules, const SyscallArch& arch) {
  std::vector<std::string> items;
  for (const std::string& name : rules.allowed()) {
    const auto number = call_number(arch, name);
    if (!number) continue;
    // Its table of i386 begins at 1.
    const bool by_number = *number > kLastKnown || (*number == 0 && arch.name != "x86_64");
    items.push_back(by_number ? fmt::format("${}", *number) : name);
  }
  // An empty list is no list to firejail; these it allows anyhow.
  if (items.empty()) return kOwnCallList;
  return join(items, ",");
}

// block-secondary denies personalities as well, all but the plain one and the question for it.
bool needs_personality(const CallRules& rules) {
  const auto found = rules.calls.find("personality");
  return found != rules.calls.end() && found->second.is_allowed();
}

std::string error_action(const SeccompProfile& profile) {
  const SeccompAction denial = one_denial(profile);
  if (permits(profile.default_action)) return "log";
  return denial.name == "SCMP_ACT_ERRNO" ? errno_name(denial.errno_ret) : "kill";
}

// What firejail denies it only logs in its log mode, the calls of other architectures too.
void warn_of_architectures(const SeccompProfile& profile, const CallRules& rules,
                           std::string_view native, std::string_view compat,
                           std::vector<std::string>& caveats) {
  std::vector<std::string> lacking, passing;
  for (const SyscallArch* arch : rules.archs) {
    if (arch->name != native && arch->name != compat) lacking.emplace_back(arch->name);
  }
  for (const std::string_view arch : {compat, std::string_view(native == "x86_64" ? "x32" : "")}) {
    if (!arch.empty() && !rules.has_arch(arch)) passing.emplace_back(arch);
  }
  if (!permits(profile.default_action)) {
    if (!lacking.empty())
      caveats.push_back("firejail denies all calls of " + join(lacking, " and "));
  } else if (!passing.empty()) {
    caveats.push_back("the calls of " + join(passing, " and ") +
                      " pass and are logged, where the profile kills");
  }
}

void warn(const SeccompProfile& profile, const CallRules& rules, std::string_view native,
          std::string_view compat, std::vector<std::string>& caveats) {
  const auto allowed = [&](std::string_view name) {
    const auto found = rules.calls.find(std::string(name));
    return found != rules.calls.end() && found->second.is_allowed();
  };
  std::vector<std::string> own;
  for (const std::string_view name : kOwnCalls) {
    if (!allowed(name)) own.emplace_back(name);
  }
  caveats.emplace_back(
      "firejail starts a program by $SHELL -c under the filter: record it so, that the calls of "
      "the "
      "shell are in");
  if (!own.empty()) {
    caveats.push_back("firejail always allows what its own start needs: " + join(own, ", "));
  }
  if (const auto names = rules.with_conditions(); !names.empty()) {
    caveats.push_back(
        "allowed whatever the arguments are, of which firejail's list cannot speak: " +
        join(names, ", "));
  }
  if (has_several_denials(profile)) {
    caveats.push_back(
        fmt::format("firejail has one answer for every denied call: {}, also where "
                    "the profile says {}",
                    error_action(profile), action_text(profile.default_action)));
  }
  warn_of_architectures(profile, rules, native, compat, caveats);
  if (!compat.empty() && !rules.has_arch(compat) && needs_personality(rules)) {
    caveats.push_back(
        fmt::format("execve, execveat and prctl of {} are allowed: what blocks all "
                    "of its calls would block personality() as well",
                    compat));
  }
  add_unknown_caveat(rules, caveats);
}

}  // namespace

Result<DialectText> write_firejail(const SeccompProfile& profile, const DialectContext& context) {
  if (profile.default_action.name == "SCMP_ACT_ALLOW") {
    return fail(ErrorCode::kUsage, "firejail's list of allowed calls needs a default that denies",
                "give --default-action errno, kill or log");
  }
  IG_ASSIGN(const CallRules rules, call_rules(profile, context));
  const std::string_view native = rules.archs.front()->name, compat = compat_of(native);
  DialectText out;
  out.text = comment_lines(context);
  out.text += fmt::format("seccomp-error-action {}\n", error_action(profile));
  out.text += fmt::format("seccomp.keep {}\n", list_for(rules, *rules.archs.front()));
  if (rules.has_arch(compat)) {
    out.text += fmt::format("seccomp.32.keep {}\n", list_for(rules, *find_syscall_arch(compat)));
  } else if (!compat.empty()) {
    out.text += needs_personality(rules) ? fmt::format("seccomp.32.keep {}\n", kOwnCallList)
                                         : "seccomp.block-secondary\n";
  }
  warn(profile, rules, native, compat, out.caveats);
  return out;
}

}  // namespace ig
