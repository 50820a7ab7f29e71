// SPDX-License-Identifier: Apache-2.0
// What a profile means, by its own words: no libseccomp, no compiled filter. And a filter as the
// kernel runs it, for one call with its arguments.
#pragma once

#include <linux/bpf_common.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "advisors/seccomp/seccomp_profile.h"
#include "store/syscall_table.h"

namespace ig::test {

struct Call {
  const SyscallArch* arch = nullptr;
  std::string name;
  std::uint32_t number = 0;  // as the kernel counts, with x32's bit
  std::array<std::uint64_t, 6> arguments{};
};

// Every call that libseccomp has a name for.
inline const std::vector<Call>& all_calls() {
  static const std::vector<Call> calls = [] {
    constexpr std::int64_t kLastNumber = 560;
    std::vector<Call> all;
    for (const SyscallArch& arch : syscall_archs()) {
      for (std::int64_t number = 0; number <= kLastNumber; ++number) {
        const auto name = syscall_name(arch.name, number);
        if (name) {
          all.push_back({&arch, *name, static_cast<std::uint32_t>(number) | arch.number_bits, {}});
        }
      }
    }
    return all;
  }();
  return calls;
}

inline std::optional<std::uint32_t> number_of(std::string_view arch, std::string_view name) {
  for (const Call& call : all_calls()) {
    if (call.arch->name == arch && call.name == name) return call.number;
  }
  return std::nullopt;
}

inline bool permits_name(const std::string& action) {
  return action == "SCMP_ACT_ALLOW" || action == "SCMP_ACT_LOG";
}

inline bool holds(const std::string& op, std::uint64_t argument, std::uint64_t value,
                  std::uint64_t two) {
  if (op == "SCMP_CMP_NE") return argument != value;
  if (op == "SCMP_CMP_LT") return argument < value;
  if (op == "SCMP_CMP_LE") return argument <= value;
  if (op == "SCMP_CMP_EQ") return argument == value;
  if (op == "SCMP_CMP_GE") return argument >= value;
  if (op == "SCMP_CMP_GT") return argument > value;
  return (argument & value) == two;
}

// Several comparisons of one argument are alternatives, as runc reads them; else all must hold.
inline bool matches(const SeccompRule& rule, const Call& call) {
  std::set<unsigned> indexes;
  for (const SeccompArgument& argument : rule.arguments) indexes.insert(argument.index);
  const auto test = [&](const SeccompArgument& argument) {
    return holds(argument.op, call.arguments[argument.index], argument.value, argument.value_two);
  };
  return indexes.size() == rule.arguments.size() ? std::ranges::all_of(rule.arguments, test)
                                                 : std::ranges::any_of(rule.arguments, test);
}

class Meaning {
 public:
  Meaning(SeccompProfile profile, std::string native)
      : profile_(std::move(profile)), native_(std::move(native)) {
    for (const SeccompRule& rule : profile_.rules) {
      for (const std::string& name : rule.names) rules_[name].push_back(&rule);
    }
  }
  Meaning(const Meaning&) = delete;

  bool allows(const Call& call) const {
    const auto& archs = profile_.architectures;
    if (call.arch->name != native_ && std::ranges::find(archs, call.arch->oci) == archs.end()) {
      return false;
    }
    const bool otherwise = permits_name(profile_.default_action.name);
    const auto found = rules_.find(call.name);
    if (found == rules_.end()) return otherwise;
    bool denied = false;
    for (const SeccompRule* rule : found->second) {
      if (!matches(*rule, call)) continue;
      if (permits_name(rule->action.name)) return true;
      denied = true;
    }
    return otherwise && !denied;
  }

 private:
  SeccompProfile profile_;
  std::string native_;
  std::map<std::string, std::vector<const SeccompRule*>, std::less<>> rules_;
};

// SECCOMP_RET_* of the program; nullopt where it is no program that libseccomp or firejail write.
inline std::optional<std::uint32_t> run_filter(std::span<const sock_filter> program,
                                               const Call& call) {
  seccomp_data data{};
  data.nr = static_cast<int>(call.number);
  data.arch = call.arch->audit;
  std::ranges::copy(call.arguments, data.args);
  std::uint32_t a = 0;
  for (std::size_t at = 0; at < program.size(); ++at) {
    const sock_filter& code = program[at];
    switch (code.code) {
      case BPF_LD | BPF_W | BPF_ABS:
        if (code.k + sizeof(a) > sizeof(data)) return std::nullopt;
        std::memcpy(&a, reinterpret_cast<const char*>(&data) + code.k, sizeof(a));
        break;
      case BPF_ALU | BPF_AND | BPF_K:
        a &= code.k;
        break;
      case BPF_JMP | BPF_JA:
        at += code.k;
        break;
      case BPF_JMP | BPF_JEQ | BPF_K:
        at += a == code.k ? code.jt : code.jf;
        break;
      case BPF_JMP | BPF_JGT | BPF_K:
        at += a > code.k ? code.jt : code.jf;
        break;
      case BPF_JMP | BPF_JGE | BPF_K:
        at += a >= code.k ? code.jt : code.jf;
        break;
      case BPF_JMP | BPF_JSET | BPF_K:
        at += (a & code.k) != 0 ? code.jt : code.jf;
        break;
      case BPF_RET | BPF_K:
        return code.k;
      default:
        return std::nullopt;
    }
  }
  return std::nullopt;
}

inline bool permits_answer(std::optional<std::uint32_t> answer) {
  if (!answer) return false;
  const std::uint32_t action = *answer & SECCOMP_RET_ACTION_FULL;
  return action == SECCOMP_RET_ALLOW || action == SECCOMP_RET_LOG;
}

inline std::vector<sock_filter> filter_of(const std::string& bytes) {
  std::vector<sock_filter> program(bytes.size() / sizeof(sock_filter));
  std::memcpy(program.data(), bytes.data(), program.size() * sizeof(sock_filter));
  return program;
}

}  // namespace ig::test
