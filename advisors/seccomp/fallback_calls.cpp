// SPDX-License-Identifier: Apache-2.0
#include "advisors/seccomp/fallback_calls.h"

#include <algorithm>

namespace ig {
namespace {

constexpr FallbackCall kFallbacks[] = {
    {"clock_gettime64", true, true, "programs with 64-bit time ask for the time with it"},
    {"clock_nanosleep_time64", true, true, "programs with 64-bit time sleep with it"},
    {"clone3", true, false, "glibc 2.34 and later starts threads and processes with it"},
    {"close_range", true, false, "glibc 2.34 and later closes descriptors with it"},
    {"copy_file_range", false, false, "coreutils and language runtimes copy files with it"},
    {"epoll_pwait2", true, false, "glibc 2.35 and event libraries wait with it"},
    {"faccessat2", true, false, "glibc 2.33 and later does faccessat() with it"},
    {"fchmodat2", true, false, "glibc 2.39 and later changes modes with it"},
    {"futex_time64", true, true, "programs with 64-bit time lock with it"},
    {"futex_waitv", false, false, "Wine and games wait with it"},
    {"getrandom", true, false, "every libc takes its random numbers from it"},
    {"memfd_create", false, false, "runtimes and display libraries share memory with it"},
    {"openat2", true, false, "Go, Rust and systemd open files with it"},
    {"pidfd_open", true, false, "Go 1.23, Python and systemd watch processes with it"},
    {"pidfd_send_signal", true, false, "Go 1.23 and systemd signal processes with it"},
    {"ppoll_time64", true, true, "programs with 64-bit time wait with it"},
    {"preadv2", false, false, "glibc 2.26 and later reads with it"},
    {"pwritev2", false, false, "glibc 2.26 and later writes with it"},
    {"renameat2", true, false, "glibc 2.28, coreutils and Rust rename files with it"},
    {"rseq", false, false, "glibc 2.35 and later registers every thread with it"},
    {"statx", true, false, "glibc 2.28, musl, Rust, Go and Node.js ask about files with it"},
    {"utimensat_time64", true, true, "programs with 64-bit time set file times with it"},
};

}  // namespace

std::span<const FallbackCall> fallback_calls() { return kFallbacks; }

bool has_fallback(std::string_view name) {
  return std::ranges::find(kFallbacks, name, &FallbackCall::name) != std::end(kFallbacks);
}

}  // namespace ig
