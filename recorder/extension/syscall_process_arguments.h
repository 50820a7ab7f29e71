// SPDX-License-Identifier: Apache-2.0
// Arguments of calls about memory, processes and threads.
#pragma once

#include "recorder/extension/syscall_argument_types.h"

namespace ig {

void print_mmap_flags(ArgumentPrinter& printer);
void print_mremap_address(ArgumentPrinter& printer);
void print_prctl_argument(ArgumentPrinter& printer);
void print_prctl_result(ArgumentPrinter& printer);
void print_membarrier_result(ArgumentPrinter& printer);
void print_arch_prctl_argument(ArgumentPrinter& printer);
void print_seccomp_flags(ArgumentPrinter& printer);
void print_clone(ArgumentPrinter& printer);
void print_clone3(ArgumentPrinter& printer);
void print_socket_type(ArgumentPrinter& printer);
void print_protocol(ArgumentPrinter& printer);
void print_futex_operation(ArgumentPrinter& printer);
void print_futex_value(ArgumentPrinter& printer);
void print_futex_timeout(ArgumentPrinter& printer);
void print_futex_address(ArgumentPrinter& printer);
void print_futex_value3(ArgumentPrinter& printer);

}  // namespace ig
