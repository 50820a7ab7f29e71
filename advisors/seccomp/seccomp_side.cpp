// SPDX-License-Identifier: Apache-2.0
#include "advisors/seccomp/seccomp_side.h"

#include <fmt/format.h>
#include <linux/seccomp.h>

#include <algorithm>

#include "advisors/advice_text.h"
#include "advisors/seccomp/filter_meaning.h"
#include "advisors/seccomp/seccomp_filter.h"
#include "advisors/seccomp/target_arch.h"
#include "base/text.h"
#include "store/syscall_table.h"

namespace ig {
namespace {

using Node = DecisionDiagrams::Node;

constexpr std::uint32_t kNobodysNumber = 0x000fff00;

// All numbers that an architecture can have: arm has a few far above the others.
constexpr std::pair<std::uint32_t, std::uint32_t> kNumbers[] = {{0, 1024}, {0xf0000, 0xf0010}};

const SyscallArch* arch_of_oci(std::string_view oci) {
  const auto found = std::ranges::find(syscall_archs(), oci, &SyscallArch::oci);
  return found == syscall_archs().end() ? nullptr : &*found;
}

// Where a profile is for another machine than the one at hand, its own list tells which: the first
// that is not there for the older programs of another.
std::string_view native_arch(const std::vector<const SyscallArch*>& listed,
                             std::string_view machine) {
  const auto is_compat = [&](std::string_view name) {
    return std::ranges::any_of(listed, [&](const SyscallArch* other) {
      const auto compat = compat_archs(other->name);
      return std::ranges::find(compat, name) != compat.end();
    });
  };
  std::string_view first;
  for (const SyscallArch* arch : listed) {
    if (arch->name == machine) return machine;
    if (first.empty() && !is_compat(arch->name)) first = arch->name;
  }
  return first.empty() ? machine : first;
}

Result<SideArch> read_arch(DecisionDiagrams& diagrams, const BpfProgram& program,
                           const SyscallArch& arch) {
  SideArch side;
  const auto meaning = [&](std::uint32_t number) {
    return filter_meaning(diagrams, program, arch.audit, number | arch.number_bits);
  };
  IG_ASSIGN(side.otherwise, meaning(kNobodysNumber));
  for (const auto& [first, end] : kNumbers) {
    for (std::uint32_t number = first; number < end; ++number) {
      const auto name = syscall_name(arch.name, number);
      if (!name) continue;
      IG_ASSIGN(const Node answer, meaning(number));
      side.calls[*name] = {answer};
    }
  }
  return side;
}

std::string evidence_of(const ObservedCall& call) {
  return fmt::format("{}, {}", count_text(call.count, "call"), join(call.phases, " "));
}

// "Seen" for the values that were, by the same rules that the advisor would write; compiled, so
// that both sides read 32-bit arguments alike.
Result<Node> seen_values(DecisionDiagrams& diagrams, const ObservedCall& call,
                         ArgumentMode arguments) {
  const Node seen = diagrams.leaf(SECCOMP_RET_ALLOW);
  if (!call.name || arguments == ArgumentMode::kNone) return seen;
  const auto limits = argument_limits(*call.name, {&call}, arguments);
  const SyscallArch* arch = find_syscall_arch(call.arch);
  if (limits.alternatives.empty() || !arch) return seen;
  SeccompProfile profile{.default_action = {.name = "SCMP_ACT_KILL_PROCESS"}};
  for (const auto& comparisons : limits.alternatives) {
    profile.rules.push_back({.names = {*call.name}, .arguments = comparisons});
  }
  IG_ASSIGN(const auto filter, compile_profile(profile, call.arch));
  IG_ASSIGN(const Node answer,
            filter_meaning(diagrams, filter.program, arch->audit,
                           static_cast<std::uint32_t>(call.number) | arch->number_bits));
  return diagrams.combine(answer, answer, [](std::uint32_t one, std::uint32_t) {
    return one == SECCOMP_RET_ALLOW ? one : SeccompSide::kNotSeen;
  });
}

}  // namespace

Result<SeccompSide> SeccompSide::of_profile(DecisionDiagrams& diagrams,
                                            const SeccompProfile& profile,
                                            std::string_view machine) {
  SeccompSide side;
  side.flags.insert(profile.flags.begin(), profile.flags.end());
  SeccompProfile known = profile;
  known.architectures.clear();
  std::vector<const SyscallArch*> listed;
  for (const auto& oci : profile.architectures) {
    if (const SyscallArch* arch = arch_of_oci(oci)) {
      known.architectures.push_back(oci);
      listed.push_back(arch);
    } else {
      side.unknown_archs.insert(oci);
    }
  }
  const auto native = native_arch(listed, machine);
  if (listed.empty()) listed.push_back(find_syscall_arch(native));
  IG_ASSIGN(const auto filter, compile_profile(known, native));
  side.unknown_names.insert(filter.unknown_names.begin(), filter.unknown_names.end());
  for (const SyscallArch* arch : listed) {
    IG_ASSIGN(auto calls, read_arch(diagrams, filter.program, *arch));
    side.archs[std::string(arch->name)] = std::move(calls);
  }
  return side;
}

Result<SeccompSide> SeccompSide::of_calls(DecisionDiagrams& diagrams, const ObservedCalls& observed,
                                          ArgumentMode arguments) {
  SeccompSide side{.recorded = true, .archs = {}};
  const Node not_seen = diagrams.leaf(kNotSeen);
  for (const ObservedCall& call : observed.calls) {
    SideArch& arch = side.archs.try_emplace(call.arch, SideArch{{}, not_seen}).first->second;
    IG_ASSIGN(const Node answer, seen_values(diagrams, call, arguments));
    arch.calls[call.display_name()] = {answer, evidence_of(call)};
  }
  return side;
}

}  // namespace ig
