// SPDX-License-Identifier: Apache-2.0
// The ptrace backend's table against the BPF gadget's own text: arrays of numbers for each machine.
#include "recorder/ptrace/kept_arguments.h"

#include <gmock/gmock.h>

#include <fstream>
#include <map>
#include <regex>
#include <sstream>

namespace ig {
namespace {

constexpr std::int64_t kEndOfTable = 512;

using Table = std::map<std::int64_t, KeptArguments>;

std::string gadget_text() {
  std::ifstream file(IG_SOURCE_DIR "/gadgets/advise_seccomp/arguments.h");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

KeptArguments parse(const std::string& words) {
  KeptArguments kept;
  kept.index[0] = words.find("FIRST") != std::string::npos;
  kept.index[1] = words.find("SECOND") != std::string::npos;
  kept.index[2] = words.find("THIRD") != std::string::npos;
  kept.wide = words.find("WIDE") != std::string::npos;
  return kept;
}

// The array `name` after the line that has `machine`: entries like [16] = SECOND | WIDE.
Table gadget_table(const std::string& machine, const std::string& name) {
  const std::string text = gadget_text();
  const auto begin = text.find(name + "[", text.find(machine));
  const std::string body = text.substr(begin, text.find("};", begin) - begin);
  static const std::regex kEntry(R"(\[(\d+)\] = ([A-Z |]+))");
  Table table;
  for (std::sregex_iterator entry(body.begin(), body.end(), kEntry), end; entry != end; ++entry) {
    table[std::stoll((*entry)[1])] = parse((*entry)[2]);
  }
  return table;
}

Table own_table(std::string_view arch) {
  Table table;
  for (std::int64_t number = 0; number < 2 * kEndOfTable; ++number) {
    const auto kept = kept_arguments(*find_syscall_arch(arch), number);
    if (kept.any()) table[number] = kept;
  }
  return table;
}

std::string words(const Table& table) {
  std::string text;
  for (const auto& [number, kept] : table) {
    text += std::to_string(number) + ":";
    for (const bool index : kept.index) text += index ? '1' : '0';
    text += kept.wide ? "w " : " ";
  }
  return text;
}

TEST(KeptArguments, AreThoseOfTheBpfGadget) {
  const std::string x86 = "defined(__TARGET_ARCH_x86)", arm = "defined(__TARGET_ARCH_arm64)";
  ASSERT_GT(gadget_table(x86, "arguments_64").size(), 15U);
  EXPECT_EQ(words(own_table("x86_64")), words(gadget_table(x86, "arguments_64")));
  EXPECT_EQ(words(own_table("i386")), words(gadget_table(x86, "arguments_32")));
  EXPECT_EQ(words(own_table("aarch64")), words(gadget_table(arm, "arguments_64")));
  EXPECT_EQ(words(own_table("arm")), words(gadget_table(arm, "arguments_32")));
}

// x32 is found in the table of x86_64 by the same numbers, but for four calls that have others.
TEST(KeptArguments, OfX32AreThoseWithTheNumbersOfX86_64) {
  Table expected = own_table("x86_64");
  for (const std::int64_t number : {16, 54, 55, 101}) expected.erase(number);
  EXPECT_EQ(words(own_table("x32")), words(expected));
}

TEST(KeptArguments, AsManyAsTheBpfGadgetKeeps) {
  EXPECT_NE(gadget_text().find("#define MAX_VALUES " + std::to_string(kMostValues) + "\n"),
            std::string::npos);
}

}  // namespace
}  // namespace ig
