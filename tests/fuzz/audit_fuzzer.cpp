// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>
#include <string_view>

#include "recorder/source/audit_log.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto record = ig::parse_seccomp_record({reinterpret_cast<const char*>(data), size});
  if (record && (record->pid <= 0 || record->time_ns < 0 || record->comm.size() > size)) {
    __builtin_trap();
  }
  ig::AuditLog log([](const ig::SeccompRecord& found, const ig::AuditLog::Origin&) {
    if (found.pid <= 0 || found.time_ns < 0) __builtin_trap();
  });
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  while (!rest.empty()) {
    const auto line = rest.substr(0, rest.find('\n'));
    log.take(line);
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
  }
  log.end();
  return 0;
}
