// SPDX-License-Identifier: Apache-2.0
#include <cstdint>

#include "recorder/gadget/gadget_manifest.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto manifest = ig::parse_gadget_manifest({reinterpret_cast<const char*>(data), size});
  return manifest || !manifest.error().message.empty() ? 0 : -1;
}
