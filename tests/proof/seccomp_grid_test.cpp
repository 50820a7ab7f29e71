// SPDX-License-Identifier: Apache-2.0
// The compiled program means what the profile says, for profiles of others and for random ones, and
// the comparison of the two finds a program that does not.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <linux/seccomp.h>

#include <fstream>
#include <random>
#include <sstream>

#include "advisors/seccomp/boundary_grid.h"
#include "advisors/seccomp/verify_seccomp.h"
#include "store/syscall_table.h"

namespace ig::test {
namespace {

using testing::HasSubstr;

std::string words(const GridResult& result) {
  std::string text = fmt::format("{} of {} wrong\n", result.wrong, result.asked);
  for (const GridMismatch& one : result.mismatches) {
    text += fmt::format("{} {} {} ({:#x}, {:#x}, {:#x}): {}, not {}\n", one.arch, one.number,
                        one.name, one.values[0], one.values[1], one.values[2],
                        answer_text(one.answer), answer_text(*one.meant.begin()));
  }
  return text;
}

GridResult grid_of(const SeccompProfile& profile, FilterRuntime runtime,
                   std::string_view arch = "x86_64") {
  const auto filter = compile_profile(profile, arch, runtime);
  EXPECT_TRUE(filter) << filter.error().message;
  const auto result = check_grid(filter->program, ProfileMeaning(profile, arch, runtime));
  EXPECT_TRUE(result) << result.error().message;
  return *result;
}

SeccompProfile profile_of(const std::string& text, SeccompProfile::Conditions conditions) {
  auto profile = SeccompProfile::from_json(text, conditions);
  EXPECT_TRUE(profile) << profile.error().message;
  return std::move(*profile);
}

std::string read_fixture(const std::string& name) {
  std::ifstream file(std::string(IG_SOURCE_DIR) + "/../shared/fixtures/seccomp/" + name);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

class ForeignProfile : public testing::TestWithParam<const char*> {};

TEST_P(ForeignProfile, CompilesToWhatItSays) {
  const std::string text = read_fixture(GetParam());
  if (text.empty()) GTEST_SKIP() << "no fixture " << GetParam();
  for (const char* arch : {"x86_64", "aarch64"}) {
    for (const auto& capabilities : {std::set<std::string>{}, {"CAP_SYS_ADMIN"}}) {
      const auto profile = profile_of(text, {.capabilities = capabilities, .arch = arch});
      for (const auto runtime : {FilterRuntime::kCrun, FilterRuntime::kRunc}) {
        const GridResult result = grid_of(profile, runtime, arch);
        EXPECT_GT(result.asked, 5000U);
        EXPECT_EQ(result.wrong, 0U) << words(result);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Fixtures, ForeignProfile,
                         testing::Values("moby-default.json", "podman-default.json"));

SeccompArgument argument(unsigned index, const std::string& op, std::uint64_t value,
                         std::uint64_t value_two = 0) {
  return {.index = index, .value = value, .value_two = value_two, .op = op};
}

// Rules on few calls and few values, so that they meet each other.
class RandomProfile : public testing::TestWithParam<unsigned> {
 protected:
  template <typename T>
  T one_of(std::initializer_list<T> list) {
    return *(list.begin() + random_() % list.size());
  }

  SeccompProfile profile(std::initializer_list<const char*> operators, unsigned most_comparisons) {
    SeccompProfile profile;
    profile.default_action.name =
        one_of({"SCMP_ACT_ERRNO", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_LOG", "SCMP_ACT_TRAP"});
    profile.architectures = {"SCMP_ARCH_X86_64"};
    if (random_() % 2) profile.architectures.push_back("SCMP_ARCH_X86");
    if (random_() % 2) profile.architectures.push_back("SCMP_ARCH_X32");
    for (unsigned i = 0; i < 12; ++i) {
      SeccompRule rule;
      rule.names = {one_of({"ioctl", "prctl", "clone", "mmap", "socket", "read", "clone3"})};
      for (unsigned index = 0; index < most_comparisons; ++index) {
        if (random_() % 3 == 0) continue;
        rule.arguments.push_back(
            argument(index, one_of(operators), one_of({0UL, 1UL, 5UL, 8UL, 0xffffffffUL})));
        auto& last = rule.arguments.back();
        if (last.op == "SCMP_CMP_MASKED_EQ") last.value_two = last.value & random_();
      }
      profile.rules.push_back(rule);
    }
    return profile;
  }

  void expect_right(const SeccompProfile& profile) {
    for (const auto runtime : {FilterRuntime::kCrun, FilterRuntime::kRunc}) {
      const GridResult result = grid_of(profile, runtime);
      EXPECT_EQ(result.wrong, 0U) << words(result) << profile.to_json();
    }
  }

 private:
  std::mt19937 random_{GetParam()};
};

TEST_P(RandomProfile, CompilesToWhatItSaysWhereOneArgumentDecides) {
  for (unsigned i = 0; i < 5; ++i) {
    expect_right(profile(
        {"SCMP_CMP_EQ", "SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_LE", "SCMP_CMP_GE", "SCMP_CMP_GT"},
        1));
  }
}

TEST_P(RandomProfile, CompilesToWhatItSaysWhereSeveralArgumentsEqual) {
  for (unsigned i = 0; i < 5; ++i) expect_right(profile({"SCMP_CMP_EQ"}, 3));
}

TEST_P(RandomProfile, CompilesToWhatItSaysUnderMasks) {
  for (unsigned i = 0; i < 5; ++i) expect_right(profile({"SCMP_CMP_EQ", "SCMP_CMP_MASKED_EQ"}, 1));
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomProfile, testing::Range(1U, 11U));

// The proof must be able to fail: a program of other rules is no program of these.
TEST(BoundaryGrid, FindsAValueThatTheProgramTakesOtherwise) {
  SeccompProfile meant;
  meant.architectures = {"SCMP_ARCH_X86_64"};
  meant.rules = {{.names = {"personality"}, .arguments = {argument(0, "SCMP_CMP_EQ", 8)}}};
  SeccompProfile other = meant;
  other.rules[0].arguments[0].value = 9;
  const auto filter = compile_profile(other, "x86_64");
  ASSERT_TRUE(filter);
  const auto result =
      check_grid(filter->program, ProfileMeaning(meant, "x86_64", FilterRuntime::kCrun));
  ASSERT_TRUE(result);
  EXPECT_GT(result->wrong, 0U);
  EXPECT_THAT(words(*result), HasSubstr("personality (0x9, 0x0, 0x0): allow, not errno 1"));
}

TEST(BoundaryGrid, FindsACallThatTheProgramLacks) {
  SeccompProfile meant;
  meant.rules = {{.names = {"read", "write"}}};
  SeccompProfile other = meant;
  other.rules[0].names = {"read"};
  const auto filter = compile_profile(other, "x86_64");
  ASSERT_TRUE(filter);
  const auto result =
      check_grid(filter->program, ProfileMeaning(meant, "x86_64", FilterRuntime::kCrun));
  ASSERT_TRUE(result);
  ASSERT_EQ(result->mismatches.size(), 1U);
  EXPECT_EQ(result->mismatches[0].name, "write");
  EXPECT_FALSE(result->mismatches[0].with_values);
}

// libseccomp 2.5.4 puts the comparison of the first argument above that of the third, and then
// does not come back to the other rule: it denies what the second one allows.
TEST(BoundaryGrid, JudgesRangesThatOverlapAsTheyAreWritten) {
  SeccompProfile profile;
  profile.architectures = {"SCMP_ARCH_X86_64"};
  profile.rules = {{.names = {"ioctl"},
                    .arguments = {argument(2, "SCMP_CMP_LT", 5), argument(0, "SCMP_CMP_LT", 1)}},
                   {.names = {"ioctl"}, .arguments = {argument(0, "SCMP_CMP_LT", 5)}}};
  const ProfileMeaning meaning(profile, "x86_64", FilterRuntime::kCrun);
  const auto filter = compile_profile(profile, "x86_64");
  ASSERT_TRUE(filter);
  const FilteredCall call{.audit_arch = find_syscall_arch("x86_64")->audit,
                          .number = 16,
                          .arguments = {0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0}};
  EXPECT_THAT(meaning.answers(call.audit_arch, call.number, {0, 0, 7, 0, 0, 0}),
              testing::ElementsAre(SECCOMP_RET_ALLOW));
  const auto answers = filter_answers(filter->program, call);
  ASSERT_TRUE(answers);
  // Whatever this libseccomp does, the grid sees it.
  EXPECT_EQ(grid_of(profile, FilterRuntime::kCrun).wrong > 0,
            *answers != std::set<std::uint32_t>{SECCOMP_RET_ALLOW});
}

TEST(BoundaryGrid, KnowsNoRightAnswerWhereRulesOverlap) {
  SeccompProfile profile;
  profile.rules = {{.names = {"ioctl"}, .arguments = {argument(0, "SCMP_CMP_EQ", 5)}},
                   {.names = {"ioctl"},
                    .action = {.name = "SCMP_ACT_TRAP"},
                    .arguments = {argument(1, "SCMP_CMP_EQ", 6)}}};
  EXPECT_EQ(grid_of(profile, FilterRuntime::kCrun).wrong, 0U);
}

TEST(EnosysStub, AnswersAboveTheLargestNumberOfEachListedArchitecture) {
  SeccompProfile profile;
  profile.default_action.name = "SCMP_ACT_KILL_PROCESS";
  profile.architectures = {"SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"};
  profile.rules = {{.names = {"read", "faccessat2"}}};
  const auto filter = compile_profile(profile, "x86_64", FilterRuntime::kRunc);
  ASSERT_TRUE(filter);
  const auto answer = [&](const char* arch_name, std::uint32_t number) {
    const SyscallArch& arch = *find_syscall_arch(arch_name);
    const auto answers = filter_answers(filter->program, arch.audit, number | arch.number_bits);
    return answers ? answers_text(*answers) : answers.error().message;
  };
  for (const char* arch : {"x86_64", "i386", "x32"}) {
    EXPECT_EQ(answer(arch, 439), "allow") << arch;
    EXPECT_EQ(answer(arch, 440), "errno 38") << arch;
    EXPECT_EQ(answer(arch, 438), "kill process") << arch;
  }
  EXPECT_EQ(answer("aarch64", 999), "kill thread");
}

}  // namespace
}  // namespace ig::test
