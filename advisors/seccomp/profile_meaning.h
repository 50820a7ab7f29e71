// SPDX-License-Identifier: Apache-2.0
// What a profile says of one call, read straight from its rules, without libseccomp's compiler: the
// other side of the comparison that proves a compiled program.
//
// As the OCI runtime specification and the runtimes read it. The machine's own architecture is in,
// another one is in if listed, all else is killed. A rule that repeats the default action says
// nothing. Comparisons of different arguments must all hold; where a rule compares one argument
// twice, its comparisons are alternatives. A rule without comparisons stands above those with
// some, and the first of several is the one that counts. The specification does not say which of
// two rules with comparisons counts where both match: so the meaning is a set.
//
// Calls that carry others (i386's socketcall) are judged as libseccomp does: a rule for socket is
// one for socketcall(SYS_SOCKET) too, whose own arguments lie in memory that no filter sees.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "advisors/seccomp/seccomp_filter.h"
#include "advisors/seccomp/seccomp_profile.h"

namespace ig {

class ProfileMeaning {
 public:
  using Values = std::array<std::uint64_t, 6>;

  ProfileMeaning(const SeccompProfile& profile, std::string_view native_arch,
                 FilterRuntime runtime);

  // SECCOMP_RET_* values with their data: any of them is right.
  std::set<std::uint32_t> answers(std::uint32_t audit_arch, std::uint32_t number,
                                  const Values& values) const;
  // The comparisons that may decide on a call; empty = none does.
  std::vector<SeccompArgument> comparisons(std::uint32_t audit_arch, std::uint32_t number) const;
  // Calls that the profile names, by architecture token.
  std::vector<std::pair<std::uint32_t, std::uint32_t>> named_calls() const;

 private:
  struct MeantRule {
    std::uint32_t action = 0;
    std::vector<SeccompArgument> comparisons = {};
  };
  using Call = std::pair<std::uint32_t, std::uint32_t>;

  void add_rule(const SeccompRule& rule, std::string_view name, std::string_view arch);
  bool is_in(std::uint32_t audit_arch, std::uint32_t number) const;

  std::uint32_t default_action_;
  std::vector<std::string_view> archs_;  // those that are in
  std::map<Call, std::vector<MeantRule>> rules_;
  std::map<std::string_view, std::uint32_t> enosys_above_;  // by architecture
};

}  // namespace ig
