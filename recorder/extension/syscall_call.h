// SPDX-License-Identifier: Apache-2.0
// One recorded system call: its numbers, and what was copied out of the program's memory. The bytes
// are the program's own and its lengths may lie, so every access is checked.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>

namespace ig {

// One copy (struct chunk of gadgets/traceloop/call.h).
struct CapturedChunk {
  std::uint8_t operation = 0;  // which capture of the call
  std::uint8_t part = 0;       // of a capture of several parts
  std::uint32_t total = 0;     // how many there were: bytes or elements
  std::string_view bytes;

  // The struct that it begins with; nothing if it was cut short.
  template <typename T>
  std::optional<T> read(std::size_t offset = 0) const {
    if (offset > bytes.size() || sizeof(T) > bytes.size() - offset) return std::nullopt;
    T value;
    std::memcpy(&value, bytes.data() + offset, sizeof value);
    return value;
  }
};

inline constexpr std::uint8_t kPartEnd = 255;  // of an array of pointers: its NULL was reached

class SyscallCall {
 public:
  static constexpr std::size_t kArguments = 6;

  std::string_view arch;  // "x86_64"
  std::string_view name;
  std::array<std::uint64_t, kArguments> args{};
  std::int64_t retval = 0;
  bool finished = false;

  // Takes the chunks apart. What does not fit together is left out.
  void set_captures(std::span<const std::byte> bytes);
  const CapturedChunk* find(std::size_t operation, std::uint8_t part = 0) const;

  bool failed() const { return finished && retval < 0 && retval >= -4095; }
  bool succeeded() const { return finished && !failed(); }
  // Structures of this program are laid out as ours.
  bool is_native() const;

 private:
  static constexpr std::size_t kMaxChunks = 96;
  std::array<CapturedChunk, kMaxChunks> chunks_;
  std::size_t count_ = 0;
};

}  // namespace ig
