// SPDX-License-Identifier: Apache-2.0
#include "store/syscall_table.h"

#include <linux/audit.h>
#include <seccomp.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/check.h"
#include "base/handle.h"

namespace ig {
namespace {

constexpr std::uint32_t kX32Bit = 0x40000000;

constexpr std::array<SyscallArch, 5> kArchs = {{
    {"x86_64", "SCMP_ARCH_X86_64", SCMP_ARCH_X86_64, AUDIT_ARCH_X86_64, 0},
    {"i386", "SCMP_ARCH_X86", SCMP_ARCH_X86, AUDIT_ARCH_I386, 0},
    {"x32", "SCMP_ARCH_X32", SCMP_ARCH_X32, AUDIT_ARCH_X86_64, kX32Bit},
    {"aarch64", "SCMP_ARCH_AARCH64", SCMP_ARCH_AARCH64, AUDIT_ARCH_AARCH64, 0},
    {"arm", "SCMP_ARCH_ARM", SCMP_ARCH_ARM, AUDIT_ARCH_ARM, 0},
}};

}  // namespace

std::span<const SyscallArch> syscall_archs() { return kArchs; }

const SyscallArch* find_syscall_arch(std::string_view name) {
  const auto found = std::find_if(kArchs.begin(), kArchs.end(),
                                  [&](const SyscallArch& arch) { return arch.name == name; });
  return found == kArchs.end() ? nullptr : &*found;
}

std::string_view native_syscall_arch() {
  const std::uint32_t native = seccomp_arch_native();
  const auto found = std::find_if(kArchs.begin(), kArchs.end(),
                                  [&](const SyscallArch& arch) { return arch.scmp == native; });
  IG_CHECK(found != kArchs.end());
  return found->name;
}

std::optional<std::string> syscall_name(std::string_view arch, std::int64_t number) {
  const SyscallArch* known = find_syscall_arch(arch);
  if (known == nullptr || number < 0 || number > INT32_MAX) return std::nullopt;
  const auto counted = static_cast<int>(number | known->number_bits);
  const std::unique_ptr<char, CloseWith<std::free>> name(
      seccomp_syscall_resolve_num_arch(known->scmp, counted));
  if (!name) return std::nullopt;
  return std::string(name.get());
}

std::optional<std::int64_t> syscall_number(std::string_view arch, std::string_view name) {
  const SyscallArch* known = find_syscall_arch(arch);
  if (known == nullptr) return std::nullopt;
  const int number = seccomp_syscall_resolve_name_arch(known->scmp, std::string(name).c_str());
  // Negative numbers are libseccomp's own, for calls that this architecture lacks.
  if (number < 0) return std::nullopt;
  return number & ~static_cast<int>(known->number_bits);
}

}  // namespace ig
