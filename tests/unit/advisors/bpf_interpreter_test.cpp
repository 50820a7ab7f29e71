// SPDX-License-Identifier: Apache-2.0
#include "advisors/seccomp/bpf_interpreter.h"

#include <gmock/gmock.h>
#include <linux/audit.h>
#include <linux/seccomp.h>

#include <cstddef>

namespace ig::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::uint32_t kNumber = offsetof(seccomp_data, nr);
constexpr std::uint32_t kArch = offsetof(seccomp_data, arch);
constexpr std::uint32_t kFirstArgument = offsetof(seccomp_data, args);

Result<std::set<std::uint32_t>> answers(const BpfProgram& program, std::uint32_t number = 1) {
  return filter_answers(program, AUDIT_ARCH_X86_64, number);
}

TEST(BpfInterpreter, BranchesOnNumberAndArchitecture) {
  const BpfProgram program = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kArch),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kNumber),
      BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 5, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  EXPECT_THAT(*answers(program, 4), ElementsAre(SECCOMP_RET_ALLOW));
  EXPECT_THAT(*answers(program, 5), ElementsAre(SECCOMP_RET_ERRNO | 1));
  EXPECT_THAT(*filter_answers(program, AUDIT_ARCH_I386, 4), ElementsAre(SECCOMP_RET_KILL_PROCESS));
}

TEST(BpfInterpreter, GoesBothWaysWhereAnArgumentDecides) {
  const BpfProgram program = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kFirstArgument),
      BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xff),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 8, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 1),
  };
  EXPECT_THAT(*answers(program), ElementsAre(SECCOMP_RET_ERRNO | 1, SECCOMP_RET_ALLOW));
}

TEST(BpfInterpreter, DecidesByTheArgumentsThatAreKnown) {
  const BpfProgram program = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kFirstArgument + 4),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kFirstArgument),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 8, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 1),
  };
  FilteredCall call{.audit_arch = AUDIT_ARCH_X86_64, .number = 1};
  call.set_argument(0, 0x100000008);
  EXPECT_THAT(*filter_answers(program, call), ElementsAre(SECCOMP_RET_ALLOW));
  call.set_argument(0, 8);
  EXPECT_THAT(*filter_answers(program, call), ElementsAre(SECCOMP_RET_ERRNO | 1));
  call.arguments[1].reset();  // the upper half is not known
  EXPECT_THAT(*filter_answers(program, call),
              ElementsAre(SECCOMP_RET_ERRNO | 1, SECCOMP_RET_ALLOW));
  const auto reach =
      filter_reach(program, {.audit_arch = AUDIT_ARCH_X86_64, .number = 1, .arguments = {}});
  EXPECT_THAT(reach->constants.at(0), ElementsAre(8U));
  EXPECT_THAT(reach->constants.at(1), ElementsAre(1U));
}

TEST(BpfInterpreter, ComputesAsTheKernelDoes) {
  const BpfProgram program = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kNumber),  // 6
      BPF_STMT(BPF_ST, 3),                          //
      BPF_STMT(BPF_LDX | BPF_W | BPF_IMM, 4),       //
      BPF_STMT(BPF_ALU | BPF_LSH | BPF_X, 0),       // 96
      BPF_STMT(BPF_ALU | BPF_SUB | BPF_K, 1),       // 95
      BPF_STMT(BPF_MISC | BPF_TAX, 0),              //
      BPF_STMT(BPF_LD | BPF_W | BPF_MEM, 3),        // 6
      BPF_STMT(BPF_ALU | BPF_XOR | BPF_X, 0),       // 89
      BPF_STMT(BPF_RET | BPF_A, 0),
  };
  EXPECT_THAT(*answers(program, 6), ElementsAre(89U));
}

TEST(BpfInterpreter, RefusesWhatTheKernelWouldNotLoad) {
  const std::pair<BpfProgram, std::string> cases[] = {
      {{}, "past its end"},
      {{BPF_STMT(BPF_LD | BPF_W | BPF_IMM, 0)}, "past its end"},
      {{BPF_STMT(BPF_JMP | BPF_JA, 0xffffffff)}, "past its end"},
      {{BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 64)}, "outside of the data"},
      {{BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 2)}, "outside of the data"},
      {{BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0)}, "less than a word"},
      {{BPF_STMT(BPF_LD | BPF_W | BPF_IND, 0)}, "unknown load"},
      {{BPF_STMT(BPF_LD | BPF_W | BPF_MEM, 16)}, "memory out of range"},
      {{BPF_STMT(BPF_ALU | 0xf0, 0)}, "unknown arithmetic"},
  };
  for (const auto& [program, message] : cases) {
    const auto result = answers(program);
    ASSERT_FALSE(result) << message;
    EXPECT_THAT(result.error().message, HasSubstr(message));
  }
}

}  // namespace
}  // namespace ig::test
