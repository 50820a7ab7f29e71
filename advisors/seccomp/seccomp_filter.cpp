// SPDX-License-Identifier: Apache-2.0
#include "advisors/seccomp/seccomp_filter.h"

#include <seccomp.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <map>
#include <memory>

#include "base/handle.h"
#include "store/syscall_table.h"

namespace ig {
namespace {

// libseccomp's handle is a void*, so it gets its own deleter instead of Handle.
struct ReleaseFilter {
  void operator()(void* filter) const noexcept { seccomp_release(filter); }
};
using FilterHandle = std::unique_ptr<void, ReleaseFilter>;

std::unexpected<Error> library_error(int result, const std::string& deed) {
  return fail(ErrorCode::kInvalid, "libseccomp cannot " + deed + ": " + std::strerror(-result));
}

std::uint32_t token_of(const SeccompAction& action) {
  static const std::map<std::string_view, std::uint32_t> tokens = {
      {"SCMP_ACT_ALLOW", SCMP_ACT_ALLOW},
      {"SCMP_ACT_KILL", SCMP_ACT_KILL},
      {"SCMP_ACT_KILL_THREAD", SCMP_ACT_KILL_THREAD},
      {"SCMP_ACT_KILL_PROCESS", SCMP_ACT_KILL_PROCESS},
      {"SCMP_ACT_TRAP", SCMP_ACT_TRAP},
      {"SCMP_ACT_LOG", SCMP_ACT_LOG},
      {"SCMP_ACT_NOTIFY", SCMP_ACT_NOTIFY}};
  if (action.name == "SCMP_ACT_ERRNO") return SCMP_ACT_ERRNO(action.errno_ret);
  if (action.name == "SCMP_ACT_TRACE") return SCMP_ACT_TRACE(action.errno_ret);
  return tokens.at(action.name);
}

scmp_arg_cmp comparison_of(const SeccompArgument& argument) {
  static const std::map<std::string_view, scmp_compare> operators = {
      {"SCMP_CMP_NE", SCMP_CMP_NE},
      {"SCMP_CMP_LT", SCMP_CMP_LT},
      {"SCMP_CMP_LE", SCMP_CMP_LE},
      {"SCMP_CMP_EQ", SCMP_CMP_EQ},
      {"SCMP_CMP_GE", SCMP_CMP_GE},
      {"SCMP_CMP_GT", SCMP_CMP_GT},
      {"SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ}};
  return {argument.index, operators.at(argument.op), argument.value, argument.value_two};
}

Result<> add_arch(scmp_filter_ctx filter, std::uint32_t token, const std::string& name) {
  const int result = seccomp_arch_add(filter, token);
  if (result != 0 && result != -EEXIST) return library_error(result, "add architecture " + name);
  return {};
}

Result<> set_architectures(scmp_filter_ctx filter, const SeccompProfile& profile,
                           const SyscallArch& native) {
  IG_TRY(add_arch(filter, native.scmp, std::string(native.name)));
  if (seccomp_arch_native() != native.scmp) seccomp_arch_remove(filter, seccomp_arch_native());
  for (const std::string& oci : profile.architectures) {
    const SyscallArch* known = nullptr;
    for (const SyscallArch& arch : syscall_archs()) {
      if (arch.oci == oci) known = &arch;
    }
    if (!known) {
      return fail(ErrorCode::kUnsupported, "cannot check a profile for architecture " + oci);
    }
    IG_TRY(add_arch(filter, known->scmp, oci));
  }
  return {};
}

Result<> add_rule(scmp_filter_ctx filter, int number, const SeccompRule& rule,
                  const std::string& name) {
  std::vector<scmp_arg_cmp> comparisons;
  bool repeats = false;
  for (const SeccompArgument& argument : rule.arguments) {
    for (const scmp_arg_cmp& other : comparisons) repeats |= other.arg == argument.index;
    comparisons.push_back(comparison_of(argument));
  }
  const auto add = [&](const scmp_arg_cmp* first, std::size_t count) -> Result<> {
    const int result = seccomp_rule_add_array(filter, token_of(rule.action), number,
                                              static_cast<unsigned>(count), first);
    if (result != 0 && result != -EEXIST) return library_error(result, "add a rule for " + name);
    return {};
  };
  // runc: several comparisons of one argument are alternatives, otherwise all must hold.
  if (!repeats) return add(comparisons.data(), comparisons.size());
  for (const scmp_arg_cmp& comparison : comparisons) IG_TRY(add(&comparison, 1));
  return {};
}

Result<BpfProgram> export_program(scmp_filter_ctx filter) {
  UniqueFd file(::memfd_create("seccomp filter", MFD_CLOEXEC));
  if (!file) return std::unexpected(system_error(errno, "create a memory file"));
  if (const int result = seccomp_export_bpf(filter, file.get()); result != 0) {
    return library_error(result, "compile the profile");
  }
  const off_t size = ::lseek(file.get(), 0, SEEK_END);
  if (size < 0) return std::unexpected(system_error(errno, "measure a memory file"));
  const auto bytes = static_cast<std::size_t>(size);
  BpfProgram program(bytes / sizeof(sock_filter));
  if (::pread(file.get(), program.data(), bytes, 0) != size) {
    return std::unexpected(system_error(errno, "read a memory file"));
  }
  return program;
}

}  // namespace

Result<SeccompFilter> compile_profile(const SeccompProfile& profile, std::string_view native_arch) {
  const SyscallArch* native = find_syscall_arch(native_arch);
  if (!native) {
    return fail(ErrorCode::kUnsupported,
                "cannot check a profile for architecture " + std::string(native_arch));
  }
  const FilterHandle filter(seccomp_init(token_of(profile.default_action)));
  if (!filter) return fail(ErrorCode::kInvalid, "libseccomp does not take the default action");
  IG_TRY(set_architectures(filter.get(), profile, *native));
  SeccompFilter out;
  for (const SeccompRule& rule : profile.rules) {
    if (token_of(rule.action) == token_of(profile.default_action)) continue;
    for (const std::string& name : rule.names) {
      // By this machine's numbers, also for another: libseccomp translates them by name.
      const int number = seccomp_syscall_resolve_name(name.c_str());
      if (number == __NR_SCMP_ERROR) {
        out.unknown_names.push_back(name);
      } else {
        IG_TRY(add_rule(filter.get(), number, rule, name));
      }
    }
  }
  IG_ASSIGN(out.program, export_program(filter.get()));
  return out;
}

}  // namespace ig
