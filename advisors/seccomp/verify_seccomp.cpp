// SPDX-License-Identifier: Apache-2.0
#include "advisors/seccomp/verify_seccomp.h"

#include <linux/seccomp.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "advisors/seccomp/argument_names.h"
#include "base/text.h"
#include "store/syscall_table.h"

namespace ig {
namespace {

using Answers = std::set<std::uint32_t>;

constexpr std::size_t kMostCombinations = 1 << 14;

// Another process decides.
bool asks(std::uint32_t answer) {
  const std::uint32_t action = answer & SECCOMP_RET_ACTION_FULL;
  return action == SECCOMP_RET_USER_NOTIF || action == SECCOMP_RET_TRACE;
}

bool denies(const Answers& answers) {
  return std::ranges::none_of(answers, [](std::uint32_t one) { return permits(one) || asks(one); });
}

// The arguments on which the filter's answer to one call depends, with the values that were
// recorded; nullopt stands for those that were not kept.
struct Choice {
  unsigned index = 0;
  std::vector<std::optional<std::uint64_t>> values;
  bool narrow = false;  // 32 bits of a 64-bit register
};

class Judge {
 public:
  Judge(const SeccompFilter& filter, SeccompVerdict& verdict)
      : filter_(filter), verdict_(verdict) {}

  Result<> judge(const NeededCall& call) {
    const SyscallArch* arch = find_syscall_arch(call.arch);
    if (!arch) return fail(ErrorCode::kUnsupported, "unknown architecture " + call.arch);
    const FilteredCall asked{.audit_arch = arch->audit,
                             .number = static_cast<std::uint32_t>(call.number)};
    IG_ASSIGN(const FilterReach reach, filter_reach(filter_.program, asked));
    ++verdict_.checked;
    if (std::ranges::all_of(reach.answers, permits)) return {};
    const auto choices = choices_of(call, *arch, reach);
    if (!choices.empty()) return judge_values(call, asked, choices);
    if (denies(reach.answers)) {
      verdict_.denied.push_back({call, answers_text(reach.answers)});
    } else {
      verdict_.undecided.push_back(
          {call, answers_text(reach.answers), {}, "its arguments are not in the recording"});
    }
    return {};
  }

 private:
  static std::vector<Choice> choices_of(const NeededCall& call, const SyscallArch& arch,
                                        const FilterReach& reach) {
    std::vector<Choice> choices;
    std::size_t combinations = 1;
    const bool wide_registers = call.arch == "x86_64" || call.arch == "aarch64";
    for (const NeededArgument& argument : call.arguments) {
      const bool counts = reach.constants.contains(2 * argument.index) ||
                          reach.constants.contains(2 * argument.index + 1);
      Choice choice{.index = argument.index, .values = {}};
      choice.values.assign(argument.values.begin(), argument.values.end());
      if (argument.more) choice.values.push_back(std::nullopt);
      if (!counts || choice.values.empty()) continue;
      choice.narrow = wide_registers && arch.number_bits == 0 &&
                      !is_wide_argument(call.name.value_or(""), argument.index);
      combinations *= choice.values.size();
      if (combinations > kMostCombinations) break;  // what is left counts as not known
      choices.push_back(std::move(choice));
    }
    return choices;
  }

  // Every combination of recorded values, since which of them came together is not recorded.
  Result<> judge_values(const NeededCall& call, const FilteredCall& asked,
                        const std::vector<Choice>& choices) {
    std::vector<std::size_t> at(choices.size(), 0);
    std::map<std::pair<std::size_t, std::size_t>, bool> always_denied;
    Answers all, denials;
    bool open = false;
    do {
      IG_ASSIGN(const Answers answers, ask(call, asked, choices, at));
      const bool denied = denies(answers);
      open |= !denied && !std::ranges::all_of(answers, permits);
      for (std::size_t i = 0; i < at.size(); ++i) {
        bool& always = always_denied.try_emplace({i, at[i]}, true).first->second;
        always = always && denied;
      }
      all.insert(answers.begin(), answers.end());
      if (denied) denials.insert(answers.begin(), answers.end());
    } while (next(at, choices));
    conclude(call, choices, always_denied, all, denials, open);
    return {};
  }

  static bool next(std::vector<std::size_t>& at, const std::vector<Choice>& choices) {
    for (std::size_t i = 0; i < at.size(); ++i) {
      if (++at[i] < choices[i].values.size()) return true;
      at[i] = 0;
    }
    return false;
  }

