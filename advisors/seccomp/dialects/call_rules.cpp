// SPDX-License-Identifier: Apache-2.0
#include "advisors/seccomp/dialects/call_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <set>

#include "advisors/advice_text.h"
#include "base/text.h"

namespace ig {
namespace {

Result<std::vector<const SyscallArch*>> archs_of(const SeccompProfile& profile,
                                                 const DialectContext& context) {
  const SyscallArch* native = find_syscall_arch(context.native_arch);
  if (!native) {
    return fail(ErrorCode::kUnsupported,
                "cannot write a profile for architecture " + context.native_arch);
  }
  std::vector<const SyscallArch*> archs = {native};
  for (const std::string& oci : profile.architectures) {
    const auto found = std::ranges::find(syscall_archs(), oci, &SyscallArch::oci);
    if (found == syscall_archs().end()) {
      return fail(ErrorCode::kUnsupported, "cannot write a profile for architecture " + oci);
    }
    if (std::ranges::find(archs, &*found) == archs.end()) archs.push_back(&*found);
  }
  return archs;
}

// As runtimes read it: several comparisons of one argument are alternatives, else all must hold.
std::vector<CallCondition> conditions_of(const SeccompRule& rule) {
  std::set<unsigned> indexes;
  for (const SeccompArgument& argument : rule.arguments) indexes.insert(argument.index);
  if (indexes.size() == rule.arguments.size()) return {rule.arguments};
  std::vector<CallCondition> conditions;
  for (const SeccompArgument& argument : rule.arguments) conditions.push_back({argument});
  return conditions;
}

void add_rule(const SeccompRule& rule, CallRule& call) {
  if (permits(rule.action)) {
    std::ranges::move(conditions_of(rule), std::back_inserter(call.allowed));
  } else if (rule.arguments.empty() && !call.denied) {
    call.denied = rule.action;
  }
}

bool is_denial_of_its_own(const SeccompProfile& profile, const SeccompRule& rule) {
  return !permits(rule.action) && rule.arguments.empty() && !rule.names.empty() &&
         !(rule.action == profile.default_action);
}

}  // namespace

bool CallRule::has_conditions() const {
  return is_allowed() && std::ranges::none_of(allowed, &CallCondition::empty);
}

std::vector<std::string> CallRules::allowed() const {
  std::vector<std::string> names;
  for (const auto& [name, rule] : calls) {
    if (rule.is_allowed()) names.push_back(name);
  }
  return names;
}

std::vector<std::string> CallRules::with_conditions() const {
  std::vector<std::string> names;
  for (const auto& [name, rule] : calls) {
    if (rule.has_conditions()) names.push_back(name);
  }
  return names;
}

bool CallRules::has_arch(std::string_view name) const {
  return std::ranges::find(archs, name, &SyscallArch::name) != archs.end();
}

std::optional<std::int64_t> call_number(const SyscallArch& arch, const std::string& name) {
  static const auto tables = [] {
    constexpr std::int64_t kEnd = 1024;
    std::map<std::string_view, std::map<std::string, std::int64_t>> all;
    for (const SyscallArch& each : syscall_archs()) {
      for (std::int64_t number = 0; number < kEnd; ++number) {
        if (const auto known = syscall_name(each.name, number)) {
          all[each.name].emplace(*known, number);
        }
      }
    }
    return all;
  }();
  const auto& table = tables.at(arch.name);
  const auto found = table.find(name);
  if (found != table.end()) return found->second;
  return syscall_number(arch.name, name);  // of those that arm has far above the others
}

bool permits(const SeccompAction& action) {
  return action.name == "SCMP_ACT_ALLOW" || action.name == "SCMP_ACT_LOG";
}

Result<CallRules> call_rules(const SeccompProfile& profile, const DialectContext& context) {
  CallRules rules;
  IG_ASSIGN(rules.archs, archs_of(profile, context));
  std::set<std::string> unknown;
  for (const SeccompRule& rule : profile.rules) {
    if (rule.action == profile.default_action) continue;
    for (const std::string& name : rule.names) {
      const bool known = std::ranges::any_of(rules.archs, [&](const SyscallArch* arch) {
        return call_number(*arch, name).has_value();
      });
      if (known) {
        add_rule(rule, rules.calls[name]);
      } else {
        unknown.insert(name);
      }
    }
  }
  rules.unknown.assign(unknown.begin(), unknown.end());
  return rules;
}

SeccompAction one_denial(const SeccompProfile& profile) {
  for (const SeccompRule& rule : profile.rules) {
    if (is_denial_of_its_own(profile, rule)) return rule.action;
  }
  return profile.default_action;
}

bool has_several_denials(const SeccompProfile& profile) {
  const SeccompAction one = one_denial(profile);
  return !(one == profile.default_action) ||
         std::ranges::any_of(profile.rules, [&](const SeccompRule& rule) {
           return is_denial_of_its_own(profile, rule) && !(rule.action == one);
         });
}

std::string errno_name(std::uint32_t number) {
  const char* name = ::strerrorname_np(static_cast<int>(number));
  return name ? name : std::to_string(number);
}

std::string action_text(const SeccompAction& action) {
  return action.has_errno() ? action.name + " " + errno_name(action.errno_ret) : action.name;
}

std::string comment_lines(const DialectContext& context) {
  std::string text;
  for (const std::string& line : context.header) {
    text += "# " + one_line(line);
    // Some readers would take the next line for a part of this comment.
    if (text.ends_with('\\')) text += "x5c";
    text += '\n';
  }
  return text;
}

std::string wrapped_lines(std::string_view lead, const std::vector<std::string>& names) {
  constexpr std::size_t kColumns = 100;
  std::string text, line(lead);
  for (const std::string& name : names) {
    if (line.size() > lead.size() && line.size() + 1 + name.size() > kColumns) {
      text += line + "\n";
      line = lead;
    }
    if (line.size() > lead.size()) line += ' ';
    line += name;
  }
  return line.size() > lead.size() ? text + line + "\n" : text;
}

void add_unknown_caveat(const CallRules& rules, std::vector<std::string>& caveats) {
  if (rules.unknown.empty()) return;
  std::vector<std::string> names;
  for (const std::string& name : rules.unknown) names.push_back(one_line(name));
  caveats.push_back("left out, since the installed libseccomp does not know them: " +
                    join(names, ", "));
}

}  // namespace ig
