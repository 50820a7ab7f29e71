// SPDX-License-Identifier: Apache-2.0
#include "cli/options.h"

#include <gtest/gtest.h>

#include "cli/help.h"

namespace ig {
namespace {

Syntax test_syntax() {
  Syntax syntax;
  syntax.operands = {{"FILE"}, {"MORE", true}};
  syntax.takes_command = true;
  syntax.groups = {{"Options",
                    {{"duration", "TIME", "how long"},
                     {"output", "FORMAT", "how", 'o', "columns", {"columns", "json"}},
                     {"container", "NAME", "which"},
                     {"host", "", "the host"},
                     {"max-size", "SIZE", "how large"}}}};
  return syntax;
}

Result<Arguments> parse(const std::vector<std::string>& words) {
  return Arguments::parse(test_syntax(), words);
}

Error parse_error(const std::vector<std::string>& words) {
  const auto arguments = parse(words);
  return arguments ? Error{} : arguments.error();
}

TEST(Arguments, TakesOptionsAnywhereAmongTheOperands) {
  const auto arguments = parse({"--host", "a.db", "-o", "json", "--duration=10m", "more"});
  ASSERT_TRUE(arguments) << arguments.error().message;
  EXPECT_EQ(arguments->operand(0), "a.db");
  EXPECT_EQ(arguments->operand(1), "more");
  EXPECT_TRUE(arguments->has("host"));
  EXPECT_EQ(arguments->text("output"), "json");
  EXPECT_EQ(arguments->duration("duration"), std::chrono::minutes(10));
}

TEST(Arguments, FillsDefaultsButKnowsWhatWasWritten) {
  const auto arguments = parse({"a.db"});
  ASSERT_TRUE(arguments);
  EXPECT_EQ(arguments->text("output"), "columns");
  EXPECT_FALSE(arguments->has("output"));
  EXPECT_EQ(arguments->duration("duration"), std::chrono::nanoseconds(0));
  EXPECT_EQ(arguments->operand(1), "");
}

TEST(Arguments, JoinsRepeatedAndCommaLists) {
  const auto arguments = parse({"a.db", "--container", "web,!db", "--container", "cache"});
  ASSERT_TRUE(arguments);
  EXPECT_EQ(arguments->list("container"), (std::vector<std::string>{"web", "!db", "cache"}));
}

// What comes after -- is another program's command line.
TEST(Arguments, LeavesTheCommandAlone) {
  const auto arguments = parse({"a.db", "--", "curl", "-o", "x", "--host", "--"});
  ASSERT_TRUE(arguments) << arguments.error().message;
  EXPECT_EQ(arguments->command(), (std::vector<std::string>{"curl", "-o", "x", "--host", "--"}));
  EXPECT_FALSE(arguments->has("host"));
}

TEST(Arguments, RefusesWithAHint) {
  EXPECT_EQ(parse_error({"a.db", "--durration", "1s"}).hint, "did you mean --duration?");
  EXPECT_EQ(parse_error({"a.db", "-o", "xml"}).hint, "it is one of columns, json");
  EXPECT_EQ(parse_error({}).message, "FILE is missing");
  EXPECT_EQ(parse_error({"a", "b", "sleep"}).hint, "write a command to run after --");
  EXPECT_EQ(parse_error({"a.db", "--"}).message, "no command after --");
  for (const auto& words : std::vector<std::vector<std::string>>{
           {}, {"a", "--x"}, {"a", "--duration"}, {"a", "--host=1"}, {"a", "--"}}) {
    EXPECT_EQ(parse_error(words).code, ErrorCode::kUsage);
  }
}

// A script must not change its meaning when an option is added.
TEST(Arguments, DoesNotGuessFromPrefixes) {
  EXPECT_EQ(parse_error({"a.db", "--dur", "1s"}).code, ErrorCode::kUsage);
}

TEST(Arguments, NamesTheOptionOfAWrongValue) {
  const auto arguments = parse({"a.db", "--duration", "soon", "--max-size", "2x"});
  ASSERT_TRUE(arguments);
  EXPECT_TRUE(arguments->duration("duration").error().message.starts_with("--duration:"));
  EXPECT_TRUE(arguments->size("max-size").error().message.starts_with("--max-size:"));
}

// A gadget's parameter cannot hide an option of ours.
TEST(Syntax, KeepsTheFirstOfTwoOptionsWithOneName) {
  auto syntax = test_syntax();
  syntax.add({"Parameters", {{"host", "VALUE", "of a gadget"}, {"failed", "VALUE", "new"}}});
  EXPECT_EQ(syntax.find("host")->value_name, "");
  EXPECT_NE(syntax.find("failed"), nullptr);
}

TEST(HelpText, ShowsUsageAndKeepsToTheWidth) {
  auto syntax = test_syntax();
  syntax.text = std::string(300, 'x').insert(150, " ").insert(70, " ");
  syntax.groups[0].options[0].help =
      "a long explanation that has to go on in a second line of text";
  const auto text = help_text("test", "Do a test", test_syntax(), 70);
  EXPECT_TRUE(text.starts_with("usage: ig test FILE [MORE] [options] [-- COMMAND...]\n"));
  EXPECT_NE(text.find("-o, --output FORMAT"), std::string::npos);
  EXPECT_NE(text.find("how: columns, json [columns]"), std::string::npos);
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = text.find('\n', begin);
    EXPECT_LE(end - begin, 70u) << text.substr(begin, end - begin);
    begin = end + 1;
  }
}

}  // namespace
}  // namespace ig
