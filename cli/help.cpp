// SPDX-License-Identifier: Apache-2.0
// The text of `--help`: the half of options.h that a person reads.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "cli/options.h"

namespace ig {
namespace {

// Breaks `text` between words; every line but the first starts with `indent` blanks.
std::string wrap(std::string_view text, std::size_t first_column, std::size_t indent,
                 std::size_t width) {
  std::string out;
  std::size_t column = first_column;
  for (const auto word : split(text, ' ')) {
    const bool at_start = column == (out.empty() ? first_column : indent);
    if (!at_start && column + 1 + word.size() > width) {
      out += '\n' + std::string(indent, ' ');
      column = indent;
    } else if (!at_start) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
  }
  return out;
}

std::string paragraphs(std::string_view text, std::size_t width) {
  std::string out;
  for (const auto paragraph : split(text, '\n')) out += wrap(paragraph, 0, 0, width) + '\n';
  return out;
}

std::string option_heading(const Option& option) {
  const auto letter =
      option.letter == 0 ? std::string("    ") : fmt::format("-{}, ", option.letter);
  return fmt::format("  {}--{}{}{}", letter, option.name, option.value_name.empty() ? "" : " ",
                     option.value_name);
}

std::string option_words(const Option& option) {
  std::string words = option.help;
  if (!option.choices.empty()) words += ": " + join(option.choices, ", ");
  if (!option.default_value.empty()) words += fmt::format(" [{}]", option.default_value);
  return words;
}

}  // namespace

std::string usage_line(std::string_view command, const Syntax& syntax) {
  std::string line = fmt::format("ig {}", command);
  for (const auto& operand : syntax.operands) {
    line += fmt::format(operand.optional ? " [{}]" : " {}", operand.name);
  }
  if (!syntax.groups.empty()) line += " [options]";
  if (syntax.takes_command) line += " [-- COMMAND...]";
  return line;
}

std::string help_text(std::string_view command, std::string_view summary, const Syntax& syntax,
                      std::size_t width) {
  constexpr std::size_t kHelpColumn = 30;
  std::string out =
      fmt::format("usage: {}\n\n{}\n", usage_line(command, syntax), wrap(summary, 0, 0, width));
  if (!syntax.text.empty()) out += '\n' + paragraphs(syntax.text, width);
  for (const auto& group : syntax.groups) {
    out += fmt::format("\n{}:\n", group.title);
    for (const auto& option : group.options) {
      auto heading = option_heading(option);
      if (heading.size() + 2 > kHelpColumn)
        heading += '\n' + std::string(kHelpColumn, ' ');
      else
        heading.resize(kHelpColumn, ' ');
      out += heading + wrap(option_words(option), kHelpColumn, kHelpColumn, width) + '\n';
    }
  }
  if (!syntax.examples.empty()) out += "\nExamples:\n";
  for (const auto& example : syntax.examples) out += "  " + example + '\n';
  return out;
}

}  // namespace ig
