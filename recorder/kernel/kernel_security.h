// SPDX-License-Identifier: Apache-2.0
// What this machine's settings forbid or allow, whatever the kernel could do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ig {

struct KernelSecurity {
  std::string lockdown;                           // see kernel_lockdown()
  std::string secure_boot;                        // "on", "off", "no EFI"; "" = cannot be told
  std::string cgroup;                             // "v2", "hybrid", "v1", "none"
  std::string lsms;                               // active security modules, comma separated
  std::optional<long> unprivileged_bpf_disabled;  // 0 = ordinary users may, 1 and 2 = not
  std::optional<long> bpf_jit;                    // net.core.bpf_jit_enable
  std::optional<long> perf_event_paranoid;
  std::optional<long> kptr_restrict;              // 2 = no addresses in kallsyms: no kernel names
  std::optional<std::uint64_t> memlock;           // bytes; nullopt = unlimited
  std::vector<std::string> lacking_capabilities;  // of those that BPF needs
};

// "none", "integrity", "confidentiality"; "" = cannot be told.
std::string kernel_lockdown(const std::string& root = "/");

// From the files below `root`, and this process.
KernelSecurity probe_security(const std::string& root = "/");

}  // namespace ig
