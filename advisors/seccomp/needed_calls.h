// SPDX-License-Identifier: Apache-2.0
// The calls of one workload that its seccomp filter will meet, merged over the phases: what the
// advisor allows and what `ig verify` asks of any profile. One place decides it, so the two can
// never disagree.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "advisors/seccomp/filter_start.h"
#include "base/result.h"
#include "store/session_reader.h"

namespace ig {

// The values that one argument had, of those that recordings keep.
struct NeededArgument {
  unsigned index = 0;  // from 0
  std::set<std::uint64_t> values;
  bool more = false;  // further ones were seen, which the recording did not keep
};

struct NeededCall {
  std::string arch;
  std::int64_t number = 0;          // as the kernel sees it (x32 with its bit)
  std::optional<std::string> name;  // nullopt: unknown to the installed libseccomp
  std::uint64_t count = 0;
  std::int64_t first_ns = 0, last_ns = 0;
  std::vector<std::string> phases;        // "setup", "startup", … in the order of a life
  std::set<std::string> learned_from;     // audit logs: the call was denied later
  std::vector<NeededArgument> arguments;  // by index; none of a call whose arguments are not kept

  std::string display_name() const;  // "openat", "syscall 470"
  bool only_in(const std::set<std::string>& some_phases) const;
};

// Its place in the order of a life: setup, startup, steady, exec…
std::ptrdiff_t phase_age(const std::string& phase);

struct NeededCalls {
  std::string native_arch;          // of the recorded machine
  std::vector<NeededCall> calls;    // by architecture and name
  std::vector<NeededCall> outside;  // made by the runtime only, before the filter counts
  bool set_up_seen = false;
  FilterStart start;
};

Result<NeededCalls> needed_calls(SessionReader& session, const Workload& workload);

}  // namespace ig
