// SPDX-License-Identifier: Apache-2.0
#include "recorder/kernel/kernel_config.h"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <vector>

#include "base/text.h"
#include "recorder/kernel/archive_file.h"

namespace ig {
namespace {

constexpr std::size_t kMostText = 8 << 20;

constexpr std::array kOptions = {
    KernelOption{"CONFIG_BPF", "any BPF"},
    KernelOption{"CONFIG_BPF_SYSCALL", "loading programs"},
    KernelOption{"CONFIG_BPF_JIT", "programs at full speed"},
    KernelOption{"CONFIG_BPF_JIT_ALWAYS_ON", "programs are never interpreted"},
    KernelOption{"CONFIG_BPF_EVENTS", "programs at tracepoints, kprobes and perf events"},
    KernelOption{"CONFIG_BPF_LSM", "programs at hooks of the security framework"},
    KernelOption{"CONFIG_BPF_UNPRIV_DEFAULT_OFF", "ordinary users may not load programs"},
    KernelOption{"CONFIG_CGROUPS", "telling containers apart by cgroup"},
    KernelOption{"CONFIG_CGROUP_BPF", "a cgroup's packets (DNS and UDP flows)"},
    KernelOption{"CONFIG_MEMCG", "telling cgroup v1 containers apart"},
    KernelOption{"CONFIG_DEBUG_INFO_BTF", "the kernel's types: every CO-RE program"},
    KernelOption{"CONFIG_DEBUG_INFO_BTF_MODULES", "the types of modules"},
    KernelOption{"CONFIG_KPROBES", "hooks anywhere in the kernel"},
    KernelOption{"CONFIG_KPROBE_EVENTS", "kprobes for perf and BPF"},
    KernelOption{"CONFIG_FPROBE", "many kprobes at once (kprobe_multi)"},
    KernelOption{"CONFIG_UPROBES", "hooks in programs and libraries (trace_ssl)"},
    KernelOption{"CONFIG_UPROBE_EVENTS", "uprobes for perf and BPF"},
    KernelOption{"CONFIG_FTRACE", "the frame for tracers"},
    KernelOption{"CONFIG_FTRACE_SYSCALLS", "tracepoints of single system calls"},
    KernelOption{"CONFIG_DYNAMIC_FTRACE", "hooks at function entries"},
    KernelOption{"CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS", "fentry and fexit"},
    KernelOption{"CONFIG_FUNCTION_TRACER", "fentry and kprobe_multi"},
    KernelOption{"CONFIG_TRACEPOINTS", "every tracepoint"},
    KernelOption{"CONFIG_HAVE_SYSCALL_TRACEPOINTS", "sys_enter and sys_exit"},
    KernelOption{"CONFIG_PERF_EVENTS", "samples of the CPU (profile_cpu)"},
    KernelOption{"CONFIG_SECURITY", "capabilities and lockdown"},
    KernelOption{"CONFIG_SECURITY_LOCKDOWN_LSM", "lockdown"},
    KernelOption{"CONFIG_SECCOMP", "seccomp"},
    KernelOption{"CONFIG_SECCOMP_FILTER", "seccomp profiles"},
    KernelOption{"CONFIG_AUDIT", "what seccomp filters log (audit_seccomp)"},
    KernelOption{"CONFIG_AUDITSYSCALL", "login uids"},
    KernelOption{"CONFIG_NAMESPACES", "containers"},
    KernelOption{"CONFIG_USER_NS", "user namespaces"},
    KernelOption{"CONFIG_NET_NS", "network namespaces"},
    KernelOption{"CONFIG_NET_CLS_BPF", "packet programs of foreign gadgets (classifier)"},
    KernelOption{"CONFIG_NET_SCH_INGRESS", "packet programs of foreign gadgets (classifier)"},
    KernelOption{"CONFIG_FUNCTION_ERROR_INJECTION", "override_return"},
    KernelOption{"CONFIG_BPF_KPROBE_OVERRIDE", "override_return"},
    KernelOption{"CONFIG_KALLSYMS", "names of kernel functions in stacks"},
    KernelOption{"CONFIG_KALLSYMS_ALL", "names of kernel data"},
    KernelOption{"CONFIG_IKCONFIG_PROC", "/proc/config.gz"},
    KernelOption{"CONFIG_MODULES", "loadable modules"},
    KernelOption{"CONFIG_IA32_EMULATION", "32-bit programs"},
    KernelOption{"CONFIG_X86_X32_ABI", "x32 programs"},
    KernelOption{"CONFIG_PREEMPT_DYNAMIC", "preemption that can be chosen at boot"},
};

}  // namespace

std::span<const KernelOption> kernel_options() { return kOptions; }

std::string KernelConfig::value(std::string_view option) const {
  const auto found = values.find(option);
  return found == values.end() ? "n" : found->second;
}

KernelConfig parse_kernel_config(std::string_view text) {
  KernelConfig config;
  for (const auto line : split(text, '\n')) {
    const auto equals = line.find('=');
    // "# CONFIG_X is not set" has no value either.
    if (!line.starts_with("CONFIG_") || equals == line.npos) continue;
    config.values.emplace(line.substr(0, equals), line.substr(equals + 1));
  }
  return config;
}

Result<KernelConfig> read_kernel_config(const std::string& root, const std::string& release) {
  const std::vector<std::string> places = {
      "proc/config.gz",
      fmt::format("boot/config-{}", release),
      fmt::format("lib/modules/{}/config", release),
      fmt::format("usr/lib/modules/{}/config", release),
      fmt::format("lib/modules/{}/build/.config", release),
      fmt::format("usr/lib/ostree-boot/config-{}", release),
      fmt::format("usr/src/linux-headers-{}/.config", release),
  };
  for (const auto& place : places) {
    const auto path = (std::filesystem::path(root) / place).string();
    const auto text = read_unpacked(path, kMostText);
    if (!text) continue;
    auto config = parse_kernel_config(*text);
    config.path = path;
    if (!config.values.empty()) return config;
  }
  return fail(ErrorCode::kNotFound,
              fmt::format("this kernel's configuration is in none of: {}", join(places, ", ")));
}

}  // namespace ig
