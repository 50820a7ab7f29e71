// SPDX-License-Identifier: Apache-2.0
// Single calls: those that everything needs, those that open the machine, those that libcs use for
// one another.
#include <fmt/format.h>
#include <linux/seccomp.h>

#include <algorithm>
#include <cerrno>

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

struct Dangerous {
  const char* call;
  LintSeverity severity;
  const char* why;
};
constexpr Dangerous kDangerous[] = {
    {"acct", kWarning, "switches process accounting"},
    {"add_key", kNote, "kernel keyrings are not separate for containers"},
    {"bpf", kWarning, "loads programs into the kernel"},
    {"clock_settime", kWarning, "sets the host's clock"},
    {"delete_module", kWarning, "unloads kernel modules"},
    {"finit_module", kWarning, "loads kernel modules"},
    {"fsconfig", kWarning, "mounts file systems"},
    {"fsmount", kWarning, "mounts file systems"},
    {"fsopen", kWarning, "mounts file systems"},
    {"init_module", kWarning, "loads kernel modules"},
    {"io_uring_setup", kWarning, "makes files and sockets do things that no filter sees"},
    {"ioperm", kWarning, "gives access to hardware ports"},
    {"iopl", kWarning, "gives access to hardware ports"},
    {"kcmp", kNote, "compares kernel objects of processes, which tells addresses apart"},
    {"kexec_file_load", kWarning, "replaces the running kernel"},
    {"kexec_load", kWarning, "replaces the running kernel"},
    {"keyctl", kWarning, "kernel keyrings are not separate for containers"},
    {"lookup_dcookie", kNote, "tells paths of the host"},
    {"modify_ldt", kNote, "an old interface with a history of faults"},
    {"mount", kWarning, "mounts file systems"},
    {"mount_setattr", kWarning, "changes mounts"},
    {"move_mount", kWarning, "moves mounts"},
    {"name_to_handle_at", kNote, "makes the handles that open_by_handle_at takes"},
    {"open_by_handle_at", kWarning, "opens files outside of the container's root"},
    {"open_tree", kWarning, "copies mounts"},
    {"perf_event_open", kWarning, "measures other processes and the kernel"},
    {"personality", kNote, "switches protections such as address space randomisation off"},
    {"pidfd_getfd", kWarning, "takes open files from other processes"},
    {"pivot_root", kWarning, "changes the root of the container"},
    {"process_madvise", kNote, "acts on the memory of other processes"},
    {"process_vm_readv", kWarning, "reads the memory of other processes"},
    {"process_vm_writev", kWarning, "writes the memory of other processes"},
    {"ptrace", kWarning, "controls other processes; before Linux 4.8 also around the filter"},
    {"quotactl", kWarning, "changes disk quotas"},
    {"reboot", kWarning, "stops the machine"},
    {"request_key", kNote, "kernel keyrings are not separate for containers"},
    {"setns", kWarning, "enters other namespaces"},
    {"settimeofday", kWarning, "sets the host's clock"},
    {"swapoff", kWarning, "changes the host's swap"},
    {"swapon", kWarning, "changes the host's swap"},
    {"syslog", kWarning, "reads the kernel's messages"},
    {"umount2", kWarning, "takes mounts away"},
    {"unshare", kWarning, "makes user namespaces, where most faults of the kernel can be reached"},
    {"userfaultfd", kWarning, "stops the kernel at a chosen place, which makes races winnable"},
    {"vm86", kWarning, "an old interface with a history of faults"},
};

// Calls that a libc or a language's runtime tries before an older one, and falls back from only
// where the answer is ENOSYS.
struct Fallback {
  const char* call;
  LintSeverity severity;
  const char* user;
};
constexpr Fallback kFallbacks[] = {
    {"clone3", kWarning, "glibc 2.34 and later starts threads and processes with it"},
    {"close_range", kWarning, "glibc 2.34 and later closes descriptors with it"},
    {"copy_file_range", kNote, "coreutils and language runtimes copy files with it"},
    {"epoll_pwait2", kWarning, "glibc 2.35 and event libraries wait with it"},
    {"faccessat2", kWarning, "glibc 2.33 and later does faccessat() with it"},
    {"fchmodat2", kWarning, "glibc 2.39 and later changes modes with it"},
    {"futex_waitv", kNote, "Wine and games wait with it"},
    {"getrandom", kWarning, "every libc takes its random numbers from it"},
    {"memfd_create", kNote, "runtimes and display libraries share memory with it"},
    {"openat2", kWarning, "Go, Rust and systemd open files with it"},
    {"pidfd_open", kWarning, "Go 1.23, Python and systemd watch processes with it"},
    {"pidfd_send_signal", kWarning, "Go 1.23 and systemd signal processes with it"},
    {"preadv2", kNote, "glibc 2.26 and later reads with it"},
    {"pwritev2", kNote, "glibc 2.26 and later writes with it"},
    {"renameat2", kWarning, "glibc 2.28, coreutils and Rust rename files with it"},
    {"rseq", kNote, "glibc 2.35 and later registers every thread with it"},
    {"statx", kWarning, "glibc 2.28, musl, Rust, Go and Node.js ask about files with it"},
};
constexpr Fallback kFallbacks32[] = {
    {"clock_gettime64", kWarning, "programs with 64-bit time ask for the time with it"},
    {"clock_nanosleep_time64", kWarning, "programs with 64-bit time sleep with it"},
    {"futex_time64", kWarning, "programs with 64-bit time lock with it"},
    {"ppoll_time64", kWarning, "programs with 64-bit time wait with it"},
    {"utimensat_time64", kWarning, "programs with 64-bit time set file times with it"},
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

void lint_fallback(LintContext& context, const Fallback& fallback) {
  std::string answered;
  std::uint32_t answer = 0;
  for (const auto& [runtime, filter] : context.filters) {
    const auto given = context.answer(fallback.call, runtime);
    if (!given || is_enosys(*given)) continue;
    answer = *given;
    answered += (answered.empty() ? "" : " and ") + runtime_name(runtime);
  }
  if (answered.empty()) return;
  context.add("errno-fallback", fallback.severity, fallback.call,
              fmt::format("{}; under {} the answer is {}, and there is no way back to older calls",
                          fallback.user, answered, answer_text(answer)),
              fmt::format("allow {0}, or deny it with SCMP_ACT_ERRNO and errnoRet 38 (ENOSYS)",
                          fallback.call));
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
  for (const Dangerous& dangerous : kDangerous) {
    if (context.standing(dangerous.call) != Standing::kAllowed) continue;
    context.add("dangerous-call", dangerous.severity, dangerous.call,
                fmt::format("{} is allowed with any arguments: {}", dangerous.call, dangerous.why),
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
  for (const Fallback& fallback : kFallbacks) lint_fallback(context, fallback);
  if (context.subject.arch == "i386" || context.subject.arch == "arm") {
    for (const Fallback& fallback : kFallbacks32) lint_fallback(context, fallback);
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
