// SPDX-License-Identifier: Apache-2.0
// Single calls: those that everything needs, those that open the machine, those that libcs use for
// one another.
#include <fmt/format.h>
#include <linux/seccomp.h>

#include <algorithm>
#include <cerrno>

#include "advisors/seccomp/dangerous_calls.h"
#include "advisors/seccomp/fallback_calls.h"
#include "advisors/seccomp/lint_context.h"
#include "advisors/seccomp/verify_seccomp.h"
#include "base/text.h"
#include "store/syscall_table.h"

namespace ig {
namespace {

using enum LintSeverity;

struct Needed {
  const char* call;
  LintSeverity severity;
  const char* why;
};
constexpr Needed kNeeded[] = {
    {"execve", kError, "the runtime starts the container's program with it, under the filter"},
    {"exit_group", kError, "every process ends with it"},
    {"exit", kWarning, "every thread ends with it"},
    {"rt_sigreturn", kError, "the kernel has every signal handler return through it"},
    {"restart_syscall", kWarning, "the kernel continues calls through it that a stop interrupted"},
};

// Calls that do the same.
struct Twin {
  const char *older, *newer;
  bool libc = true;  // libcs and their versions take one or the other
};
constexpr Twin kTwins[] = {
    {"accept", "accept4"},
    {"access", "faccessat"},
    {"chmod", "fchmodat"},
    {"chown", "fchownat"},
    {"clone", "clone3", false},
    {"dup2", "dup3"},
    {"epoll_create", "epoll_create1"},
    {"epoll_wait", "epoll_pwait"},
    {"eventfd", "eventfd2"},
    {"execve", "execveat", false},
    {"fork", "clone"},
    {"getdents", "getdents64"},
    {"init_module", "finit_module", false},
    {"inotify_init", "inotify_init1"},
    {"kexec_load", "kexec_file_load", false},
    {"link", "linkat"},
    {"mkdir", "mkdirat"},
    {"mknod", "mknodat"},
    {"mount", "move_mount", false},
    {"open", "openat"},
    {"openat", "openat2", false},
    {"pipe", "pipe2"},
    {"poll", "ppoll"},
    {"readlink", "readlinkat"},
    {"rename", "renameat"},
    {"renameat", "renameat2"},
    {"rmdir", "unlinkat"},
    {"select", "pselect6"},
    {"setxattr", "setxattrat", false},
    {"signalfd", "signalfd4"},
    {"stat", "newfstatat"},
    {"symlink", "symlinkat"},
    {"unlink", "unlinkat"},
    {"utimes", "utimensat"},
    {"vfork", "clone"},
};

bool is_enosys(std::uint32_t answer) { return answer == (SECCOMP_RET_ERRNO | ENOSYS); }

std::string runtime_name(FilterRuntime runtime) {
  return runtime == FilterRuntime::kRunc ? "runc" : "crun";
}

void lint_fallback(LintContext& context, const FallbackCall& fallback) {
  std::string answered;
  std::uint32_t answer = 0;
  for (const auto& [runtime, filter] : context.filters) {
    const auto given = context.answer(std::string(fallback.name), runtime);
    if (!given || is_enosys(*given)) continue;
    answer = *given;
    answered += (answered.empty() ? "" : " and ") + runtime_name(runtime);
  }
  if (answered.empty()) return;
  context.add("errno-fallback", fallback.common ? kWarning : kNote, std::string(fallback.name),
              fmt::format("{}; under {} the answer is {}, and there is no way back to older calls",
                          fallback.user, answered, answer_text(answer)),
              fmt::format("allow {0}, or deny it with SCMP_ACT_ERRNO and errnoRet 38 (ENOSYS)",
                          fallback.name));
}

}  // namespace

void lint_needed(LintContext& context) {
  for (const Needed& needed : kNeeded) {
    if (context.standing(needed.call) != Standing::kDenied) continue;
    context.add("missing-needed-call", needed.severity, needed.call,
                fmt::format("{} is denied: {}", needed.call, needed.why), "allow it");
  }
  const bool i386 = context.has_arch("SCMP_ARCH_X86"), arm = context.has_arch("SCMP_ARCH_ARM");
  if ((i386 || arm) && context.standing("sigreturn") == Standing::kDenied) {
    context.add("missing-needed-call", kWarning, "sigreturn",
                "sigreturn is denied: 32-bit programs return from signal handlers through it",
                "allow it");
  }
}

void lint_dangerous(LintContext& context) {
  if (!context.denies_by_default()) {
    context.add("permissive-default", kWarning, "",
                fmt::format("the default action is {}: whatever no rule names is let through, also "
                            "what later kernels bring",
                            context.profile.default_action.name),
                "list what is needed and deny the rest: ig advise seccomp-profile");
  }
  for (const DangerousCall& dangerous : dangerous_calls()) {
    const std::string name(dangerous.name);
    if (context.standing(name) != Standing::kAllowed) continue;
    context.add("dangerous-call", dangerous.grave ? kWarning : kNote, name,
                fmt::format("{} is allowed with any arguments: {}", name, dangerous.why),
                "take it out, or limit its arguments, unless a recording shows that it is needed");
  }
  const bool clone3 = context.standing("clone3") == Standing::kAllowed;
  if (clone3 && context.standing("clone") == Standing::kLimited) {
    context.add("clone3-unlimited", kWarning, "clone3",
                "clone is limited by its flags, but clone3 takes them in memory, where no filter "
                "sees them",
                "deny clone3 with SCMP_ACT_ERRNO and errnoRet 38 (ENOSYS): libcs fall back");
  }
}

void lint_errno(LintContext& context) {
  const bool narrow = context.subject.arch == "i386" || context.subject.arch == "arm";
  for (const FallbackCall& fallback : fallback_calls()) {
    if (narrow || !fallback.narrow) lint_fallback(context, fallback);
  }
  const auto& kernel = context.subject.target.kernel;
  if (!kernel) return;
  std::vector<std::string> denied;
  for (const std::string& name : syscalls_after(*kernel)) {
    for (const auto& [runtime, filter] : context.filters) {
      const auto answer = context.answer(name, runtime);
      if (!answer || is_enosys(*answer)) continue;
      denied.push_back(name);
      break;
    }
  }
  if (denied.empty()) return;
  context.add("newer-calls", kNote, "",
              fmt::format("Linux {} does not have {}, and the filter answers something else than "
                          "ENOSYS before the kernel can",
                          kernel->text(), join(denied, ", ")),
              "deny them with SCMP_ACT_ERRNO and errnoRet 38 (ENOSYS), or make that the default");
}

void lint_twins(LintContext& context) {
  const auto exists = [&](const char* call) {
    return syscall_number(context.subject.arch, call).has_value();
  };
  for (const auto& [older, newer, libc] : kTwins) {
    if (!exists(older) || !exists(newer)) continue;
    const auto first = context.standing(older), second = context.standing(newer);
    if (libc && first != Standing::kDenied && second == Standing::kDenied &&
        context.denies_by_default() && !context.lists(newer)) {
      context.add("allowed-twin", kNote, newer,
                  fmt::format("{} is allowed but {} is not, which other libcs and later versions "
                              "use instead",
                              older, newer),
                  "right for the image that was recorded; look again when its base changes");
    }
    if (!context.denies_by_default() &&
        (first == Standing::kDenied) != (second == Standing::kDenied)) {
      const bool older_denied = first == Standing::kDenied;
      context.add("denied-twin", kWarning, older_denied ? older : newer,
                  fmt::format("{} is denied but {} is not, which does the same",
                              older_denied ? older : newer, older_denied ? newer : older),
                  "deny both");
    }
  }
}

}  // namespace ig
