// SPDX-License-Identifier: Apache-2.0
// What a recorded system call was, in strace's notation: the columns `parameters` and `ret` of any
// data source whose records have the fields syscall_raw, arch_raw, args, retval, finished and
// captured, with the copies of the call's memory behind the latter (gadgets/traceloop/call.h).
#pragma once

#include <string>

#include "recorder/extension/syscall_call.h"
#include "recorder/gadget/row_extension.h"

namespace ig {

// `openat(AT_FDCWD, "/etc/passwd", O_RDONLY)` without its name and brackets.
std::string syscall_parameters(const SyscallCall& call);
// `3`, `-1 ENOENT (No such file or directory)`, `?` of a call that does not return,
// `<unfinished ...>` of one that has not yet.
std::string syscall_result(const SyscallCall& call);

extern const RowExtensionKind kSyscallArgumentsExtension;

}  // namespace ig
