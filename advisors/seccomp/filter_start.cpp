// SPDX-License-Identifier: Apache-2.0
#include "advisors/seccomp/filter_start.h"

#include <limits>
#include <optional>

#include "store/syscall_table.h"

namespace ig {
namespace {

// What happened before the entry point's exec; later ones belong to exec sessions.
class SetUp {
 public:
  SetUp(const std::vector<SetupMark>& marks, const std::vector<SyscallUse>& uses)
      : marks_(marks), uses_(uses) {
    const auto* entry = find("entry_exec");
    if (entry) end_ns_ = entry->first_ns;
  }

  std::optional<std::int64_t> last_mark(std::string_view name) const {
    const auto* mark = find(name);
    return mark ? before_end(mark->first_ns, mark->last_ns) : std::nullopt;
  }

  std::optional<std::int64_t> last_call(std::string_view name) const {
    std::optional<std::int64_t> last;
    for (const SyscallUse& use : uses_) {
      if (use.phase != "setup" || syscall_name(use.arch, use.number) != name) continue;
      // A range that reaches past the end says nothing about its last call before the end.
      if (use.last_ns <= end_ns_) last = std::max(last.value_or(use.last_ns), use.last_ns);
    }
    return last;
  }

 private:
  const SetupMark* find(std::string_view name) const {
    for (const SetupMark& mark : marks_) {
      if (mark.mark == name) return &mark;
    }
    return nullptr;
  }

  std::optional<std::int64_t> before_end(std::int64_t first_ns, std::int64_t last_ns) const {
    if (last_ns <= end_ns_) return last_ns;
    if (first_ns <= end_ns_) return first_ns;
    return std::nullopt;
  }

  const std::vector<SetupMark>& marks_;
  const std::vector<SyscallUse>& uses_;
  std::int64_t end_ns_ = std::numeric_limits<std::int64_t>::max();
};

bool may_be_crun(const Workload& workload) {
  return workload.runtime.empty() || workload.runtime == "crun" || workload.runtime == "podman";
}

}  // namespace

FilterStart find_filter_start(const Workload& workload, const std::vector<SetupMark>& marks,
                              const std::vector<SyscallUse>& uses) {
  const SetUp set_up(marks, uses);
  const auto no_new_privs = set_up.last_mark("no_new_privs");
  const auto pdeathsig = set_up.last_mark("get_pdeathsig");
  FilterStart start{.no_new_privileges = no_new_privs.has_value(),
                    .scheduler_may_wake = pdeathsig.has_value()};
  const auto at = [&start](std::int64_t time_ns, std::string reason) {
    start.time_ns = time_ns;
    start.reason = std::move(reason);
    start.known = true;
    return start;
  };

  if (const auto filter = set_up.last_mark("seccomp_filter")) {
    return at(*filter, "the recorded run loaded its filter there");
  }
  if (pdeathsig && no_new_privs) {  // runc: just before it opens exec.fifo
    const auto getppid = set_up.last_call("getppid");
    return getppid && *getppid >= *no_new_privs
               ? at(*getppid, "runc with no_new_privileges: from its last getppid")
               : at(*no_new_privs, "runc with no_new_privileges: from prctl(PR_SET_NO_NEW_PRIVS)");
  }
  if (pdeathsig) return at(*pdeathsig, "runc: from prctl(PR_GET_PDEATHSIG)");
  if (no_new_privs) {
    return at(*no_new_privs, "with no_new_privileges: from prctl(PR_SET_NO_NEW_PRIVS)");
  }
  if (workload.kind != WorkloadKind::kContainer) {
    const auto exec = set_up.last_call("execve");
    return exec ? at(*exec, "no container: from its execve") : start;
  }
  if (may_be_crun(workload)) {
    for (const std::string_view call : {"setresgid", "setsid"}) {
      if (const auto last = set_up.last_call(call)) {
        return at(*last, "crun: from its last " + std::string(call));
      }
    }
  }
  return start;
}

}  // namespace ig
