// SPDX-License-Identifier: Apache-2.0
// The types of system calls' arguments: for each, what the kernel's side has to copy, and how it is
// written, which is as strace writes it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "recorder/extension/syscall_call.h"

namespace ig {

struct SyscallParameter;
struct SyscallSignature;

// One copy of a call's memory, as gadgets/traceloop/call.h numbers kinds and moments.
struct CaptureSpec {
  enum class Kind : std::uint8_t {
    kNothing,
    kString,
    kBytes,
    kCounted,
    kResult,
    kSized,
    kIovec,
    kMessage,
    kStrings,
    kCount,
  };
  enum class When : std::uint8_t { kEnter, kExit, kExitAlways };
  Kind kind = Kind::kNothing;
  When when = When::kEnter;
  std::uint16_t size = 0;
};

// Writes one argument of one call.
class ArgumentPrinter {
 public:
  ArgumentPrinter(std::string& into, const SyscallCall& recorded, const SyscallSignature& known)
      : text(into), call(recorded), signature(known) {}

  std::string& text;
  const SyscallCall& call;
  const SyscallSignature& signature;
  const SyscallParameter* parameter = nullptr;
  std::uint64_t value = 0;  // of the argument
  bool omitted = false;     // this call has no such argument: nothing is shown of it

  std::uint64_t reference() const;  // the argument that the type refers to
  // The type's n-th capture of this argument.
  const CapturedChunk* chunk(std::size_t n = 0, std::uint8_t part = 0) const;
  std::int32_t as_int() const { return static_cast<std::int32_t>(value); }
  void pointer(std::uint64_t address);
  void pointer() { pointer(value); }  // what is left to say where nothing was copied
};

struct ArgumentType {
  std::string_view name;
  std::span<const CaptureSpec> captures;
  void (*print)(ArgumentPrinter& printer);
};

const ArgumentType* find_argument_type(std::string_view name);

}  // namespace ig
