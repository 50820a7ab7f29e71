// SPDX-License-Identifier: Apache-2.0
// A profile by call instead of by rule: what the forms that list calls are written from.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "advisors/seccomp/seccomp_dialect.h"
#include "store/syscall_table.h"

namespace ig {

// One way in which a call is allowed: every comparison holds. Empty: whatever its arguments are.
using CallCondition = std::vector<SeccompArgument>;

struct CallRule {
  std::vector<CallCondition> allowed;   // alternatives; none: not allowed
  std::optional<SeccompAction> denied;  // by a rule of its own, not by the default action

  bool is_allowed() const { return !allowed.empty(); }
  bool has_conditions() const;  // allowed, but not whatever its arguments are
};

struct CallRules {
  std::vector<const SyscallArch*> archs;  // the machine's own first
  std::map<std::string, CallRule> calls;  // those that one of `archs` has
  std::vector<std::string> unknown;       // the others: no architecture here has them

  std::vector<std::string> allowed() const;
  std::vector<std::string> with_conditions() const;
  bool has_arch(std::string_view name) const;
};

// Of the call as the kernel has it. syscall_number() has none for those that libseccomp knows on
// i386 by a number of its own, since they are there twice (socket, and an operation of socketcall).
std::optional<std::int64_t> call_number(const SyscallArch& arch, const std::string& name);

// Whether the call is made: SCMP_ACT_ALLOW and SCMP_ACT_LOG.
bool permits(const SeccompAction& action);

Result<CallRules> call_rules(const SeccompProfile& profile, const DialectContext& context);

// What happens to a denied call, for a form that has one answer for all of them: what the profile
// says of calls that it names as denied, else its default action.
SeccompAction one_denial(const SeccompProfile& profile);
bool has_several_denials(const SeccompProfile& profile);

std::string errno_name(std::uint32_t number);              // "EPERM", "4000"
std::string action_text(const SeccompAction& action);      // "SCMP_ACT_ERRNO EPERM"
std::string comment_lines(const DialectContext& context);  // "# …\n" of each line of the header

// Names in lines of at most 100 columns, each after `lead`.
std::string wrapped_lines(std::string_view lead, const std::vector<std::string>& names);

void add_unknown_caveat(const CallRules& rules, std::vector<std::string>& caveats);

}  // namespace ig
