// SPDX-License-Identifier: Apache-2.0
// The interpreter and the kernel agree: a child process loads the compiled filter and makes calls
// that take no arguments with arguments that the filter judges. What the kernel did is seen by the
// result and by how the child ended.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <random>

#include "advisors/seccomp/seccomp_filter.h"
#include "advisors/seccomp/verify_seccomp.h"
#include "store/syscall_table.h"

namespace ig::test {
namespace {

using Values = std::array<std::uint64_t, 6>;

struct Sample {
  bool i386 = false;
  std::uint32_t number = 0;
  Values values{};
};

constexpr std::size_t kMostSamples = 512;

// What the child tells: how far it came, and the results.
struct Shared {
  std::size_t done = 0;
  long results[kMostSamples];
};

#if defined(__x86_64__)
// No vdso, no libc: the number and the registers as they are.
long make_call(const Sample& sample) {
  long result;
  if (sample.i386) {
    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "a"(sample.number), "b"(sample.values[0]), "c"(sample.values[1]),
                       "d"(sample.values[2])
                     : "memory", "r8", "r9", "r10", "r11");
    return static_cast<int>(result);
  }
  register std::uint64_t r10 __asm__("r10") = sample.values[3];
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(std::uint64_t{sample.number}), "D"(sample.values[0]),
                     "S"(sample.values[1]), "d"(sample.values[2]), "r"(r10)
                   : "rcx", "r11", "memory");
  return result;
}

// From `first` on, until a call ends the child.
[[noreturn]] void run_child(const BpfProgram& program, const std::vector<Sample>& samples,
                            std::size_t first, Shared& shared) {
  sock_fprog filter = {static_cast<unsigned short>(program.size()),
                       const_cast<sock_filter*>(program.data())};
  ::prctl(PR_SET_DUMPABLE, 0);  // no core files
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) != 0) {
    ::_exit(1);
  }
  for (std::size_t i = first; i < samples.size(); ++i) {
    const long result = make_call(samples[i]);
    shared.results[i] = result;
    shared.done = i + 1;
  }
  ::syscall(SYS_exit_group, 0);
  __builtin_unreachable();
}

constexpr long kKilled = -100000;

std::vector<long> ask_kernel(const BpfProgram& program, const std::vector<Sample>& samples) {
  void* memory =
      ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  auto& shared = *new (memory) Shared();
  while (shared.done < samples.size()) {
    const std::size_t first = shared.done;
    const pid_t child = ::fork();
    if (child == 0) run_child(program, samples, first, shared);
    int status = 0;
    ::waitpid(child, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) break;
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS) << status;
    if (!WIFSIGNALED(status)) break;
    shared.results[shared.done++] = kKilled;
  }
  std::vector<long> results(shared.results, shared.results + samples.size());
  ::munmap(memory, sizeof(Shared));
  return results;
}

std::string result_text(long result, std::uint32_t answer) {
  if (result == kKilled) return "killed";
  // Nobody listens or traces: the kernel says ENOSYS.
  const auto action = answer & SECCOMP_RET_ACTION_FULL;
  if (result == -ENOSYS && (action == SECCOMP_RET_TRACE || action == SECCOMP_RET_USER_NOTIF)) {
    return "nobody answers";
  }
  return result < 0 ? fmt::format("errno {}", -result) : "allow";
}

std::string expected_text(std::uint32_t answer) {
  switch (answer & SECCOMP_RET_ACTION_FULL) {
    case SECCOMP_RET_ALLOW:
    case SECCOMP_RET_LOG:
      return "allow";
    case SECCOMP_RET_ERRNO:
      return fmt::format("errno {}", answer & SECCOMP_RET_DATA);
    case SECCOMP_RET_TRACE:
    case SECCOMP_RET_USER_NOTIF:
      return "nobody answers";
    default:
      return "killed";
  }
}

class KernelAgreement : public testing::TestWithParam<unsigned> {
 protected:
  template <typename T>
  T one_of(std::initializer_list<T> list) {
    return *(list.begin() + random_() % list.size());
  }

