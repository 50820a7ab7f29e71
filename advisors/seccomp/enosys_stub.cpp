// SPDX-License-Identifier: Apache-2.0
#include "advisors/seccomp/enosys_stub.h"

#include <linux/bpf_common.h>
#include <linux/seccomp.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>

#include "store/syscall_table.h"

namespace ig {
namespace {

constexpr std::uint32_t kX32Bit = 0x40000000;

bool lets_through(const std::string& action) {
  return action == "SCMP_ACT_ALLOW" || action == "SCMP_ACT_LOG" || action == "SCMP_ACT_TRACE";
}

// ld nr; then, by the bit that tells x32, a comparison or none.
BpfProgram section(std::optional<std::uint32_t> plain, std::optional<std::uint32_t> x32) {
  const auto limit = [](std::optional<std::uint32_t> largest) {
    return largest.value_or(0xffffffff);
  };
  return {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, kX32Bit, 1, 0),
      BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, limit(plain), 1, 2),
      BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, limit(x32), 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
  };
}

BpfProgram section(std::uint32_t largest) {
  return {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, largest, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
  };
}

}  // namespace

std::optional<std::uint32_t> enosys_above(const SeccompProfile& profile, std::string_view arch) {
  const SyscallArch* known = find_syscall_arch(arch);
  if (!known || lets_through(profile.default_action.name)) return std::nullopt;
  if (std::ranges::find(profile.architectures, known->oci) == profile.architectures.end()) {
    return std::nullopt;
  }
  std::int64_t largest = 0;
  for (const SeccompRule& rule : profile.rules) {
    for (const std::string& name : rule.names) {
      const auto number = syscall_number(arch, name);
      if (number && *number >= 0) largest = std::max(largest, *number | known->number_bits);
    }
  }
  return largest == 0 ? std::nullopt : std::optional(static_cast<std::uint32_t>(largest));
}

BpfProgram enosys_stub(const SeccompProfile& profile) {
  BpfProgram stub;
  const auto x32 = enosys_above(profile, "x32");
  for (const SyscallArch& arch : syscall_archs()) {
    if (arch.name == "x32") continue;  // has the token of x86_64
    const auto largest = enosys_above(profile, arch.name);
    const bool both = arch.name == "x86_64";
    if (!largest && !(both && x32)) continue;
    const BpfProgram part = both ? section(largest, x32) : section(*largest);
    stub.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)));
    stub.push_back(
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, arch.audit, 0, static_cast<std::uint8_t>(part.size())));
    stub.insert(stub.end(), part.begin(), part.end());
  }
  return stub;
}

}  // namespace ig
