// SPDX-License-Identifier: Apache-2.0
// Names and numbers of system calls by architecture, from libseccomp: the library that will
// compile the profile is the one that must know the name.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace ig {

// Architectures as recordings spell them: "x86_64", "i386", "x32", "aarch64", "arm".
struct SyscallArch {
  std::string_view name;
  std::string_view oci;       // "SCMP_ARCH_X86_64"
  std::uint32_t scmp;         // libseccomp's token
  std::uint32_t audit;        // AUDIT_ARCH_*, linux/audit.h
  std::uint32_t number_bits;  // or-ed into a number by the kernel (x32: 0x40000000), else 0
};
std::span<const SyscallArch> syscall_archs();
const SyscallArch* find_syscall_arch(std::string_view name);
std::string_view native_syscall_arch();

// nullopt where the installed libseccomp has no name for it.
std::optional<std::string> syscall_name(std::string_view arch, std::int64_t number);
std::optional<std::int64_t> syscall_number(std::string_view arch, std::string_view name);

}  // namespace ig
