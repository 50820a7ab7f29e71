// SPDX-License-Identifier: Apache-2.0
// That what `ig diff` compares is what the compiled program answers: the diagram of each call, put
// to values on both sides of every comparison, against the interpreter's steps on the same program.
#include "advisors/seccomp/filter_meaning.h"

#include <gtest/gtest.h>
#include <linux/bpf_common.h>
#include <linux/seccomp.h>

#include <algorithm>
#include <array>

#include "advisors/seccomp/bpf_interpreter.h"
#include "advisors/seccomp/seccomp_filter.h"
#include "store/syscall_table.h"

namespace ig {
namespace {

using Values = std::array<std::uint64_t, 6>;

// The same program for known arguments: their loads become constants, which the interpreter
// follows.
std::uint32_t answer(BpfProgram program, std::uint32_t audit, std::uint32_t number,
                     const Values& values) {
  for (sock_filter& code : program) {
    if (code.code != (BPF_LD | BPF_W | BPF_ABS) || code.k < offsetof(seccomp_data, args)) continue;
    const std::size_t word = (code.k - offsetof(seccomp_data, args)) / 4;
    code = {BPF_LD | BPF_IMM, 0, 0,
            static_cast<std::uint32_t>(values[word / 2] >> (word % 2 == 1 ? 32 : 0))};
  }
  const auto answers = filter_answers(program, audit, number);
  EXPECT_TRUE(answers);
  EXPECT_EQ(answers->size(), 1U);
  return *answers->begin();
}

constexpr const char* kProfile = R"({
  "defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38,
  "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
  "syscalls": [
    {"names": ["read", "write", "openat"], "action": "SCMP_ACT_ALLOW"},
    {"names": ["socket"], "action": "SCMP_ACT_ALLOW",
     "args": [{"index": 0, "value": 1, "op": "SCMP_CMP_EQ"},
              {"index": 1, "value": 15, "valueTwo": 2, "op": "SCMP_CMP_MASKED_EQ"}]},
    {"names": ["socket"], "action": "SCMP_ACT_ALLOW",
     "args": [{"index": 0, "value": 40, "op": "SCMP_CMP_GE"}]},
    {"names": ["socket"], "action": "SCMP_ACT_ERRNO", "errnoRet": 22,
     "args": [{"index": 0, "value": 16, "op": "SCMP_CMP_EQ"},
              {"index": 2, "value": 9, "op": "SCMP_CMP_EQ"}]},
    {"names": ["mmap"], "action": "SCMP_ACT_ALLOW",
     "args": [{"index": 2, "value": 4294967298, "op": "SCMP_CMP_LT"}]},
    {"names": ["personality"], "action": "SCMP_ACT_LOG",
     "args": [{"index": 0, "value": 8, "op": "SCMP_CMP_NE"}]},
    {"names": ["clone"], "action": "SCMP_ACT_ALLOW",
     "args": [{"index": 0, "value": 2114060288, "op": "SCMP_CMP_MASKED_EQ"}]}
  ]
})";

constexpr std::uint64_t kBoundaries[] = {0,
                                         1,
                                         2,
                                         7,
                                         8,
                                         9,
                                         16,
                                         18,
                                         39,
                                         40,
                                         41,
                                         0x10000000,
                                         0x7e020000,
                                         0x100000001,
                                         0x100000002,
                                         0x100000003,
                                         ~std::uint64_t{0}};

TEST(FilterMeaning, IsWhatTheProgramAnswers) {
  const auto profile = SeccompProfile::from_json(kProfile, {});
  ASSERT_TRUE(profile);
  const auto filter = compile_profile(*profile, "x86_64");
  ASSERT_TRUE(filter);
  std::size_t checked = 0;
  for (const char* arch_name : {"x86_64", "i386", "x32"}) {
    const SyscallArch& arch = *find_syscall_arch(arch_name);
    for (const char* name : {"read", "socket", "mmap", "personality", "clone", "mount"}) {
      const auto known = syscall_number(arch_name, name);
      if (!known) continue;  // i386 has it inside socketcall
      const auto number = static_cast<std::uint32_t>(*known) | arch.number_bits;
      DecisionDiagrams diagrams;
      const auto meaning = filter_meaning(diagrams, filter->program, arch.audit, number);
      ASSERT_TRUE(meaning) << meaning.error().message;
      for (const auto first : kBoundaries) {
        for (const auto second : {std::uint64_t{2}, std::uint64_t{0x80002}, std::uint64_t{3}}) {
          for (const auto third : kBoundaries) {
            const Values values = {first, second, third, 0, 0, 0};
            ASSERT_EQ(diagrams.at(*meaning, values),
                      answer(filter->program, arch.audit, number, values))
                << arch_name << ' ' << name << ' ' << first << ' ' << second << ' ' << third;
            ++checked;
          }
        }
      }
    }
  }
  EXPECT_GT(checked, 10'000U);
}

TEST(FilterMeaning, RefusesProgramsThatLibseccompDoesNotMake) {
  DecisionDiagrams diagrams;
  const BpfProgram address = {{BPF_LD | BPF_W | BPF_ABS, 0, 0, 8}, {BPF_RET | BPF_K, 0, 0, 0}};
  EXPECT_FALSE(filter_meaning(diagrams, address, 0, 0));
  const BpfProgram endless = {{BPF_JMP | BPF_JA, 0, 0, 5}};
  EXPECT_FALSE(filter_meaning(diagrams, endless, 0, 0));
  const BpfProgram adds = {{BPF_ALU | BPF_ADD | BPF_K, 0, 0, 8}, {BPF_RET | BPF_K, 0, 0, 0}};
  EXPECT_FALSE(filter_meaning(diagrams, adds, 0, 0));
}

}  // namespace
}  // namespace ig
