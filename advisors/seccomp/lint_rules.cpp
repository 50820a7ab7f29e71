// SPDX-License-Identifier: Apache-2.0
// Rules beside each other, and rules on arguments: what is void, what is undefined, what is less
// than it seems.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "advisors/seccomp/argument_names.h"
#include "advisors/seccomp/lint_context.h"
#include "base/text.h"

namespace ig {
namespace {

using enum LintSeverity;

std::string action_text(const SeccompAction& action) {
  return action.has_errno() ? fmt::format("{} {}", action.name, action.errno_ret) : action.name;
}

std::string names_text(const SeccompRule& rule) {
  constexpr std::size_t kShown = 4;
  const auto shown = std::min(rule.names.size(), kShown);
  auto text = join(std::span(rule.names).first(shown), ", ");
  const auto rest = rule.names.size() - shown;
  return rest == 0 ? text : fmt::format("{} and {} more", text, rest);
}

using RulesOfCalls = std::map<std::string, std::vector<const SeccompRule*>>;

// Those that say something, in their order.
RulesOfCalls rules_of_calls(const SeccompProfile& profile) {
  RulesOfCalls calls;
  for (const SeccompRule& rule : profile.rules) {
    if (rule.action == profile.default_action) continue;
    for (const std::string& name : rule.names) calls[name].push_back(&rule);
  }
  return calls;
}

// Both rules want other values of one argument, so no call matches both.
bool are_disjoint(const SeccompRule& a, const SeccompRule& b) {
  const auto wanted = [](const SeccompArgument& one) {
    const bool masked = one.op == "SCMP_CMP_MASKED_EQ";
    return std::pair(masked ? one.value : ~std::uint64_t{0}, masked ? one.value_two : one.value);
  };
  const auto equals = [](const SeccompArgument& one) {
    return one.op == "SCMP_CMP_EQ" || one.op == "SCMP_CMP_MASKED_EQ";
  };
  for (const auto& first : a.arguments) {
    for (const auto& second : b.arguments) {
      if (first.index != second.index) continue;
      if (equals(first) && equals(second)) {
        const auto [mask, value] = wanted(first);
        const auto [other_mask, other_value] = wanted(second);
        if (((value ^ other_value) & mask & other_mask) != 0) return true;
      }
      const bool opposite = (first.op == "SCMP_CMP_EQ" && second.op == "SCMP_CMP_NE") ||
                            (first.op == "SCMP_CMP_NE" && second.op == "SCMP_CMP_EQ");
      if (opposite && first.value == second.value) return true;
    }
  }
  return false;
}

void lint_call_rules(LintContext& context, const std::string& call,
                     const std::vector<const SeccompRule*>& rules) {
  const auto has_none = [](const SeccompRule* rule) { return rule->arguments.empty(); };
  const auto plain = std::ranges::find_if(rules, has_none);
  if (plain != rules.end()) {
    for (const SeccompRule* rule : rules) {
      if (rule == *plain) continue;
      const bool same = rule->action == (*plain)->action;
      context.add(same ? "repeated-name" : "shadowed-rule", same ? kNote : kWarning, call,
                  fmt::format("{} has a rule without arguments ({}), so another one ({}) is void",
                              call, action_text((*plain)->action), action_text(rule->action)),
                  "keep one of them");
    }
    const auto count = std::ranges::count(rules, *plain);
    if (count > 1) {
      context.add("repeated-name", kNote, call,
                  fmt::format("{} is {} times in one rule", call, count), "name it once");
    }
    return;
  }
  for (std::size_t i = 0; i < rules.size(); ++i) {
    for (std::size_t j = i + 1; j < rules.size(); ++j) {
      if (rules[i]->action == rules[j]->action || are_disjoint(*rules[i], *rules[j])) continue;
      context.add("overlapping-rules", kWarning, call,
                  fmt::format("two rules for {} ({}, {}) match some of the same arguments: which "
                              "one counts is not defined",
                              call, action_text(rules[i]->action), action_text(rules[j]->action)),
                  "give them different values of one argument");
    }
  }
}

bool compares_upper_half(const SeccompArgument& argument) {
  return argument.op != "SCMP_CMP_MASKED_EQ" || argument.value > 0xffffffff;
}

// A value with other bits above passes it, and the kernel does not look at those.
bool lets_upper_half_pass(const SeccompRule& rule, const SeccompArgument& argument) {
  const bool matches_more =
      argument.op == "SCMP_CMP_NE" || argument.op == "SCMP_CMP_GT" || argument.op == "SCMP_CMP_GE";
  return matches_more == lets_through(rule.action);
}

// One finding a call: the rule that can be got around, if there is one.
void lint_upper_half(LintContext& context, const std::string& call,
                     const std::vector<const SeccompRule*>& rules) {
  const SeccompArgument* worst = nullptr;
  bool bypass = false;
  for (const SeccompRule* rule : rules) {
    for (const auto& argument : rule->arguments) {
      if (!is_narrow_argument(call, argument.index) || !compares_upper_half(argument)) continue;
      const bool passes = lets_upper_half_pass(*rule, argument);
      if (worst && (bypass || !passes)) continue;
      worst = &argument;
      bypass = passes;
    }
  }
  if (!worst) return;
  context.add("upper-half", bypass ? kWarning : kNote, call,
              fmt::format("argument {} of {} has 32 bits, but {} compares 64: {}", worst->index + 1,
                          call, worst->op,
                          bypass ? "a caller gets around the rule by setting a bit above them"
                                 : "what a program leaves above them makes the rule not match"),
              "SCMP_CMP_MASKED_EQ with mask 4294967295 compares what the kernel looks at");
}

}  // namespace

void lint_repetitions(LintContext& context) {
  for (const SeccompRule& rule : context.profile.rules) {
    if (!(rule.action == context.profile.default_action)) continue;
    context.add("repeats-default", kNote, rule.names.front(),
                fmt::format("the rule for {} repeats the default action: its only effect is on the "
                            "number above which runc answers ENOSYS",
                            names_text(rule)),
                "take it out, or give it the answer that is meant");
  }
  for (const auto& [call, rules] : rules_of_calls(context.profile)) {
    if (rules.size() > 1) lint_call_rules(context, call, rules);
  }
}

void lint_arguments(LintContext& context) {
  const bool wide = context.subject.arch == "x86_64" || context.subject.arch == "aarch64";
  for (const SeccompRule& rule : context.profile.rules) {
    if (rule.action == context.profile.default_action) continue;
    std::set<unsigned> compared;
    for (const auto& argument : rule.arguments) {
      if (compared.insert(argument.index).second) continue;
      context.add("repeated-argument", kWarning, rule.names.front(),
                  fmt::format("the rule for {} compares argument {} twice: runc and crun take the "
                              "comparisons as alternatives, other runtimes may want both",
                              names_text(rule), argument.index + 1),
                  "write one rule for each alternative");
      break;
    }
  }
  if (!wide) return;
  for (const auto& [call, rules] : rules_of_calls(context.profile)) {
    lint_upper_half(context, call, rules);
  }
}

void lint_carriers(LintContext& context) {
  if (!context.has_arch("SCMP_ARCH_X86") || !context.denies_by_default()) return;
  if (context.standing("socket") != Standing::kLimited) return;
  context.add("socketcall-unlimited", kWarning, "socket",
              "on i386, socketcall makes sockets too, with arguments in memory that no filter "
              "sees: the limits of socket do not hold there",
              "take SCMP_ARCH_X86 out, unless the image has 32-bit programs");
}

}  // namespace ig
