// SPDX-License-Identifier: Apache-2.0
// A policy of minijail: a line for each call, for one architecture. Its expressions know no masked
// comparison, but two operators that make one: `arg in M` (no bit outside of M is set) and
// `arg & B` (a bit of B is set).
#include <fmt/format.h>

#include <bit>
#include <map>

#include "advisors/advice_text.h"
#include "advisors/seccomp/dialects/call_rules.h"
#include "advisors/seccomp/dialects/dialects.h"
#include "base/text.h"

namespace ig {
namespace {

// minijail's own limits: 512 labels in a policy, 4096 instructions in the kernel's filters.
constexpr std::size_t kMostLabels = 500, kMostInstructions = 4000;
constexpr std::size_t kInstructionsOfAtom = 11;

std::string atom(unsigned index, std::string_view op, std::uint64_t value) {
  return fmt::format("arg{} {} {:#x}", index, op, value);
}

// (arg & mask) == value
void add_masked(unsigned index, std::uint64_t mask, std::uint64_t value, std::uint64_t width,
                std::vector<std::string>& atoms) {
  if (mask == width) {
    atoms.push_back(atom(index, "==", value));
    return;
  }
  atoms.push_back(atom(index, "in", width & ~(mask & ~value)));
  for (std::uint64_t rest = mask & value; rest != 0; rest &= rest - 1) {
    atoms.push_back(atom(index, "&", std::uint64_t{1} << std::countr_zero(rest)));
  }
}

void add_atoms(const SeccompArgument& argument, std::uint64_t width,
               std::vector<std::string>& atoms) {
  static const std::map<std::string_view, std::string_view> operators = {
      {"SCMP_CMP_NE", "!="}, {"SCMP_CMP_LT", "<"},  {"SCMP_CMP_LE", "<="},
      {"SCMP_CMP_EQ", "=="}, {"SCMP_CMP_GE", ">="}, {"SCMP_CMP_GT", ">"}};
  if (argument.op == "SCMP_CMP_MASKED_EQ") {
    add_masked(argument.index, argument.value & width, argument.value_two & width, width, atoms);
  } else {
    atoms.push_back(atom(argument.index, operators.at(argument.op), argument.value & width));
  }
}

class Policy {
 public:
  Policy(const SeccompProfile& profile, const DialectContext& context, const CallRules& rules)
      : profile_(profile), rules_(rules), arch_(*rules.archs.front()) {
    text_ = comment_lines(context);
    text_ += fmt::format("# for {}\n", arch_.name);
    if (arch_.name == "i386" || arch_.name == "arm") width_ = 0xffffffff;
  }

  DialectText finish() && {
    for (const auto& [name, rule] : rules_.calls) {
      if (!call_number(arch_, name)) continue;
      const std::string expression = expression_of(name, rule);
      if (expression.empty()) continue;
      text_ += fmt::format("{}: {}\n", name, expression);
      instructions_ += 2;
    }
    warn();
    return {std::move(text_), std::move(caveats_)};
  }

 private:
  // "" where the default, which kills, says it.
  std::string expression_of(const std::string& name, const CallRule& rule) {
    if (rule.has_conditions()) {
      if (const std::string text = conditions_text(rule); !text.empty()) return text;
      widened_.push_back(name);
      return "1";
    }
    if (rule.is_allowed()) return "1";
    if (rule.denied && rule.denied->name == "SCMP_ACT_ERRNO") {
      return fmt::format("return {}", rule.denied->errno_ret);
    }
    return "";
  }

  // "" where it would not fit.
  std::string conditions_text(const CallRule& rule) {
    std::vector<std::string> alternatives;
    std::size_t instructions = 0;
    for (const CallCondition& condition : rule.allowed) {
      std::vector<std::string> atoms;
      for (const SeccompArgument& argument : condition) add_atoms(argument, width_, atoms);
      instructions += atoms.size() * kInstructionsOfAtom + 2;
      alternatives.push_back(join(atoms, " && "));
    }
    const std::size_t rest = 2 * rules_.calls.size();  // for the other lines
    if (labels_ + alternatives.size() + 2 > kMostLabels ||
        instructions_ + instructions + rest > kMostInstructions) {
      return "";
    }
    labels_ += alternatives.size() + 2;
    instructions_ += instructions;
    std::string text = join(alternatives, " || ");
    if (profile_.default_action.name == "SCMP_ACT_ERRNO") {
      text += fmt::format("; return {}", profile_.default_action.errno_ret);
    }
    return text;
  }

  void warn() {
    if (rules_.archs.size() > 1) {
      std::vector<std::string> others;
      for (const SyscallArch* arch : rules_.archs) {
        if (arch != &arch_) others.emplace_back(arch->name);
      }
      caveats_.push_back(
          fmt::format("a policy of minijail is for one architecture, here {}: it kills at calls of "
                      "{}, which the profile has too",
                      arch_.name, join(others, " and ")));
    }
    if (profile_.default_action.name == "SCMP_ACT_ERRNO") {
      caveats_.push_back(
          "minijail kills at a call that the policy does not name, where the profile "
          "says " +
          action_text(profile_.default_action));
    }
    if (!widened_.empty()) {
      caveats_.push_back("allowed whatever the arguments are, since more comparisons do not fit: " +
                         join(widened_, ", "));
    }
    add_unknown_caveat(rules_, caveats_);
  }

  const SeccompProfile& profile_;
  const CallRules& rules_;
  const SyscallArch& arch_;
  std::uint64_t width_ = ~std::uint64_t{0};
  std::size_t labels_ = 0, instructions_ = 0;
  std::string text_;
  std::vector<std::string> caveats_, widened_;
};

}  // namespace

Result<DialectText> write_minijail(const SeccompProfile& profile, const DialectContext& context) {
  if (permits(profile.default_action)) {
    return fail(ErrorCode::kUsage,
                "a minijail policy kills at what it does not name: it cannot say " +
                    profile.default_action.name,
                "give --default-action errno or kill; minijail0 -L then logs what is denied");
  }
  IG_ASSIGN(const CallRules rules, call_rules(profile, context));
  return Policy(profile, context, rules).finish();
}

}  // namespace ig
