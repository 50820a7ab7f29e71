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

}  // namespace ig
