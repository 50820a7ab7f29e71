// SPDX-License-Identifier: Apache-2.0
// Arguments of calls about files, times and descriptors.
#pragma once

#include "recorder/extension/syscall_argument_types.h"

namespace ig {

void print_open_flags(ArgumentPrinter& printer);
void print_open_mode(ArgumentPrinter& printer);
void print_open_how(ArgumentPrinter& printer);
void print_access(ArgumentPrinter& printer);
void print_statx_flags(ArgumentPrinter& printer);
void print_statx_mask(ArgumentPrinter& printer);
void print_wait_status(ArgumentPrinter& printer);
void print_time_left(ArgumentPrinter& printer);
void print_fcntl_argument(ArgumentPrinter& printer);
void print_fcntl_result(ArgumentPrinter& printer);
void print_ioctl(ArgumentPrinter& printer);
void print_ioctl_argument(ArgumentPrinter& printer);
bool append_one_timespec(std::string& text, const CapturedChunk& chunk);
bool append_one_timeval(std::string& text, const CapturedChunk& chunk);
bool append_itimerspec(std::string& text, const CapturedChunk& chunk);
bool append_itimerval(std::string& text, const CapturedChunk& chunk);
bool append_rlimit_32(std::string& text, const CapturedChunk& chunk);
bool append_rlimit_64(std::string& text, const CapturedChunk& chunk);
bool append_two_ints(std::string& text, const CapturedChunk& chunk);
bool append_one_int(std::string& text, const CapturedChunk& chunk);
bool append_one_long(std::string& text, const CapturedChunk& chunk);
bool append_file_times(std::string& text, const CapturedChunk& chunk);
bool append_wait(std::string& text, const CapturedChunk& chunk);
bool append_signals(std::string& text, const CapturedChunk& chunk);

}  // namespace ig