  Result<Answers> ask(const NeededCall& call, FilteredCall asked,
                      const std::vector<Choice>& choices, const std::vector<std::size_t>& at) {
    bool sign = false, narrow = false;
    for (std::size_t i = 0; i < at.size(); ++i) {
      const auto value = choices[i].values[at[i]];
      if (!value) continue;
      asked.set_argument(choices[i].index, *value);
      narrow |= choices[i].narrow;
      sign |= choices[i].narrow && (*value & 0x80000000) != 0;
    }
    IG_ASSIGN(Answers answers, filter_answers(filter_.program, asked));
    if (!narrow) return answers;
    for (std::size_t i = 0; i < at.size(); ++i) {
      if (!choices[i].narrow || !choices[i].values[at[i]]) continue;
      asked.arguments[2UZ * choices[i].index + 1] = 0xffffffff;
    }
    IG_ASSIGN(const Answers other, filter_answers(filter_.program, asked));
    if (other != answers) verdict_.compares_upper_half.insert(call.display_name());
    // A negative number is extended by its sign, or not: both are usual.
    if (sign) answers.insert(other.begin(), other.end());
    return answers;
  }

  void conclude(const NeededCall& call, const std::vector<Choice>& choices,
                const std::map<std::pair<std::size_t, std::size_t>, bool>& always_denied,
                const Answers& all, const Answers& denials, bool open) {
    if (std::ranges::all_of(all, permits)) return;
    JudgedCall judged{call, answers_text(all)};
    std::map<unsigned, std::vector<std::string>> words;
    for (const auto& [place, always] : always_denied) {
      const auto& [i, j] = place;
      const auto value = choices[i].values[j];
      if (!always || !value) continue;
      judged.values.push_back({choices[i].index, *value});
      words[choices[i].index].push_back(
          argument_text(call.name.value_or(""), choices[i].index, *value));
    }
    for (const auto& [index, texts] : words) {
      if (!judged.why.empty()) judged.why += "; ";
      judged.why += "argument " + std::to_string(index + 1) + ": " + join(texts, ", ");
    }
    if (!judged.values.empty() || denies(all)) {
      judged.answer = answers_text(denials);
      verdict_.denied.push_back(std::move(judged));
      return;
    }
    judged.why = open ? "arguments or values that the recording did not keep decide"
                      : "the combination of its arguments decides";
    verdict_.undecided.push_back(std::move(judged));
  }

  const SeccompFilter& filter_;
  SeccompVerdict& verdict_;
};

}  // namespace

bool permits(std::uint32_t answer) {
  const std::uint32_t action = answer & SECCOMP_RET_ACTION_FULL;
  return action == SECCOMP_RET_ALLOW || action == SECCOMP_RET_LOG;
}

std::string answers_text(const std::set<std::uint32_t>& answers) {
  std::vector<std::string> texts;
  for (const std::uint32_t answer : answers) texts.push_back(answer_text(answer));
  return join(texts, " or ");
}

std::string answer_text(std::uint32_t answer) {
  const std::string data = std::to_string(answer & SECCOMP_RET_DATA);
  switch (answer & SECCOMP_RET_ACTION_FULL) {
    case SECCOMP_RET_ALLOW:
      return "allow";
    case SECCOMP_RET_LOG:
      return "log";
    case SECCOMP_RET_ERRNO:
      return "errno " + data;
    case SECCOMP_RET_TRAP:
      return "trap";
    case SECCOMP_RET_TRACE:
      return "trace " + data;
    case SECCOMP_RET_USER_NOTIF:
      return "notify";
    case SECCOMP_RET_KILL_THREAD:
      return "kill thread";
    default:
      return "kill process";  // as the kernel does for a value that it does not know
  }
}

Result<SeccompVerdict> verify_calls(const SeccompFilter& filter, const NeededCalls& needed) {
  SeccompVerdict verdict;
  verdict.unknown_names = filter.unknown_names;
  Judge judge(filter, verdict);
  for (const NeededCall& call : needed.calls) IG_TRY(judge.judge(call));
  return verdict;
}

Result<SeccompVerdict> verify_seccomp(const SeccompProfile& profile, SessionReader& session,
                                      const Workload& workload, FilterRuntime runtime) {
  IG_ASSIGN(const NeededCalls needed, needed_calls(session, workload));
  IG_ASSIGN(const SeccompFilter filter, compile_profile(profile, needed.native_arch, runtime));
  return verify_calls(filter, needed);
}

}  // namespace ig
