// SPDX-License-Identifier: Apache-2.0
// The memory of a traced process, as far as it can be read: a program may pass any address to a
// system call, so what cannot be read counts as zeros or as an empty text.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>

namespace ig {

// Returns how many bytes could be read.
std::size_t read_tracee(pid_t tid, std::uint64_t address, void* buffer, std::size_t size);
// Up to its NUL, at most `limit` bytes.
std::string read_tracee_text(pid_t tid, std::uint64_t address, std::size_t limit);

template <typename T>
T read_tracee_value(pid_t tid, std::uint64_t address) {
  static_assert(std::is_trivially_copyable_v<T>);
  T value{};
  if (read_tracee(tid, address, &value, sizeof value) != sizeof value) return T{};
  return value;
}

// A pointer or size_t of a program whose words have `size` bytes.
inline std::uint64_t read_tracee_word(pid_t tid, std::uint64_t address, std::size_t size) {
  return size == 4 ? read_tracee_value<std::uint32_t>(tid, address)
                   : read_tracee_value<std::uint64_t>(tid, address);
}

}  // namespace ig
