// SPDX-License-Identifier: Apache-2.0
#include "cli/selectors.h"

#include <gtest/gtest.h>

namespace ig {
namespace {

Result<Selector> select(const std::vector<std::string>& words) {
  Syntax syntax;
  syntax.groups = {selector_options()};
  const auto arguments = Arguments::parse(syntax, words);
  if (!arguments) return std::unexpected(arguments.error());
  return parse_selector(*arguments);
}

TEST(Selectors, AreEmptyWithoutOptions) {
  const auto selector = select({});
  ASSERT_TRUE(selector);
  EXPECT_TRUE(selector->empty());
}

TEST(Selectors, FillEachList) {
  const auto selector =
      select({"--workload", "web,db", "--container", "web,!web-debug", "--pod", "api-*",
              "--namespace", "shop", "--selector", "app=web,tier=front", "--unit", "nginx.service",
              "--comm", "nginx", "--pid", "1,4711", "--host"});
  ASSERT_TRUE(selector) << selector.error().message;
  EXPECT_EQ(selector->workload, (std::vector<std::string>{"web", "db"}));
  EXPECT_EQ(selector->container, (std::vector<std::string>{"web", "!web-debug"}));
  EXPECT_EQ(selector->pod, (std::vector<std::string>{"api-*"}));
  EXPECT_EQ(selector->kube_namespace, (std::vector<std::string>{"shop"}));
  EXPECT_EQ(selector->label, (std::vector<std::string>{"app=web", "tier=front"}));
  EXPECT_EQ(selector->unit, (std::vector<std::string>{"nginx.service"}));
  EXPECT_EQ(selector->comm, (std::vector<std::string>{"nginx"}));
  EXPECT_EQ(selector->pid, (std::vector<std::int64_t>{1, 4711}));
  EXPECT_TRUE(selector->host);
}

TEST(Selectors, RefuseWhatCannotBeMeant) {
  for (const auto& words : std::vector<std::vector<std::string>>{
           {"--pid", "nginx"}, {"--pid", "-1"}, {"--pid", "1x"}, {"--selector", "app"}}) {
    const auto selector = select(words);
    ASSERT_FALSE(selector) << words[1];
    EXPECT_EQ(selector.error().code, ErrorCode::kUsage);
    EXPECT_FALSE(selector.error().hint.empty());
  }
}

}  // namespace
}  // namespace ig
