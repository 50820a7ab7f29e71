// SPDX-License-Identifier: Apache-2.0
#include <cstdint>

#include "recorder/source/audit_record.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto record = ig::parse_seccomp_record({reinterpret_cast<const char*>(data), size});
  if (record && (record->pid <= 0 || record->time_ns < 0 || record->comm.size() > size)) {
    __builtin_trap();
  }
  return 0;
}
