// SPDX-License-Identifier: Apache-2.0
#include "advisors/seccomp/argument_limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>

namespace ig {
namespace {

constexpr std::uint64_t kLowerHalf = 0xffffffff;
constexpr std::size_t kMostAlternatives = 64;  // of one call: filters have 4096 instructions

enum class Domain {
  kInt,     // 32 bits: what the register's upper half holds is chance
  kLong,    // 64 bits
  kFlags,   // 64 bits, each bit for itself: those of `flags` that were never set stay forbidden
  kZeroAny  // as kInt, but 0 stands for every value
};

struct LimitedArgument {
  std::string_view call;
  unsigned index;
  ArgumentMode from;  // the first mode that limits it
  Domain domain;
  std::uint64_t flags = 0;
};

// linux/sched.h: CLONE_NEW* but CLONE_NEWTIME, whose bit is part of clone's exit signal.
constexpr std::uint64_t kNewNamespaces = 0x7e020000;

using enum ArgumentMode;
using enum Domain;
constexpr LimitedArgument kLimited[] = {
    {"arch_prctl", 0, kAll, kInt},
    {"bpf", 0, kSafe, kInt},
    {"clone", 0, kSafe, kFlags, kNewNamespaces},
    {"fcntl", 1, kAll, kInt},
    {"fcntl64", 1, kAll, kInt},
    {"getsockopt", 1, kAll, kInt},
    {"getsockopt", 2, kAll, kInt},
    {"ioctl", 1, kAll, kInt},
    {"keyctl", 0, kSafe, kInt},
    {"madvise", 2, kAll, kInt},
    {"mmap", 2, kAll, kLong},
    {"mmap2", 2, kAll, kLong},
    {"mprotect", 2, kAll, kLong},
    {"personality", 0, kSafe, kInt},
    {"prctl", 0, kAll, kInt},
    {"ptrace", 0, kSafe, kLong},
    {"seccomp", 0, kSafe, kInt},
    {"seccomp", 1, kAll, kInt},
    {"setns", 1, kSafe, kZeroAny},
    {"setsockopt", 1, kAll, kInt},
    {"setsockopt", 2, kAll, kInt},
    {"socket", 0, kSafe, kInt},
    {"socket", 1, kAll, kInt},
    {"socketpair", 0, kSafe, kInt},
    {"socketpair", 1, kAll, kInt},
    {"unshare", 0, kSafe, kFlags, kLowerHalf},
};

using Comparisons = std::vector<SeccompArgument>;

// The values on all architectures; nullopt where one of them did not keep any.
std::optional<NeededArgument> values_of(const std::vector<const ObservedCall*>& calls,
                                        unsigned index) {
  NeededArgument all{.index = index, .values = {}};
  for (const auto* call : calls) {
    const auto found = std::ranges::find(call->arguments, index, &NeededArgument::index);
    if (found == call->arguments.end()) return std::nullopt;
    all.values.insert(found->values.begin(), found->values.end());
    all.more |= found->more;
  }
  return all;
}

SeccompArgument masked(unsigned index, std::uint64_t mask, std::uint64_t value) {
  return {.index = index, .value = mask, .value_two = value, .op = "SCMP_CMP_MASKED_EQ"};
}

// The comparisons of one argument, of which one must hold; none = any value is right.
Comparisons comparisons_of(const LimitedArgument& limited, const NeededArgument& seen) {
  Comparisons out;
  if (limited.domain == kFlags) {
    std::uint64_t unset = limited.flags;
    for (const auto value : seen.values) unset &= ~value;
    if (unset != 0) out.push_back(masked(limited.index, unset, 0));
    return out;
  }
  if (limited.domain == kZeroAny && seen.values.contains(0)) return out;
  for (const auto value : seen.values) {
    if (limited.domain == kLong) {
      out.push_back({.index = limited.index, .value = value, .op = "SCMP_CMP_EQ"});
    } else {
      out.push_back(masked(limited.index, kLowerHalf, value));
    }
  }
  return out;
}

std::vector<Comparisons> product(const std::vector<Comparisons>& left, const Comparisons& right) {
  std::vector<Comparisons> out;
  for (const auto& alternative : left) {
    for (const auto& comparison : right) {
      out.push_back(alternative);
      out.back().push_back(comparison);
    }
  }
  return out;
}

}  // namespace

Result<ArgumentMode> parse_argument_mode(std::string_view text) {
  if (text == "none") return kNone;
  if (text == "safe") return kSafe;
  if (text == "all") return kAll;
  return fail(ErrorCode::kUsage, "no such argument rules: \"" + std::string(text) + "\"",
              "--args is none, safe or all");
}

ArgumentLimits argument_limits(const std::string& name,
                               const std::vector<const ObservedCall*>& calls, ArgumentMode mode) {
  ArgumentLimits limits;
  std::vector<Comparisons> alternatives{{}};
  for (const auto& limited : kLimited) {
    if (limited.call != name || mode < limited.from) continue;
    const auto seen = values_of(calls, limited.index);
    if (!seen || (seen->values.empty() && !seen->more)) continue;
    if (seen->more) {
      const bool was_denied = std::ranges::any_of(
          calls, [](const ObservedCall* call) { return !call->learned_from.empty(); });
      limits.widened = fmt::format(
          "{}: argument {} had {}", name, limited.index + 1,
          was_denied ? "values that an audit log does not tell" : "more values than are kept");
      continue;
    }
    const auto comparisons = comparisons_of(limited, *seen);
    if (comparisons.empty()) continue;
    if (alternatives.size() * comparisons.size() > kMostAlternatives) {
      limits.widened = fmt::format("{}: the values of argument {} would take {} rules", name,
                                   limited.index + 1, alternatives.size() * comparisons.size());
      continue;
    }
    alternatives = product(alternatives, comparisons);
  }
  if (!alternatives.front().empty()) limits.alternatives = std::move(alternatives);
  return limits;
}

}  // namespace ig
