// SPDX-License-Identifier: Apache-2.0
#include "advisors/seccomp/dialects/systemd_options.h"

#include <linux/sched.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/text.h"

namespace ig {
namespace {

using Named = std::pair<std::uint64_t, std::string_view>;

// Those that programs name by themselves; a domain that is not here leaves the option out.
constexpr std::array kFamilies = {Named{AF_UNIX, "AF_UNIX"},
                                  Named{AF_INET, "AF_INET"},
                                  Named{AF_AX25, "AF_AX25"},
                                  Named{AF_IPX, "AF_IPX"},
                                  Named{AF_APPLETALK, "AF_APPLETALK"},
                                  Named{AF_INET6, "AF_INET6"},
                                  Named{AF_KEY, "AF_KEY"},
                                  Named{AF_NETLINK, "AF_NETLINK"},
                                  Named{AF_PACKET, "AF_PACKET"},
                                  Named{AF_RDS, "AF_RDS"},
                                  Named{AF_PPPOX, "AF_PPPOX"},
                                  Named{AF_CAN, "AF_CAN"},
                                  Named{AF_TIPC, "AF_TIPC"},
                                  Named{AF_BLUETOOTH, "AF_BLUETOOTH"},
                                  Named{AF_ALG, "AF_ALG"},
                                  Named{AF_NFC, "AF_NFC"},
                                  Named{AF_VSOCK, "AF_VSOCK"},
                                  Named{AF_KCM, "AF_KCM"},
                                  Named{AF_QIPCRTR, "AF_QIPCRTR"},
                                  Named{AF_SMC, "AF_SMC"},
                                  Named{AF_XDP, "AF_XDP"}};
constexpr std::array kNamespaces = {Named{CLONE_NEWCGROUP, "cgroup"}, Named{CLONE_NEWIPC, "ipc"},
                                    Named{CLONE_NEWNET, "net"},       Named{CLONE_NEWNS, "mnt"},
                                    Named{CLONE_NEWPID, "pid"},       Named{CLONE_NEWUSER, "user"},
                                    Named{CLONE_NEWUTS, "uts"}};
constexpr std::uint64_t kAllNamespaces = CLONE_NEWCGROUP | CLONE_NEWIPC | CLONE_NEWNET |
                                         CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUSER | CLONE_NEWUTS;

// Which bits of an argument a condition leaves open, and which it asks for.
struct Bits {
  std::uint64_t possible = ~std::uint64_t{0}, certain = 0;
};

Bits bits_of(const CallCondition& condition, unsigned index) {
  Bits bits;
  for (const SeccompArgument& argument : condition) {
    if (argument.index != index) continue;
    if (argument.op == "SCMP_CMP_EQ") {
      bits.possible &= argument.value;
      bits.certain |= argument.value;
    } else if (argument.op == "SCMP_CMP_MASKED_EQ") {
      bits.possible &= ~argument.value | argument.value_two;
      bits.certain |= argument.value & argument.value_two;
    }
  }
  return bits;
}

const CallRule* allowed_call(const CallRules& rules, const std::string& name) {
  const auto found = rules.calls.find(name);
  return found == rules.calls.end() || !found->second.is_allowed() ? nullptr : &found->second;
}

std::uint64_t possible_bits(const CallRules& rules, const std::string& name, unsigned index) {
  std::uint64_t bits = 0;
  if (const CallRule* call = allowed_call(rules, name)) {
    for (const CallCondition& condition : call->allowed) bits |= bits_of(condition, index).possible;
  }
  return bits;
}

// The values of the low 32 bits of an argument, where every condition is about them; else none.
std::set<std::uint64_t> only_values(const CallRule& call, unsigned index) {
  constexpr std::uint64_t kLow = 0xffffffff;
  std::set<std::uint64_t> values;
  for (const CallCondition& condition : call.allowed) {
    const Bits bits = bits_of(condition, index);
    if ((bits.possible & kLow) != (bits.certain & kLow)) return {};
    values.insert(bits.certain & kLow);
  }
  return values;
}

bool is_about_one_argument(const CallRule& call) {
  return std::ranges::all_of(call.allowed,
                             [](const CallCondition& condition) { return condition.size() == 1; });
}

std::string names_of(std::uint64_t bits, std::span<const Named> table) {
  std::vector<std::string> names;
  for (const auto& [bit, name] : table) {
    if (bits & bit) names.emplace_back(name);
  }
  return join(names, " ");
}

void restrict_families(const CallRules& rules, SystemdOptions& options) {
  const CallRule* socket = allowed_call(rules, "socket");
  if (!socket) return;
  std::vector<std::string> names;
  for (const std::uint64_t value : only_values(*socket, 0)) {
    const auto* found = std::ranges::find(kFamilies, value, &Named::first);
    if (found == kFamilies.end()) return;
    names.emplace_back(found->second);
  }
  if (names.empty()) return;
  options.lines.push_back("RestrictAddressFamilies=" + join(names, " "));
  // It has no effect on calls of i386.
  if (is_about_one_argument(*socket) && !rules.has_arch("i386")) options.exact.insert("socket");
}

// It also denies setns() to a namespace of any type, which is flags of 0.
void restrict_namespaces(const CallRules& rules, SystemdOptions& options) {
  std::uint64_t retained = 0, allowed = 0;
  for (const auto& [name, index] : {std::pair{"clone", 0U}, {"unshare", 0U}, {"setns", 1U}}) {
    retained |= possible_bits(rules, name, index);
    allowed += allowed_call(rules, name) ? 1 : 0;
  }
  if (const CallRule* setns = allowed_call(rules, "setns")) {
    for (const CallCondition& condition : setns->allowed) {
      if ((bits_of(condition, 1).certain & kAllNamespaces) == 0) return;
    }
  }
  retained &= kAllNamespaces;
  if (allowed == 0 || retained == kAllNamespaces) return;
  options.lines.push_back("RestrictNamespaces=" +
                          (retained == 0 ? "yes" : names_of(retained, kNamespaces)));
}

// Locked to PER_LINUX, which a service starts with; the question for it (0xffffffff) is denied too.
void lock_personality(const CallRules& rules, SystemdOptions& options) {
  const CallRule* personality = allowed_call(rules, "personality");
  if (!personality || only_values(*personality, 0) != std::set<std::uint64_t>{0}) return;
  options.lines.emplace_back("LockPersonality=yes");
  if (is_about_one_argument(*personality)) options.exact.insert("personality");
}

// On i386 it denies the old mmap() altogether, whose name is that of x86_64's.
void deny_write_execute(const CallRules& rules, SystemdOptions& options) {
  if (rules.has_arch("i386")) return;
  const auto lacks = [&](const char* name, std::uint64_t bits) {
    const CallRule* call = allowed_call(rules, name);
    return !call || std::ranges::all_of(call->allowed, [&](const CallCondition& condition) {
      return (bits_of(condition, 2).possible & bits) != bits;
    });
  };
  const bool any = allowed_call(rules, "mmap") || allowed_call(rules, "mmap2") ||
                   allowed_call(rules, "mprotect");
  constexpr std::uint64_t kBoth = PROT_WRITE | PROT_EXEC;
  if (any && lacks("mmap", kBoth) && lacks("mmap2", kBoth) && lacks("mprotect", PROT_EXEC) &&
      lacks("pkey_mprotect", PROT_EXEC) && lacks("shmat", SHM_EXEC)) {
    options.lines.emplace_back("MemoryDenyWriteExecute=yes");
  }
}

}  // namespace

SystemdOptions systemd_options(const CallRules& rules) {
  SystemdOptions options;
  restrict_families(rules, options);
  restrict_namespaces(rules, options);
  lock_personality(rules, options);
  deny_write_execute(rules, options);
  return options;
}

}  // namespace ig
