// SPDX-License-Identifier: Apache-2.0
#include "advisors/seccomp/verify_seccomp.h"

#include <linux/seccomp.h>

#include <algorithm>

#include "advisors/seccomp/seccomp_filter.h"
#include "base/text.h"
#include "store/syscall_table.h"

namespace ig {
namespace {

bool permits(std::uint32_t answer) {
  const std::uint32_t action = answer & SECCOMP_RET_ACTION_FULL;
  return action == SECCOMP_RET_ALLOW || action == SECCOMP_RET_LOG;
}

// Another process decides.
bool asks(std::uint32_t answer) {
  const std::uint32_t action = answer & SECCOMP_RET_ACTION_FULL;
  return action == SECCOMP_RET_USER_NOTIF || action == SECCOMP_RET_TRACE;
}

std::string all_text(const std::set<std::uint32_t>& answers) {
  std::vector<std::string> texts;
  for (const std::uint32_t answer : answers) texts.push_back(answer_text(answer));
  return join(texts, " or ");
}

}  // namespace

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

Result<SeccompVerdict> verify_seccomp(const SeccompProfile& profile, SessionReader& session,
                                      const Workload& workload) {
  IG_ASSIGN(const NeededCalls needed, needed_calls(session, workload));
  IG_ASSIGN(const SeccompFilter filter, compile_profile(profile, needed.native_arch));
  SeccompVerdict verdict;
  verdict.unknown_names = filter.unknown_names;
  for (const NeededCall& call : needed.calls) {
    const SyscallArch* arch = find_syscall_arch(call.arch);
    if (!arch) return fail(ErrorCode::kUnsupported, "unknown architecture " + call.arch);
    IG_ASSIGN(const auto answers,
              filter_answers(filter.program, arch->audit, static_cast<std::uint32_t>(call.number)));
    ++verdict.checked;
    if (std::ranges::all_of(answers, permits)) continue;
    const bool open = std::ranges::any_of(answers, permits) || std::ranges::any_of(answers, asks);
    (open ? verdict.undecided : verdict.denied).push_back({call, all_text(answers)});
  }
  return verdict;
}

}  // namespace ig
