// SPDX-License-Identifier: Apache-2.0
// Structures of the kernel's interface, as strace abbreviates them. False if the bytes are too few.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "recorder/extension/syscall_call.h"

namespace ig {

bool append_stat(std::string& text, const CapturedChunk& chunk);
bool append_statx(std::string& text, const CapturedChunk& chunk);
bool append_statfs(std::string& text, const CapturedChunk& chunk);
void append_date(std::string& text, std::int64_t seconds, std::int64_t nanoseconds);
bool append_timespec(std::string& text, const CapturedChunk& chunk, std::size_t offset = 0);
bool append_timeval(std::string& text, const CapturedChunk& chunk, std::size_t offset = 0);
bool append_interval(std::string& text, const CapturedChunk& chunk, bool nanoseconds);
bool append_sigaction(std::string& text, const CapturedChunk& chunk);
bool append_sigaltstack(std::string& text, const CapturedChunk& chunk);
bool append_rlimit(std::string& text, const CapturedChunk& chunk, std::string_view infinity);
bool append_rusage(std::string& text, const CapturedChunk& chunk);
bool append_uname(std::string& text, const CapturedChunk& chunk);
bool append_sysinfo(std::string& text, const CapturedChunk& chunk);
bool append_winsize(std::string& text, const CapturedChunk& chunk);

}  // namespace ig
