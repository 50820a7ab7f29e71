// SPDX-License-Identifier: Apache-2.0
// What a compiled seccomp filter answers to a call: an interpreter of classic BPF as the kernel
// runs it for seccomp. The proof that a profile allows what was recorded rests on the compiled
// program, not on the JSON, since names, architectures and merged conditions only become real
// there.
//
// What is not known of a call's arguments stays open: a branch on it goes both ways, and the answer
// is the set of all actions that can come out.
#pragma once

#include <linux/filter.h>

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "base/result.h"

namespace ig {

using BpfProgram = std::vector<sock_filter>;

// A call as a filter sees it. Arguments are six times 64 bits, which programs read as 32-bit words:
// the lower half of argument i is word 2i, on the little-endian machines that this is for.
struct FilteredCall {
  std::uint32_t audit_arch = 0;
  std::uint32_t number = 0;
  std::array<std::optional<std::uint32_t>, 12> arguments{};  // nullopt = not known

  void set_argument(unsigned index, std::uint64_t value);
};

struct FilterReach {
  std::set<std::uint32_t> answers;  // SECCOMP_RET_* values with their data
  // By word of an argument that is not known: the constants that the ways to those answers compare
  // it with or mask it by.
  std::map<unsigned, std::set<std::uint32_t>> constants;
};

// kInvalid where the kernel would not accept the program.
Result<FilterReach> filter_reach(std::span<const sock_filter> program, const FilteredCall& call);
Result<std::set<std::uint32_t>> filter_answers(std::span<const sock_filter> program,
                                               const FilteredCall& call);
// With arguments of which nothing is known.
Result<std::set<std::uint32_t>> filter_answers(std::span<const sock_filter> program,
                                               std::uint32_t audit_arch, std::uint32_t number);

}  // namespace ig
