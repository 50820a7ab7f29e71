// SPDX-License-Identifier: Apache-2.0
// The pieces of strace's notation: texts in quotes, modes, sets of signals, addresses, structs.
// What they are given comes from a program's memory: any bytes are possible.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>

#include "recorder/extension/syscall_call.h"

namespace ig {

template <typename... Args>
void append(std::string& text, fmt::format_string<Args...> format, Args&&... args) {
  fmt::format_to(std::back_inserter(text), format, std::forward<Args>(args)...);
}

void append_hex(std::string& text, std::uint64_t value);  // 0x1f, 0
// In quotes, with escapes of C; "..." behind it if there was more.
void append_quoted(std::string& text, std::string_view bytes, bool more = false);
void append_quoted_hex(std::string& text, std::string_view bytes, bool more);  // "\xa7\x00"
void append_octal(std::string& text, std::uint64_t mode);                      // 0644
void append_file_mode(std::string& text, std::uint32_t mode);                  // S_IFREG|0644
void append_device(std::string& text, std::uint64_t device);                   // makedev(0x88, 0x1)
void append_signal(std::string& text, std::uint64_t number);    // SIGTERM, SIGRT_5, 99
void append_signal_set(std::string& text, std::uint64_t mask);  // [INT TERM], ~[RTMIN]
void append_wait_status(std::string& text, std::uint32_t status);
void append_address(std::string& text, std::uint64_t address);  // NULL, 0x7f…
void append_socket_address(std::string& text, std::string_view bytes);
void append_error(std::string& text, std::int64_t error);  // ENOENT (No such file …)

// Structs; false if the bytes are too few.
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