  SeccompProfile random_profile() {
    SeccompProfile profile;
    const auto action = [&] {
      return SeccompAction{
          one_of({"SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO", "SCMP_ACT_ERRNO", "SCMP_ACT_KILL_PROCESS",
                  "SCMP_ACT_KILL_THREAD", "SCMP_ACT_TRAP", "SCMP_ACT_TRACE"}),
          one_of({1U, 38U, 77U})};
    };
    profile.default_action = {one_of({"SCMP_ACT_ERRNO", "SCMP_ACT_KILL_PROCESS"}), 99};
    profile.architectures = {"SCMP_ARCH_X86_64", "SCMP_ARCH_X86"};
    profile.rules.push_back({.names = {"exit_group"}});
    for (const char* name : {"getpid", "getppid", "getuid", "getgid", "geteuid", "getegid"}) {
      for (auto n = random_() % 3; n > 0; --n) {
        SeccompRule rule{.names = {name}, .action = action()};
        for (unsigned index = 0; index < 3; ++index) {
          if (random_() % 2) continue;
          SeccompArgument argument;
          argument.index = index;
          argument.op = one_of(
              {"SCMP_CMP_EQ", "SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_GE", "SCMP_CMP_MASKED_EQ"});
          argument.value = value();
          argument.value_two = argument.value & value();
          rule.arguments.push_back(argument);
        }
        profile.rules.push_back(rule);
      }
    }
    return profile;
  }

  std::uint64_t value() {
    return one_of({0UL, 1UL, 7UL, 8UL, 0xffffffffUL, 0x100000000UL, 0x100000008UL, ~0UL});
  }

  std::vector<Sample> random_samples(bool with_i386) {
    std::vector<Sample> samples;
    while (samples.size() < 200) {
      Sample sample{.i386 = with_i386 && random_() % 4 == 0};
      const auto name = one_of({"getpid", "getppid", "getuid", "getgid", "geteuid", "getegid"});
      sample.number =
          static_cast<std::uint32_t>(*syscall_number(sample.i386 ? "i386" : "x86_64", name));
      if (random_() % 20 == 0) sample.number = one_of({999U, 0x40000000U + 39, 0x3fffffffU});
      for (unsigned index = 0; index < 3; ++index) {
        sample.values[index] = sample.i386 ? value() & 0xffffffff : value();
      }
      samples.push_back(sample);
    }
    return samples;
  }

  std::mt19937 random_{GetParam()};
};

bool has_int80() {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(make_call({.i386 = true, .number = 20}) == ::getpid() ? 0 : 1);
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST_P(KernelAgreement, OnWhatTheFilterAnswers) {
  const bool with_i386 = has_int80();
  for (const auto runtime : {FilterRuntime::kCrun, FilterRuntime::kRunc}) {
    const auto profile = random_profile();
    const auto samples = random_samples(with_i386);
    const auto filter = compile_profile(profile, "x86_64", runtime);
    ASSERT_TRUE(filter) << filter.error().message;
    const auto results = ask_kernel(filter->program, samples);
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const Sample& sample = samples[i];
      FilteredCall call{.audit_arch = static_cast<std::uint32_t>(sample.i386 ? AUDIT_ARCH_I386
                                                                             : AUDIT_ARCH_X86_64),
                        .number = sample.number};
      for (unsigned index = 0; index < 3; ++index) call.set_argument(index, sample.values[index]);
      const auto answers = filter_answers(filter->program, call);
      ASSERT_TRUE(answers) << answers.error().message;
      ASSERT_EQ(answers->size(), 1U);
      const std::uint32_t answer = *answers->begin();
      // A number that the kernel does not have is ENOSYS where the filter lets it through.
      if (sample.number >= 999 && permits(answer)) continue;
      ASSERT_EQ(result_text(results[i], answer), expected_text(answer))
          << (sample.i386 ? "i386 " : "x86_64 ") << sample.number << ' '
          << fmt::format("{:#x} {:#x} {:#x}\n", sample.values[0], sample.values[1],
                         sample.values[2])
          << profile.to_json();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, KernelAgreement, testing::Range(1U, 13U));
#endif

}  // namespace
}  // namespace ig::test
