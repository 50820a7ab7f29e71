// SPDX-License-Identifier: Apache-2.0
// What the arguments of each system call are: the table that decides both what the kernel's side of
// traceloop copies out of a program's memory and how it is shown. A call that is not in it is shown
// as six numbers.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "recorder/extension/syscall_argument_types.h"
#include "recorder/extension/syscall_constants.h"

namespace ig {

inline constexpr std::size_t kMaxCaptures = 6;  // of one call; MAX_ARGS of gadgets/traceloop/call.h

struct SyscallParameter {
  const ArgumentType* type = nullptr;
  const ConstantTable* constants = nullptr;
  std::size_t reference = 0;      // the argument that its type refers to, e.g. its length
  std::size_t first_capture = 0;  // the captures of its type are numbered through the call
};

struct SyscallSignature {
  std::string_view name;
  std::vector<SyscallParameter> parameters;
  SyscallParameter result;  // without a type: a number
};

const SyscallSignature* find_syscall_signature(std::string_view name);

}  // namespace ig
