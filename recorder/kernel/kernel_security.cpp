// SPDX-License-Identifier: Apache-2.0
#include "recorder/kernel/kernel_security.h"

#include <linux/capability.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include <charconv>
#include <filesystem>

#include "base/file.h"
#include "base/handle.h"
#include "base/text.h"

namespace ig {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostText = 64 * 1024;

std::string text_of(const std::string& path) {
  auto text = read_file(path, kMostText).value_or("");
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

std::optional<long> number_of(const std::string& path) {
  const auto text = text_of(path);
  long number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc()) return std::nullopt;
  return number;
}

// Of securityfs, which is not mounted everywhere: a mount that nobody else sees will do.
std::string security_text(const std::string& root, const std::string& name) {
  if (auto text = text_of(root + "sys/kernel/security/" + name); !text.empty()) return text;
  if (root != "/") return "";
  const UniqueFd fs(fsopen("securityfs", FSOPEN_CLOEXEC));
  if (!fs || fsconfig(fs.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0) return "";
  const UniqueFd mount(fsmount(fs.get(), FSMOUNT_CLOEXEC, MOUNT_ATTR_RDONLY));
  if (!mount) return "";
  return text_of("/proc/self/fd/" + std::to_string(mount.get()) + "/" + name);
}

// "none [integrity] confidentiality"
std::string chosen_word(std::string_view text) {
  const auto begin = text.find('[');
  const auto end = text.find(']');
  if (begin == text.npos || end == text.npos || end < begin) return "";
  return std::string(text.substr(begin + 1, end - begin - 1));
}

// The variable's value is one byte behind four of attributes (UEFI specification, 3.3).
std::string secure_boot(const std::string& root) {
  std::error_code ignored;
  if (!fs::is_directory(root + "sys/firmware/efi", ignored)) return "no EFI";
  const auto variable = read_file(
      root + "sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c", 64);
  if (!variable || variable->size() != 5) return "";
  return variable->back() == 1 ? "on" : "off";
}

std::string cgroup_version(const std::string& root) {
  bool v1 = false, v2 = false;
  const auto mounts = text_of(root + "proc/self/mounts");
  for (const auto line : split(mounts, '\n')) {
    const auto words = split(line, ' ');
    if (words.size() < 3) continue;
    v1 = v1 || words[2] == "cgroup";
    v2 = v2 || words[2] == "cgroup2";
  }
  return v1 && v2 ? "hybrid" : (v2 ? "v2" : (v1 ? "v1" : "none"));
}

std::vector<std::string> lacking_capabilities(const std::string& root) {
  constexpr std::string_view kKey = "CapEff:\t";
  const auto status = text_of(root + "proc/self/status");
  const auto begin = status.find(kKey);
  std::uint64_t bits = 0;
  if (begin != status.npos) {
    std::from_chars(status.data() + begin + kKey.size(), status.data() + status.size(), bits, 16);
  }
  const auto has = [bits](int capability) { return (bits >> capability & 1) != 0; };
  if (has(CAP_SYS_ADMIN)) return {};  // stands for the others
  std::vector<std::string> lacking;
  if (!has(CAP_BPF)) lacking.emplace_back("CAP_BPF");
  if (!has(CAP_PERFMON)) lacking.emplace_back("CAP_PERFMON");
  if (!has(CAP_NET_ADMIN)) lacking.emplace_back("CAP_NET_ADMIN");
  return lacking;
}

std::optional<std::uint64_t> memlock_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return {};
  return limit.rlim_cur;
}

}  // namespace

std::string kernel_lockdown(const std::string& root) {
  return chosen_word(security_text(root, "lockdown"));
}

KernelSecurity probe_security(const std::string& root) {
  KernelSecurity security;
  security.lockdown = kernel_lockdown(root);
  security.secure_boot = secure_boot(root);
  security.cgroup = cgroup_version(root);
  security.lsms = security_text(root, "lsm");
  security.unprivileged_bpf_disabled =
      number_of(root + "proc/sys/kernel/unprivileged_bpf_disabled");
  security.bpf_jit = number_of(root + "proc/sys/net/core/bpf_jit_enable");
  security.perf_event_paranoid = number_of(root + "proc/sys/kernel/perf_event_paranoid");
  security.kptr_restrict = number_of(root + "proc/sys/kernel/kptr_restrict");
  security.memlock = memlock_limit();
  security.lacking_capabilities = lacking_capabilities(root);
  return security;
}

}  // namespace ig
