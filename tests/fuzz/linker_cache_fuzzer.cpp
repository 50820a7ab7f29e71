// SPDX-License-Identifier: Apache-2.0
// /etc/ld.so.cache of a container.
#include <cstdint>

#include "recorder/gadget/library_files.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view cache(reinterpret_cast<const char*>(data), size);
  for (const auto& path : ig::paths_in_linker_cache(cache, "libssl")) {
    if (path.size() > size) __builtin_trap();
  }
  return 0;
}
