// SPDX-License-Identifier: Apache-2.0
// The words of an audit record about seccomp (type 1326), taken apart:
//   audit(1732243000.123:45): auid=4294967295 uid=0 gid=0 ses=1 subj=x pid=131 comm="sh"
//   exe="/bin/sh" sig=0 arch=c000003e syscall=110 compat=0 ip=0x7f code=0x7ffc0000
// What a process chose (its name, its program) stands in quotes or, where it holds anything that
// could be taken for another field, in hexadecimal; a label of a security module may hold spaces.
// So what stands before the label is taken where it is first said, what stands behind it where it
// is last said. Pure, and fuzzed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ig {

struct SeccompRecord {
  std::int64_t time_ns = 0;  // wall clock, to the millisecond
  std::uint64_t serial = 0;  // with the time it tells a record from all others
  std::int64_t pid = 0;
  std::uint32_t uid = 0, gid = 0;  // real
  std::string comm, exe;
  std::uint32_t arch = 0;  // AUDIT_ARCH_*
  std::uint32_t syscall = 0;
  std::uint32_t code = 0;  // SECCOMP_RET_*
};

// nullopt: it is none, or lacks something.
std::optional<SeccompRecord> parse_seccomp_record(std::string_view text);

// The name of the table that the number belongs to ("x86_64"), as enum syscall_arch has it; "" =
// unknown. The number loses x32's mark.
std::string_view syscall_table_of(std::uint32_t audit_arch, std::uint32_t& number);

}  // namespace ig
