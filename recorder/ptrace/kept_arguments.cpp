// SPDX-License-Identifier: Apache-2.0
#include "recorder/ptrace/kept_arguments.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <unordered_map>

namespace ig {
namespace {

constexpr unsigned kFirst = 1, kSecond = 2, kThird = 4;
constexpr unsigned kWide = 8;     // where the table of calls has 64 bits
constexpr unsigned kOnly64 = 16;  // 32-bit tables have a call of that name with other arguments
constexpr unsigned kNotX32 = 32;  // numbers of its own there, beyond those that BPF keeps

struct Kept {
  std::string_view call;
  unsigned what;
};
constexpr Kept kKept[] = {
    {"arch_prctl", kFirst},
    {"bpf", kFirst},
    {"clone", kFirst | kWide},
    {"fcntl", kSecond},
    {"fcntl64", kSecond},
    {"getsockopt", kSecond | kThird | kNotX32},
    {"ioctl", kSecond | kNotX32},
    {"keyctl", kFirst},
    {"madvise", kThird},
    {"mmap", kThird | kWide | kOnly64},
    {"mmap2", kThird},
    {"mprotect", kThird | kWide},
    {"personality", kFirst},
    {"prctl", kFirst},
    {"ptrace", kFirst | kWide | kNotX32},
    {"seccomp", kFirst | kSecond},
    {"setns", kSecond},
    {"setsockopt", kSecond | kThird | kNotX32},
    {"socket", kFirst | kSecond},
    {"socketpair", kFirst | kSecond},
    {"unshare", kFirst | kWide},
};

using Table = std::unordered_map<std::int64_t, KeptArguments>;

// By the names of numbers: the other way round libseccomp has numbers of its own for what i386 can
// also call through socketcall(2).
Table make_table(const SyscallArch& arch) {
  constexpr std::int64_t kEnd = 1024;
  const bool narrow = arch.name == "i386" || arch.name == "arm";
  Table table;
  for (std::int64_t number = 0; number < kEnd; ++number) {
    const auto name = syscall_name(arch.name, number);
    const auto* found = std::ranges::find(kKept, name.value_or(""), &Kept::call);
    if (found == std::end(kKept)) continue;
    const auto what = found->what;
    if ((narrow && (what & kOnly64)) || (arch.name == "x32" && (what & kNotX32))) continue;
    KeptArguments kept;
    for (unsigned i = 0; i < 3; ++i) kept.index[i] = (what & 1U << i) != 0;
    kept.wide = !narrow && (what & kWide);
    table.emplace(number, kept);
  }
  return table;
}

}  // namespace

KeptArguments kept_arguments(const SyscallArch& arch, std::int64_t number) {
  static std::unordered_map<std::string_view, Table> tables;
  auto found = tables.find(arch.name);
  if (found == tables.end()) found = tables.emplace(arch.name, make_table(arch)).first;
  const auto kept = found->second.find(number);
  return kept == found->second.end() ? KeptArguments{} : kept->second;
}

}  // namespace ig
