// SPDX-License-Identifier: Apache-2.0
#include "advisors/seccomp/boundary_grid.h"

#include <fmt/format.h>
#include <linux/audit.h>

#include <algorithm>
#include <bit>
#include <random>

#include "store/syscall_table.h"

namespace ig {
namespace {

using Values = ProfileMeaning::Values;
using Words = std::set<std::uint32_t>;

constexpr std::size_t kMostPoints = 4096;  // of one call: all of a grid, or so many at random
constexpr std::size_t kMostMismatches = 20;
constexpr std::uint32_t kFirstNumbers = 600;  // no table is longer yet
constexpr std::uint32_t kX32Bit = 0x40000000;
constexpr std::uint32_t kForeignArch = AUDIT_ARCH_S390X;

struct Machine {
  std::string_view name;
  std::uint32_t audit = 0;
  bool wide = true;  // its registers have 64 bits
};

std::vector<Machine> machines() {
  std::vector<Machine> all;
  for (const SyscallArch& arch : syscall_archs()) {
    if (arch.name == "x32") continue;  // the token of x86_64, and its numbers are asked there
    all.push_back({arch.name, arch.audit, (arch.audit & __AUDIT_ARCH_64BIT) != 0});
  }
  all.push_back({"", kForeignArch, true});
  return all;
}

std::set<std::uint32_t> numbers_of(const Machine& machine, const ProfileMeaning& meaning) {
  std::set<std::uint32_t> numbers = {0x3fffffff, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff};
  for (std::uint32_t number = 0; number < kFirstNumbers; ++number) {
    numbers.insert(number);
    numbers.insert(number | kX32Bit);
  }
  for (const auto& [audit, number] : meaning.named_calls()) {
    if (audit == machine.audit) numbers.insert({number - 1, number, number + 1});
  }
  return numbers;
}

std::string name_of(const Machine& machine, std::uint32_t number) {
  const bool x32 = machine.name == "x86_64" && (number & kX32Bit) != 0;
  return syscall_name(x32 ? "x32" : machine.name, number).value_or("");
}

void add_around(Words& words, std::uint32_t value) {
  words.insert({value - 1, value, value + 1, ~value, value & (value - 1)});
}

// The values of one argument between which some comparison changes its mind.
std::vector<std::uint64_t> points(unsigned index, const FilterReach& reach,
                                  const std::vector<SeccompArgument>& comparisons, bool wide) {
  Words lower = {0}, upper = {0};
  const auto add_constants = [&](unsigned word, Words& words) {
    const auto found = reach.constants.find(word);
    if (found == reach.constants.end()) return false;
    for (const std::uint32_t constant : found->second) add_around(words, constant);
    return true;
  };
  bool counts = add_constants(2 * index, lower);
  counts |= add_constants(2 * index + 1, upper);
  std::set<std::uint64_t> values;
  for (const SeccompArgument& one : comparisons) {
    if (one.index != index) continue;
    counts = true;
    for (const std::uint64_t value : {one.value, one.value_two, one.value_two | ~one.value}) {
      values.insert({value - 1, value, value + 1, value ^ (value & -value)});
      values.insert(value | 0xffffffff00000000);
    }
    if (one.op != "SCMP_CMP_MASKED_EQ") continue;
    for (int bit = 0; bit < 64; ++bit) values.insert(one.value_two ^ (1ULL << bit));
  }
  if (!counts) return {0};
  upper.insert({1, 0xffffffff});
  const auto add_pairs = [&](const Words& lows, const Words& highs) {
    for (const std::uint32_t low : lows) {
      for (const std::uint32_t high : highs) values.insert(std::uint64_t{high} << 32 | low);
    }
  };
  // Not every half with every other one where that would be millions.
  if (lower.size() * upper.size() <= kMostPoints) {
    add_pairs(lower, upper);
  } else {
    add_pairs(lower, {0, 1, 0xffffffff});
    add_pairs({0, 1, 0xffffffff}, upper);
  }
  if (wide) return {values.begin(), values.end()};
  std::set<std::uint64_t> narrow;
  for (const std::uint64_t value : values) narrow.insert(value & 0xffffffff);
  return {narrow.begin(), narrow.end()};
}

class Grid {
 public:
  Grid(std::span<const sock_filter> program, const ProfileMeaning& meaning)
      : program_(program), meaning_(meaning) {}

  Result<GridResult> run() {
    for (const Machine& machine : machines()) {
      for (const std::uint32_t number : numbers_of(machine, meaning_)) {
        IG_TRY(ask_number(machine, number));
      }
    }
    return std::move(found_);
  }

 private:
  Result<> ask_number(const Machine& machine, std::uint32_t number) {
    IG_ASSIGN(const auto reach,
              filter_reach(program_, {.audit_arch = machine.audit, .number = number}));
    const auto comparisons = meaning_.comparisons(machine.audit, number);
    if (reach.constants.empty() && comparisons.empty()) {
      judge(machine, number, reach.answers, {}, false);
      return {};
    }
    std::array<std::vector<std::uint64_t>, 6> axes;
    std::size_t all = 1;
    for (unsigned index = 0; index < axes.size(); ++index) {
      // Programs of x32 use 32 bits of their registers, and libseccomp compares no more.
      const bool x32 = machine.audit == AUDIT_ARCH_X86_64 && number >= kX32Bit;
      axes[index] = points(index, reach, comparisons, machine.wide && !x32);
      all = std::min(all, std::size_t{1} << 40) * axes[index].size();
    }
    std::mt19937_64 random(number);  // the same every time
    for (std::size_t i = 0; i < std::min(all, kMostPoints); ++i) {
      std::size_t rest = i;
      Values values{};
      for (unsigned index = 0; index < axes.size(); ++index) {
        const std::size_t count = axes[index].size();
        values[index] = axes[index][all <= kMostPoints ? rest % count : random() % count];
        rest /= count;
      }
      IG_TRY(ask_values(machine, number, values));
    }
    return {};
  }

  Result<> ask_values(const Machine& machine, std::uint32_t number, const Values& values) {
    FilteredCall call{.audit_arch = machine.audit, .number = number};
    for (unsigned index = 0; index < values.size(); ++index) {
      call.set_argument(index, values[index]);
    }
    IG_ASSIGN(const auto answers, filter_answers(program_, call));
    judge(machine, number, answers, values, true);
    return {};
  }

  void judge(const Machine& machine, std::uint32_t number, const std::set<std::uint32_t>& answers,
             const Values& values, bool with_values) {
    ++found_.asked;
    const auto meant = meaning_.answers(machine.audit, number, values);
    for (const std::uint32_t answer : answers) {
      if (meant.contains(answer)) continue;
      ++found_.wrong;
      if (found_.mismatches.size() >= kMostMismatches) continue;
      found_.mismatches.push_back({.arch = machine.name.empty()
                                               ? fmt::format("{:#x}", machine.audit)
                                               : std::string(machine.name),
                                   .number = number,
                                   .name = name_of(machine, number),
                                   .values = values,
                                   .with_values = with_values,
                                   .answer = answer,
                                   .meant = meant});
    }
  }

  std::span<const sock_filter> program_;
  const ProfileMeaning& meaning_;
  GridResult found_;
};

}  // namespace

Result<GridResult> check_grid(std::span<const sock_filter> program, const ProfileMeaning& meaning) {
  return Grid(program, meaning).run();
}

}  // namespace ig
