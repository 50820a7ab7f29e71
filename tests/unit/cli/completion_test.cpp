// SPDX-License-Identifier: Apache-2.0
#include "cli/completion.h"

#include <gmock/gmock.h>

namespace ig {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Not;

// Without what each word means.
std::vector<std::string> words(const Words& written) {
  std::vector<std::string> words;
  for (const auto& line : completion_candidates(written)) {
    words.push_back(line.substr(0, line.find('\t')));
  }
  return words;
}

TEST(Completion, OffersCommandsThatBeginSo) {
  EXPECT_THAT(words({""}), IsSupersetOf({"record", "advise", "session"}));
  EXPECT_THAT(words({"rec"}), ElementsAre("record"));
  EXPECT_THAT(words({"session", "q"}), ElementsAre("query"));
  EXPECT_THAT(words({"nothing", ""}), IsEmpty());
}

TEST(Completion, OffersAGroupOnce) { EXPECT_THAT(words({"ses"}), ElementsAre("session")); }

TEST(Completion, OffersOptionsOfTheCommandAndOfItsAdvisor) {
  EXPECT_THAT(words({"record", "--dur"}), ElementsAre("--duration"));
  EXPECT_THAT(words({"advise", "network-policy", "--bl"}), ElementsAre("--blocks"));
}

TEST(Completion, OffersTheValuesOfAnOption) {
  EXPECT_THAT(words({"advise", "network-policy", "--format", "c"}),
              ElementsAre("cilium", "calico"));
  EXPECT_THAT(words({"advise", "network-policy", "--output-dir", ""}), ElementsAre(":files"));
  EXPECT_THAT(words({"record", "--gadgets", "trace_ex"}), ElementsAre("trace_exec"));
}

TEST(Completion, OffersWhatStandsInTheOperandsPlace) {
  EXPECT_THAT(words({"advise", "sec"}), ElementsAre("seccomp-profile"));
  EXPECT_THAT(words({"advise", "seccomp-profile", ""}), ElementsAre(":files"));
  EXPECT_THAT(words({"gadget", "info", "trace_dn"}), ElementsAre("trace_dnat", "trace_dns"));
  EXPECT_THAT(words({"session", "info", ""}), ElementsAre(":files"));
  EXPECT_THAT(words({"report", "block"}), ElementsAre("block-io", ":files"));
}

TEST(Completion, KnowsTheShortFormOfGadgets) {
  EXPECT_THAT(words({"trace", "exec", "--fie"}), ElementsAre("--fields"));
}

TEST(Completion, LeavesWordsOfAnotherCommandToFiles) {
  EXPECT_THAT(words({"record", "--", "ls", "--"}), ElementsAre(":files"));
}

TEST(Completion, SaysWhatAWordMeans) {
  EXPECT_THAT(completion_candidates({"rec"}),
              ElementsAre("record\tRecord what workloads do into a session file"));
}

}  // namespace
}  // namespace ig
