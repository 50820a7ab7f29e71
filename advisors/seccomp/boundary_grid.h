// SPDX-License-Identifier: Apache-2.0
// Does the compiled program mean what the profile says? libseccomp turns rules into a tree of
// comparisons of 32-bit halves, and has had versions that merged them wrongly
// (GHSA-4q85-33p6-j5g6), so the program itself is asked, by our own interpreter: about every number
// of every architecture and beyond, and where arguments count, about the values at which its
// comparisons and those of the profile change their mind. Each answer must be one that the profile
// means.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "advisors/seccomp/bpf_interpreter.h"
#include "advisors/seccomp/profile_meaning.h"
#include "base/result.h"

namespace ig {

struct GridMismatch {
  std::string arch;  // "x86_64", or the token in hex where it is none of ours
  std::uint32_t number = 0;
  std::string name;  // of the call; "" = none
  ProfileMeaning::Values values{};
  bool with_values = false;  // they count
  std::uint32_t answer = 0;
  std::set<std::uint32_t> meant;
};

struct GridResult {
  std::size_t asked = 0;
  std::size_t wrong = 0;
  std::vector<GridMismatch> mismatches;  // the first of them
};

Result<GridResult> check_grid(std::span<const sock_filter> program, const ProfileMeaning& meaning);

}  // namespace ig
