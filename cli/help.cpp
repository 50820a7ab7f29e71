// SPDX-License-Identifier: Apache-2.0
#include "cli/help.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>

#include "advisors/advisor.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/manual.h"
#include "reporters/terminal.h"

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

// A paragraph a line; one that starts with blanks is a name and, from kTermColumn on, its words.
std::string paragraphs(std::string_view text, std::size_t width) {
  constexpr std::size_t kTermColumn = 20;
  std::string out;
  for (auto line : split(text, '\n')) {
    const std::size_t indent = line.starts_with("  ") ? std::min(kTermColumn, line.size()) : 0;
    out += line.substr(0, indent);
    out += wrap(line.substr(indent), indent, indent, width) + '\n';
  }
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

std::string group_text(const OptionGroup& group, std::size_t width) {
  constexpr std::size_t kHelpColumn = 30;
  std::string out = fmt::format("\n{}:\n", group.title);
  for (const auto& option : group.options) {
    auto heading = option_heading(option);
    const bool fits = heading.size() + 2 <= kHelpColumn;
    if (fits)
      heading.resize(kHelpColumn, ' ');
    else
      heading += '\n' + std::string(kHelpColumn, ' ');
    out += heading + wrap(option_words(option), kHelpColumn, kHelpColumn, width) + '\n';
  }
  return out;
}

std::string command_line(const Command& command) {
  return fmt::format("  {:<23}{}\n", command.name, command.summary);
}

std::string markdown_section(const Command& command) {
  return fmt::format("\n## ig {}\n\n```\n{}```\n", command.name,
                     help_text(command.name, command.summary, full_syntax(command, {}), 80));
}

std::string markdown_section(const AdvisorInfo& advisor) {
  return fmt::format("\n### ig advise {}\n\n{}.\n\n```\n{}```\n", advisor.name, advisor.summary,
                     group_text(advisor_options(advisor), 80).substr(1));
}

}  // namespace

std::string usage_line(std::string_view command, const Syntax& syntax) {
  std::string line = fmt::format("ig {}", command);
  for (const auto& operand : syntax.operands) {
    line += operand.optional ? fmt::format(" [{}]", operand.name) : " " + operand.name;
    if (operand.repeated) line += "...";
  }
  if (!syntax.groups.empty()) line += " [options]";
  if (syntax.takes_command) line += " [-- COMMAND...]";
  return line;
}

std::string help_text(std::string_view command, std::string_view summary, const Syntax& syntax,
                      std::size_t width) {
  auto out = fmt::format("usage: {}\n\n{}{}\n", usage_line(command, syntax),
                         wrap(summary, 0, 0, width), summary.ends_with('?') ? "" : ".");
  if (!syntax.text.empty()) out += '\n' + paragraphs(syntax.text, width);
  for (const auto& group : syntax.groups) out += group_text(group, width);
  if (!syntax.examples.empty()) out += "\nExamples:\n";
  for (const auto& example : syntax.examples) out += "  " + example + '\n';
  return out;
}

std::size_t help_width() {
  const auto width = terminal_width(STDOUT_FILENO);
  return width == 0 ? 80 : std::clamp<std::size_t>(width, 60, 100);
}

std::string overview() {
  std::string out =
      "usage: ig COMMAND [options]\n\n"
      "ig records what workloads do on this host into a session file, and turns session files\n"
      "into policies and reports.\n\nCommands:\n";
  for (const auto& command : commands()) out += command_line(command);
  out +=
      "\n`ig COMMAND --help` explains one. `ig trace exec` is short for `ig run trace_exec`; so\n"
      "are snapshot, top, profile and advise. `ig --version` prints the version.\n"
      "Exit statuses: 0 done, 1 failed, 2 wrong usage, 3 refused, would deny or something new.\n\n"
      "Examples:\n"
      "  ig record --duration 10m -o web.db --container web\n"
      "  ig advise seccomp-profile web.db > web.json\n"
      "  ig trace exec\n";
  return out;
}

std::string group_overview(std::string_view word) {
  std::string out = fmt::format("usage: ig {} COMMAND [options]\n\nCommands:\n", word);
  const auto prefix = fmt::format("{} ", word);
  for (const auto& command : commands()) {
    if (command.name.starts_with(prefix)) out += command_line(command);
  }
  return out;
}

std::string commands_markdown() {
  std::string out = fmt::format(
      "<!-- SPDX-License-Identifier: Apache-2.0 -->\n"
      "<!-- Made by `ig help --markdown` from the tables that `--help` is made from. -->\n"
      "# Commands\n\n```\n{}```\n",
      overview());
  for (const auto& command : commands()) {
    out += markdown_section(command);
    if (command.name != "advise") continue;
    for (const auto* advisor : advisors()) out += markdown_section(*advisor);
  }
  return out;
}

Syntax help_syntax(const Words&) {
  return {.operands = {{"COMMAND", true}, {"SUBCOMMAND", true}},
          .groups = {{"Options",
                      {{"markdown", "", "print docs/commands.md"},
                       {"manual", "DIR", "write manual pages, ig.1 and one for each command"}}}}};
}

Result<int> run_help(const Arguments& arguments) {
  if (arguments.has("markdown")) {
    put(stdout, commands_markdown());
    return 0;
  }
  if (arguments.has("manual")) {
    IG_TRY(write_manual_pages(arguments.text("manual")));
    return 0;
  }
  Words words;
  for (const std::size_t i : {0UZ, 1UZ}) {
    if (!arguments.operand(i).empty()) words.push_back(arguments.operand(i));
  }
  words.emplace_back("--help");
  return run_ig(words);
}

}  // namespace ig
