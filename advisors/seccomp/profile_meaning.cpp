// SPDX-License-Identifier: Apache-2.0
#include "advisors/seccomp/profile_meaning.h"

#include <linux/seccomp.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "advisors/seccomp/enosys_stub.h"
#include "store/syscall_table.h"

namespace ig {
namespace {

// A filter's answer to an architecture that it does not have.
constexpr std::uint32_t kBadArch = SECCOMP_RET_KILL_THREAD;
constexpr std::uint32_t kX32Bit = 0x40000000;
constexpr std::uint32_t kSkipped = 0xffffffff;  // a tracer's way to skip a call: no x32

std::uint32_t answer_of(const SeccompAction& action) {
  const std::uint32_t data = action.errno_ret & SECCOMP_RET_DATA;
  if (action.name == "SCMP_ACT_ALLOW") return SECCOMP_RET_ALLOW;
  if (action.name == "SCMP_ACT_LOG") return SECCOMP_RET_LOG;
  if (action.name == "SCMP_ACT_ERRNO") return SECCOMP_RET_ERRNO | data;
  if (action.name == "SCMP_ACT_TRACE") return SECCOMP_RET_TRACE | data;
  if (action.name == "SCMP_ACT_TRAP") return SECCOMP_RET_TRAP;
  if (action.name == "SCMP_ACT_NOTIFY") return SECCOMP_RET_USER_NOTIF;
  if (action.name == "SCMP_ACT_KILL_PROCESS") return SECCOMP_RET_KILL_PROCESS;
  return SECCOMP_RET_KILL_THREAD;
}

bool holds(const SeccompArgument& comparison, std::uint64_t value) {
  if (comparison.op == "SCMP_CMP_NE") return value != comparison.value;
  if (comparison.op == "SCMP_CMP_LT") return value < comparison.value;
  if (comparison.op == "SCMP_CMP_LE") return value <= comparison.value;
  if (comparison.op == "SCMP_CMP_EQ") return value == comparison.value;
  if (comparison.op == "SCMP_CMP_GE") return value >= comparison.value;
  if (comparison.op == "SCMP_CMP_GT") return value > comparison.value;
  return (value & comparison.value) == comparison.value_two;
}

// A rule for `name` is also one for `carrier` with this first argument (linux/net.h).
struct Carried {
  std::string_view name;
  std::uint64_t operation;
};
constexpr Carried kSocketCalls[] = {
    {"socket", 1},     {"bind", 2},     {"connect", 3},     {"listen", 4},
    {"accept", 5},     {"send", 9},     {"getsockname", 6}, {"getpeername", 7},
    {"socketpair", 8}, {"recv", 10},    {"sendto", 11},     {"recvfrom", 12},
    {"shutdown", 13},  {"sendmsg", 16}, {"setsockopt", 14}, {"getsockopt", 15},
    {"recvmsg", 17},   {"accept4", 18}, {"recvmmsg", 19},   {"sendmmsg", 20},
};
constexpr Carried kIpcCalls[] = {
    {"semop", 1},   {"semget", 2},  {"semctl", 3},  {"semtimedop", 4},
    {"msgsnd", 11}, {"msgrcv", 12}, {"msgget", 13}, {"msgctl", 14},
    {"shmat", 21},  {"shmdt", 22},  {"shmget", 23}, {"shmctl", 24},
};

// libseccomp gives no number for the name of a call that i386 has both ways (socket, 359), but a
// name for the number.
std::optional<std::int64_t> number_of(std::string_view arch, std::string_view name) {
  constexpr std::int64_t kMostNumbers = 600;
  if (const auto number = syscall_number(arch, name)) return number;
  for (std::int64_t number = 0; number < kMostNumbers; ++number) {
    if (syscall_name(arch, number) == name) return number;
  }
  return std::nullopt;
}

std::optional<std::pair<std::string_view, std::uint64_t>> carrier_of(std::string_view name) {
  for (const Carried& call : kSocketCalls) {
    if (call.name == name) return std::pair("socketcall", call.operation);
  }
  for (const Carried& call : kIpcCalls) {
    if (call.name == name) return std::pair("ipc", call.operation);
  }
  return std::nullopt;
}

}  // namespace

ProfileMeaning::ProfileMeaning(const SeccompProfile& profile, std::string_view native_arch,
                               FilterRuntime runtime)
    : default_action_(answer_of(profile.default_action)) {
  for (const SyscallArch& arch : syscall_archs()) {
    const bool listed =
        std::ranges::find(profile.architectures, arch.oci) != profile.architectures.end();
    if (listed || arch.name == native_arch) archs_.push_back(arch.name);
    if (runtime != FilterRuntime::kRunc) continue;
    if (const auto above = enosys_above(profile, arch.name)) enosys_above_[arch.name] = *above;
  }
  for (const SeccompRule& rule : profile.rules) {
    if (answer_of(rule.action) == default_action_) continue;
    for (const std::string& name : rule.names) {
      for (const std::string_view arch : archs_) add_rule(rule, name, arch);
    }
  }
}

void ProfileMeaning::add_rule(const SeccompRule& rule, std::string_view name,
                              std::string_view arch) {
  const SyscallArch& known = *find_syscall_arch(arch);
  std::set<unsigned> compared;
  bool alternatives = false;
  for (const auto& comparison : rule.arguments) {
    alternatives |= !compared.insert(comparison.index).second;
  }
  const auto add = [&](std::int64_t number, const std::vector<SeccompArgument>& comparisons) {
    rules_[{known.audit, static_cast<std::uint32_t>(number) | known.number_bits}].push_back(
        {answer_of(rule.action), comparisons});
  };
  const auto add_all = [&](std::int64_t number, std::optional<std::uint64_t> operation) {
    const auto with_operation = [&](std::vector<SeccompArgument> comparisons) {
      if (!operation) return comparisons;
      std::erase_if(comparisons, [](const SeccompArgument& one) { return one.index == 0; });
      comparisons.push_back({.index = 0, .value = *operation, .op = "SCMP_CMP_EQ"});
      return comparisons;
    };
    if (!alternatives) return add(number, with_operation(rule.arguments));
    for (const auto& comparison : rule.arguments) add(number, with_operation({comparison}));
  };
  if (const auto number = number_of(arch, name)) add_all(*number, std::nullopt);
  if (const auto carrier = carrier_of(name)) {
    const auto number = syscall_number(arch, carrier->first);
    if (number) add_all(*number, carrier->second);
  }
}

// x32 has the token of x86_64: only the number's bit tells them apart.
bool ProfileMeaning::is_in(std::uint32_t audit_arch, std::uint32_t number) const {
  return std::ranges::any_of(archs_, [&](std::string_view name) {
    const SyscallArch& arch = *find_syscall_arch(name);
    if (arch.audit != audit_arch) return false;
    if (arch.name == "x86_64") return number < kX32Bit || number == kSkipped;
    return arch.name != "x32" || number >= kX32Bit;
  });
}

std::set<std::uint32_t> ProfileMeaning::answers(std::uint32_t audit_arch, std::uint32_t number,
                                                const Values& values) const {
  for (const auto& [name, largest] : enosys_above_) {
    const SyscallArch& arch = *find_syscall_arch(name);
    const bool bit = (number & kX32Bit) != 0;
    const bool of_arch = arch.name == "x86_64" ? !bit : arch.name == "x32" ? bit : true;
    if (arch.audit == audit_arch && of_arch && number > largest) {
      return {SECCOMP_RET_ERRNO | ENOSYS};
    }
  }
  if (!is_in(audit_arch, number)) return {kBadArch};
  const auto rules = rules_.find({audit_arch, number});
  if (rules == rules_.end()) return {default_action_};
  std::set<std::uint32_t> meant;
  for (const MeantRule& rule : rules->second) {
    if (rule.comparisons.empty()) return {rule.action};
    const bool matches = std::ranges::all_of(rule.comparisons, [&](const SeccompArgument& one) {
      return holds(one, values[one.index]);
    });
    if (matches) meant.insert(rule.action);
  }
  if (meant.empty()) meant.insert(default_action_);
  return meant;
}

std::vector<SeccompArgument> ProfileMeaning::comparisons(std::uint32_t audit_arch,
                                                         std::uint32_t number) const {
  std::vector<SeccompArgument> all;
  const auto rules = rules_.find({audit_arch, number});
  if (rules == rules_.end()) return all;
  for (const MeantRule& rule : rules->second) {
    all.insert(all.end(), rule.comparisons.begin(), rule.comparisons.end());
  }
  return all;
}

std::vector<std::pair<std::uint32_t, std::uint32_t>> ProfileMeaning::named_calls() const {
  std::vector<Call> calls;
  for (const auto& [call, rules] : rules_) calls.push_back(call);
  return calls;
}

}  // namespace ig
