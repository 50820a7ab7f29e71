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
using testing::IsEmpty;

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

INSTANTIATE_TEST_SUITE_P(Seeds, RandomProfile, testing::Range(1U, 21U));

}  // namespace
}  // namespace ig::test
