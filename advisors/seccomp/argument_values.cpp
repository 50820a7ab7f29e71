// SPDX-License-Identifier: Apache-2.0
#include "advisors/seccomp/argument_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <optional>
#include <vector>

#include "advisors/seccomp/argument_names.h"
#include "base/text.h"

namespace ig {
namespace {

using Bits = DecisionDiagrams::Bits;
using Path = DecisionDiagrams::Path;

constexpr std::uint64_t kLowerHalf = 0xffffffff;
constexpr std::size_t kMostPaths = 256;  // of which the text shows the first
constexpr std::size_t kMostShown = 12;
constexpr int kMostFreeBits = 3;

// Values that are neighbours came out as one path whose low bits are free.
std::vector<std::uint64_t> values_of(const Bits& bits) {
  const std::uint64_t whole = bits.mask > kLowerHalf ? ~std::uint64_t{0} : kLowerHalf;
  std::uint64_t free = whole & ~bits.mask;
  if (std::popcount(free) > kMostFreeBits) return {};
  std::vector<std::uint64_t> values{bits.value};
  for (; free != 0; free &= free - 1) {
    const std::uint64_t bit = free & -free;
    const std::size_t known = values.size();
    for (std::size_t i = 0; i < known; ++i) values.push_back(values[i] | bit);
  }
  std::ranges::sort(values);
  return values;
}

std::string bits_text(const Bits& bits, std::string_view call) {
  return fmt::format("argument {} & {} == {}", bits.argument + 1,
                     argument_text(call, bits.argument, bits.mask),
                     bits.value == 0 ? "0" : argument_text(call, bits.argument, bits.value));
}

std::string shown(std::vector<std::string> texts, std::string_view separator) {
  const std::size_t more = texts.size() > kMostShown ? texts.size() - kMostShown : 0;
  texts.resize(texts.size() - more);
  return join(texts, separator) + (more > 0 ? fmt::format(" and {} more", more) : "");
}

// "argument 1: AF_UNIX, AF_INET" where all paths are values of one argument.
std::optional<std::string> one_argument_text(const std::vector<Path>& paths, std::string_view call,
                                             std::string_view but) {
  std::vector<std::string> texts;
  std::vector<std::uint64_t> values;
  const unsigned argument = paths.front().front().argument;
  for (const Path& path : paths) {
    if (path.size() != 1 || path.front().argument != argument) return std::nullopt;
    const auto more = values_of(path.front());
    if (more.empty()) return std::nullopt;
    values.insert(values.end(), more.begin(), more.end());
  }
  std::ranges::sort(values);
  for (const auto value : values) texts.push_back(argument_text(call, argument, value));
  return fmt::format("argument {}: {}{}", argument + 1, but, shown(std::move(texts), ", "));
}

std::string path_text(const Path& path, std::string_view call) {
  std::vector<std::string> texts;
  for (const Bits& bits : path) {
    const auto values = values_of(bits);
    if (values.empty()) {
      texts.push_back(bits_text(bits, call));
      continue;
    }
    std::vector<std::string> names;
    for (const auto value : values) names.push_back(argument_text(call, bits.argument, value));
    texts.push_back(fmt::format("argument {}: {}", bits.argument + 1, join(names, ", ")));
  }
  return join(texts, " with ");
}

std::string paths_text(const std::vector<Path>& paths, std::string_view call) {
  if (const auto text = one_argument_text(paths, call, "")) return *text;
  std::vector<std::string> texts;
  for (const Path& path : paths) texts.push_back(path_text(path, call));
  return shown(std::move(texts), "; ");
}

}  // namespace

std::string values_text(const DecisionDiagrams& diagrams, DecisionDiagrams::Node set,
                        DecisionDiagrams::Node complement, std::string_view call) {
  const auto outside = diagrams.paths(complement, kMostPaths);
  if (outside && outside->empty()) return "";
  const auto inside = diagrams.paths(set, kMostPaths);
  if (inside && (!outside || inside->size() <= outside->size())) return paths_text(*inside, call);
  if (!outside) return "values that take many conditions to tell";
  if (const auto text = one_argument_text(*outside, call, "all but ")) return *text;
  return "all but " + paths_text(*outside, call);
}

}  // namespace ig
