// SPDX-License-Identifier: Apache-2.0
// A kernel's configuration, plain or packed, and any other archive in its place.
#include <cstdint>

#include "recorder/kernel/archive_file.h"
#include "recorder/kernel/kernel_config.h"
#include "tests/fuzz/kept_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kLimit = 1 << 20;
  const ig::KeptFile file(data, size);
  const auto text = ig::read_unpacked(file.path(), kLimit);
  if (!text) return 0;
  if (text->size() > kLimit) __builtin_trap();
  const auto config = ig::parse_kernel_config(*text);
  for (const auto& [name, value] : config.values) {
    if (config.value(name) != value) __builtin_trap();
  }
  return 0;
}
