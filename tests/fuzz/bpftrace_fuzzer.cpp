// SPDX-License-Identifier: Apache-2.0
// A line that bpftrace printed, with whatever its script and the recorded processes put into it.
#include <cstdint>

#include "recorder/source/bpftrace_output.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto line = ig::parse_bpftrace_line({reinterpret_cast<const char*>(data), size});
  if (line.facts.size() > size || (line.malformed && !line.facts.empty())) __builtin_trap();
  return 0;
}
