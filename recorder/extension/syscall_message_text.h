// SPDX-License-Identifier: Apache-2.0
// Arguments that are lists or belong together with others: socket addresses and options, vectors,
// messages, what poll, select and epoll wait for.
#pragma once

#include "recorder/extension/syscall_argument_types.h"

namespace ig {

#if defined(__x86_64__)
inline constexpr std::uint16_t kEpollEventBytes = 12;  // packed there
#else
inline constexpr std::uint16_t kEpollEventBytes = 16;
#endif

void print_ids(ArgumentPrinter& printer);
void print_cpus(ArgumentPrinter& printer);
void print_sockaddr(ArgumentPrinter& printer);
void print_length(ArgumentPrinter& printer);
void print_socket_option(ArgumentPrinter& printer);
void print_option_value(ArgumentPrinter& printer);
void print_iovec(ArgumentPrinter& printer);
void print_message(ArgumentPrinter& printer);
void print_pollfds(ArgumentPrinter& printer);
void print_poll_result(ArgumentPrinter& printer);
void print_fd_set(ArgumentPrinter& printer);
void print_select_result(ArgumentPrinter& printer);
void print_epoll_event(ArgumentPrinter& printer);
void print_epoll_events(ArgumentPrinter& printer);

bool append_file_lock(std::string& text, const CapturedChunk& chunk);

}  // namespace ig
