// SPDX-License-Identifier: Apache-2.0
#include "cli/recorder_confinement.h"

#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <span>
#include <vector>

#include "advisors/seccomp/seccomp_filter.h"
#include "base/capabilities.h"
#include "base/embedded.h"
#include "base/log.h"
#include "store/syscall_table.h"

namespace ig {

extern const std::span<const EmbeddedFile> recorder_profile_files;

namespace {

// Sanitizers make calls of their own: LeakSanitizer traces the process that it is in.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kMayFilter = false;
#else
constexpr bool kMayFilter = true;
#endif

bool is_owned_by_another(const std::string& folder) {
  struct stat about {};
  return ::stat(folder.c_str(), &about) == 0 && about.st_uid != ::geteuid();
}

// Maps, and programs that follow new processes and network namespaces; whose a process is, what
// its runtime calls it; names of the kernel's functions.
std::vector<unsigned> needed_capabilities(const RecorderNeeds& needs) {
  std::vector<unsigned> needed{CAP_BPF,        CAP_PERFMON,         CAP_NET_ADMIN, CAP_SYS_ADMIN,
                               CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH, CAP_SYSLOG};
  if (is_owned_by_another(needs.session_folder)) needed.push_back(CAP_DAC_OVERRIDE);
  if (needs.attaches_more) needed.push_back(CAP_NET_RAW);
  return needed;
}

// Programs are loaded, and attached to packet sockets and files.
SeccompRule calls_to_attach() {
  return {{"bpf", "perf_event_open", "socket", "bind", "setsockopt", "ioctl"}};
}

Result<> load_filter(const BpfProgram& filter) {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return std::unexpected(system_error(errno, "give up new privileges"));
  }
  const sock_fprog program{static_cast<unsigned short>(filter.size()),
                           const_cast<sock_filter*>(filter.data())};
  if (::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) == 0) {
    return {};
  }
  return std::unexpected(system_error(errno, "filter its own system calls"));
}

Result<> filter_calls(bool attaches_more) {
  if (!kMayFilter) return {};
  const auto arch = native_syscall_arch();
  IG_ASSIGN(auto profile,
            SeccompProfile::from_json(recorder_profile_files[0].bytes, {{}, std::string(arch)}));
  if (std::ranges::count(profile.architectures, find_syscall_arch(arch)->oci) == 0) return {};
  if (attaches_more) profile.rules.push_back(calls_to_attach());
  IG_ASSIGN(const auto filter, compile_profile(profile, arch));
  return load_filter(filter.program);
}

}  // namespace

void confine_recorder(const RecorderNeeds& needs) {
  if (auto kept = keep_capabilities(needed_capabilities(needs)); !kept) {
    log::warning("{}; the recording goes on with them", kept.error().message);
  }
  if (auto filtered = filter_calls(needs.attaches_more); !filtered) {
    log::warning("{}; the recording goes on without", filtered.error().message);
  }
}

}  // namespace ig
