// SPDX-License-Identifier: Apache-2.0
// What audit records add to a session: calls that a seccomp filter denied or logged.
#pragma once

#include <cstdint>
#include <string>

#include "store/workload.h"

namespace ig {

// One audit record.
struct DeniedCall {
  std::int64_t time_ns = 0;  // wall clock, to the millisecond
  std::uint64_t serial = 0;  // with the time it tells it from all others
  std::string arch{};        // as syscall_archs() spells it; "" = another
  std::int64_t number = 0;   // without x32's bit
  std::uint32_t code = 0;    // SECCOMP_RET_*
  std::int64_t pid = 0;
  std::uint32_t uid = 0;
  std::string comm{}, exe{};
  std::string boot_id{}, node{};  // of the machine, where the log says it; a boot id without dashes
};

// Whose call it was, and how that is known.
struct CallOwner {
  WorkloadId workload = 0;
  bool by_name = false;  // not by its process: somebody said that it is
};

// A file that calls were learned from.
struct Enrichment {
  std::string kind = "audit log";
  std::string source;  // the file, as it was named
  std::string sha256;
  std::uint64_t lines = 0, records = 0;
  std::string tool_version;
  std::int64_t added_ns = 0;
  std::uint64_t calls = 0;  // that were learned from it; not stored, but counted
};

}  // namespace ig
