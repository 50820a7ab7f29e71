// SPDX-License-Identifier: Apache-2.0
// config.json of an OCI bundle.
#include <cstdint>

#include "recorder/workload/oci_bundle.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto facts = ig::parse_oci_config({reinterpret_cast<const char*>(data), size});
  if (!facts) return 0;
  ig::ContainerFacts whole;
  whole.complete(*facts);
  if (whole.labels.size() > size || whole.name.size() > 3 * size) __builtin_trap();
  return 0;
}
