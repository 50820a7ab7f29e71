// SPDX-License-Identifier: Apache-2.0
#include "cli/manual.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "advisors/advisor.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/output.h"

namespace ig {
namespace {

// The code point that starts at `text`, which is UTF-8 of ours, and how many bytes it has.
std::pair<unsigned, std::size_t> code_point(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::size_t size = byte(0) >= 0xf0 ? 4 : byte(0) >= 0xe0 ? 3 : 2;
  unsigned code = byte(0) & (0xffU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) code = code << 6 | (byte(i) & 0x3fU);
  return {code, size};
}

// groff_char(7): a plain '-' may be set as a hyphen, what is not ASCII has a name, and a line's
// first '.' or '\'' is a request.
std::string escaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (static_cast<unsigned char>(c) >= 0x80) {
      const auto [code, size] = code_point(text.substr(i));
      out += fmt::format("\\[u{:04X}]", code);
      i += size - 1;
    } else if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
  }
  if (out.starts_with('.') || out.starts_with('\'')) out.insert(0, "\\&");
  return out;
}

std::string upper(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return text;
}

std::string page_name(std::string_view command) {
  auto name = command.empty() ? std::string("ig") : fmt::format("ig-{}", command);
  std::ranges::replace(name, ' ', '-');
  return name;
}

std::string heading(std::string_view command, std::string_view summary) {
  const auto name = page_name(command);
  return fmt::format(".TH {} 1 \"\" \"ig {}\" \"User Commands\"\n.SH NAME\n{} \\- {}\n",
                     upper(name), kVersion, escaped(name), escaped(summary));
}

// "  name   words" is a term and its words; other lines are paragraphs.
std::string paragraphs(std::string_view text) {
  std::string out;
  bool in_terms = false;
  for (const auto line : split(text, '\n')) {
    const auto start = line.find_first_not_of(' ');
    const bool is_term = start == 2;
    if (is_term) {
      const auto end = std::min(line.find("  ", start), line.size());
      const auto words = std::min(line.find_first_not_of(' ', end), line.size());
      out += fmt::format(".TP\n.B {}\n{}\n", escaped(line.substr(start, end - start)),
                         escaped(line.substr(words)));
    } else if (!line.empty()) {
      out += fmt::format("{}{}\n", out.empty() ? "" : ".PP\n", escaped(line));
    }
    in_terms = is_term;
  }
  return in_terms ? out + ".PP\n" : out;
}

std::string options(const OptionGroup& group) {
  std::string out = fmt::format(".SS {}\n", escaped(group.title));
  for (const auto& option : group.options) {
    out += ".TP\n";
    if (option.letter != 0) out += fmt::format("\\fB\\-{}\\fR, ", option.letter);
    out += fmt::format("\\fB\\-\\-{}\\fR", escaped(option.name));
    if (!option.value_name.empty()) out += fmt::format(" \\fI{}\\fR", escaped(option.value_name));
    std::string words = option.help;
    if (!option.choices.empty()) words += ": " + join(option.choices, ", ");
    if (!option.default_value.empty()) words += fmt::format(" [{}]", option.default_value);
    out += '\n' + escaped(words) + '\n';
  }
  return out;
}

std::string examples(const std::vector<std::string>& lines) {
  if (lines.empty()) return "";
  std::string out = ".SH EXAMPLES\n";
  for (const auto& line : lines) out += ".PP\n.nf\n.RS\n" + escaped(line) + "\n.RE\n.fi\n";
  return out;
}

std::string exit_statuses() {
  return ".SH EXIT STATUS\n0 done, 1 failed, 2 wrong usage, 3 refused, would deny or something "
         "new.\n";
}

ManualPage page_of(const Command& command) {
  const auto syntax = full_syntax(command, {});
  auto text = heading(command.name, command.summary);
  text += fmt::format(".SH SYNOPSIS\n.B {}\n", escaped(usage_line(command.name, syntax)));
  text += ".SH DESCRIPTION\n" +
          (syntax.text.empty() ? escaped(command.summary) + ".\n" : paragraphs(syntax.text));
  text += ".SH OPTIONS\n";
  for (const auto& group : syntax.groups) text += options(group);
  if (command.name == "advise") {
    for (const auto* advisor : advisors()) text += options(advisor_options(*advisor));
  }
  text += exit_statuses() + examples(syntax.examples);
  text += ".SH SEE ALSO\n.BR ig (1)\n";
  return {page_name(command.name) + ".1", text};
}

ManualPage overview_page() {
  auto text = heading("", "record what workloads do, and make policies and reports of it");
  text += ".SH SYNOPSIS\n.B ig\n.I COMMAND\n[options]\n";
  text +=
      ".SH DESCRIPTION\n"
      "ig records what workloads do on this host into a session file, and turns session files into "
      "policies and reports.\n.SH COMMANDS\n";
  for (const auto& command : commands()) {
    text += fmt::format(".TP\n.BR {} (1)\n{}\n", escaped(page_name(command.name)),
                        escaped(command.summary));
  }
  text += exit_statuses();
  return {"ig.1", text};
}

}  // namespace

std::vector<ManualPage> manual_pages() {
  std::vector<ManualPage> pages = {overview_page()};
  for (const auto& command : commands()) pages.push_back(page_of(command));
  return pages;
}

Result<> write_manual_pages(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return std::unexpected(system_error(error.value(), "make folder " + folder));
  for (const auto& page : manual_pages()) {
    IG_TRY(write_file(folder + '/' + page.file, page.text));
  }
  return {};
}

}  // namespace ig
