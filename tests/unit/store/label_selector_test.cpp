// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "store/inventory.h"

namespace ig::test {
namespace {

TEST(LabelSelector, ThatIsEmptySelectsEverything) {
  EXPECT_TRUE(LabelSelector().matches({}));
  EXPECT_TRUE(LabelSelector().matches({{"app", "web"}}));
}

TEST(LabelSelector, WantsAllItsLabels) {
  const LabelSelector selector{.labels = {{"app", "web"}, {"tier", "front"}}, .expressions = {}};
  EXPECT_TRUE(selector.matches({{"app", "web"}, {"tier", "front"}, {"more", ""}}));
  EXPECT_FALSE(selector.matches({{"app", "web"}}));
  EXPECT_FALSE(selector.matches({{"app", "web"}, {"tier", "back"}}));
}

bool holds(const LabelRequirement& requirement, const Labels& labels) {
  return LabelSelector{.labels = {}, .expressions = {requirement}}.matches(labels);
}

TEST(LabelSelector, InWantsOneOfTheValues) {
  const LabelRequirement in{"app", "In", {"a", "b"}};
  EXPECT_TRUE(holds(in, {{"app", "b"}}));
  EXPECT_FALSE(holds(in, {{"app", "c"}}));
  EXPECT_FALSE(holds(in, {}));
}

TEST(LabelSelector, NotInHoldsWithoutTheKeyToo) {
  const LabelRequirement not_in{"app", "NotIn", {"a"}};
  EXPECT_TRUE(holds(not_in, {}));
  EXPECT_TRUE(holds(not_in, {{"app", "b"}}));
  EXPECT_FALSE(holds(not_in, {{"app", "a"}}));
}

TEST(LabelSelector, ExistsAndDoesNotExistAskForTheKeyOnly) {
  EXPECT_TRUE(holds({"app", "Exists", {}}, {{"app", ""}}));
  EXPECT_FALSE(holds({"app", "Exists", {}}, {}));
  EXPECT_TRUE(holds({"app", "DoesNotExist", {}}, {}));
  EXPECT_FALSE(holds({"app", "DoesNotExist", {}}, {{"app", ""}}));
}

TEST(LabelSelector, WithAnUnknownOperatorSelectsNothing) {
  EXPECT_FALSE(holds({"app", "Resembles", {"a"}}, {{"app", "a"}}));
}

}  // namespace
}  // namespace ig::test
