// SPDX-License-Identifier: Apache-2.0
// ig report: what a person wants to see of sessions, as text, for machines, or as a page.
#include "advisors/report/report.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/log.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/open_sessions.h"
#include "cli/output.h"
#include "cli/selectors.h"
#include "reporters/cell.h"
#include "reporters/display_text.h"
#include "reporters/report/report_html.h"
#include "reporters/report/report_json.h"
#include "reporters/report/report_text.h"
#include "reporters/report/stack_formats.h"

namespace ig {
namespace {

using report::Question;
using report::Report;

constexpr std::size_t kTextSlices = 24, kPageSlices = 96, kMostSlices = 1000;
constexpr std::size_t kPageRows = 100;

struct Wanted {
  std::string kind;
  std::vector<std::string> files;
  std::string format;
  bool whole() const { return kind == report::kOverview; }
};

std::string kind_lines() {
  auto text = fmt::format("Kinds:\n  {:<18}{}", report::kOverview,
                          "the session, what happened when, a line of each kind");
  for (const auto& kind : report::kinds()) {
    text += fmt::format("\n  {:<18}{}", kind.name, kind.summary);
  }
  return text;
}

bool is_kind(const std::string& word) {
  return word == report::kOverview || report::find_kind(word) != nullptr;
}

bool exists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

Error unknown_kind(const std::string& word) {
  std::vector<std::string_view> names = {report::kOverview};
  for (const auto& kind : report::kinds()) names.push_back(kind.name);
  const auto near = nearest_name(word, names);
  return {
      ErrorCode::kUsage, fmt::format("unknown kind of report '{}'", word),
      near.empty() ? "ig report --help lists the kinds" : fmt::format("did you mean {}?", near)};
}

bool is_stack_format(const std::string& format) {
  return format == "folded" || format == "speedscope" || format == "pprof";
}

Result<Wanted> parse_wanted(const Arguments& arguments) {
  Wanted wanted{std::string(report::kOverview), arguments.operands_from(0),
                arguments.text("format")};
  const auto first = wanted.files.empty() ? "" : wanted.files.front();
  const bool stacks = is_stack_format(wanted.format);
  if (is_kind(first)) {
    wanted.kind = first;
    wanted.files.erase(wanted.files.begin());
  } else if (wanted.files.size() > 1 && !exists(first)) {
    return std::unexpected(unknown_kind(first));
  } else if (stacks) {
    wanted.kind = "cpu";
  }
  if (wanted.files.empty()) {
    return fail(ErrorCode::kUsage, "SESSION is missing", "name what ig record wrote");
  }
  if (stacks && wanted.kind != "cpu") {
    return fail(ErrorCode::kUsage,
                fmt::format("{} has no stacks for {}", wanted.kind, wanted.format),
                "ig report cpu --format " + wanted.format);
  }
  return wanted;
}

report::By parse_by(const std::string& text) {
  using report::By;
  return text == "workload"  ? By::kWorkload
         : text == "process" ? By::kProcess
         : text == "comm"    ? By::kComm
         : text == "time"    ? By::kTime
                             : By::kNothing;
}

Result<std::size_t> parse_number(const Arguments& arguments, std::string_view name,
                                 std::size_t otherwise, std::size_t most) {
  if (!arguments.has(name)) return otherwise;
  const auto text = arguments.text(name);
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc{} && end == text.data() + text.size() && number > 0 && number <= most) {
    return number;
  }
  return fail(ErrorCode::kUsage, fmt::format("--{}: '{}' is not a number that fits", name, text),
              fmt::format("write one from 1 to {}", most));
}

Result<Question> parse_question(const Arguments& arguments, bool page) {
  Question question;
  IG_ASSIGN(question.selector, parse_selector(arguments));
  question.by = parse_by(arguments.text("by"));
  IG_ASSIGN(question.slices,
            parse_number(arguments, "slices", page ? kPageSlices : kTextSlices, kMostSlices));
  IG_ASSIGN(question.most_rows,
            parse_number(arguments, "max-rows", page ? kPageRows : Question{}.most_rows, 100'000));
  for (auto [name, moment] :
       {std::pair("since", &question.since), std::pair("until", &question.until)}) {
    if (!arguments.has(name)) continue;
    auto parsed = report::parse_moment(arguments.text(name));
    if (!parsed) {
      parsed.error().message = fmt::format("--{}: {}", name, parsed.error().message);
      return std::unexpected(parsed.error());
    }
    *moment = *parsed;
  }
  return question;
}

Result<std::vector<Report>> make_reports(const OpenSessions& sessions, const Wanted& wanted,
                                         const Question& question) {
  const Interrupts interrupts;
  std::vector<Report> reports;
  for (const auto& recording : sessions.recordings()) {
    recording.session->stop_when([] { return Interrupts::count() > 0; });
    const bool everything = wanted.whole() && wanted.format == "html";
    IG_ASSIGN(auto one, everything ? report::make_full_report(recording, question)
                                   : report::make_report(recording, wanted.kind, question));
    recording.session->stop_when({});
    reports.push_back(std::move(one));
  }
  return reports;
}

std::string text_of(const std::vector<Report>& reports) {
  std::string out;
  for (const auto& one : reports) {
    if (reports.size() > 1) {
      out += fmt::format("{}{}\n", out.empty() ? "" : "\n",
                         stdout_style().bold("== " + printable(one.file)));
    }
    out += report_text(one, stdout_style());
  }
  return out;
}

std::string json_of(const std::vector<Report>& reports) {
  if (reports.size() == 1) return json_document(report_json(reports.front()));
  auto array = nlohmann::ordered_json::array();
  for (const auto& one : reports) array.push_back(report_json(one));
  return json_document(array);
}

Result<std::string> document_of(const std::vector<Report>& reports, const std::string& format) {
  if (format == "json") return json_of(reports);
  if (format == "html") return report_html(reports);
  if (format == "folded") return folded_stacks(reports);
  if (format == "speedscope") return speedscope_json(reports);
  if (format == "pprof") return pprof_profile(reports);
  return text_of(reports);
}

Result<> write_report(const std::string& document, const Arguments& arguments) {
  if (arguments.has("output")) return write_file(arguments.text("output"), document);
  if (arguments.text("format") == "pprof" && ::isatty(STDOUT_FILENO) != 0) {
    return fail(ErrorCode::kUsage, "this form is binary, and the output is a terminal",
                "write to a file with --output FILE, or to a pipe");
  }
  put(stdout, document);
  return {};
}

}  // namespace

Syntax report_syntax(const Words&) {
  Syntax syntax;
  syntax.operands = {{.name = "KIND", .optional = true}, {.name = "SESSION", .repeated = true}};
  syntax.text = kind_lines() +
                "\n\nTimes are 2025-11-03T14:00:00Z, or 90s for a time after the recording's "
                "beginning. --format html without a KIND is one page with everything, for any "
                "browser; folded, speedscope and pprof are stacks of cpu. Percentiles with ≤ were "
                "counted in slots of powers of two, and are the ends of these. docs/reports.md "
                "says more. Exit status 1 if the KIND was not recorded.";
  syntax.groups = {{"What is shown",
                    {{"by",
                      "WHAT",
                      "divide by (comm: processes of one name)",
                      0,
                      "",
                      {"workload", "process", "comm", "time"}},
                     {"slices", "N", "into how many parts the time is cut"},
                     {"since", "TIME", "from then on"},
                     {"until", "TIME", "up to then"},
                     {"max-rows", "N", "rows of a table; those of most weight are shown"}}},
                   {"Output",
                    {{"format",
                      "NAME",
                      "form of the report",
                      0,
                      "text",
                      {"text", "json", "html", "folded", "speedscope", "pprof"}},
                     {"output", "FILE", "write to a file instead of stdout", 'o'}}}};
  syntax.add(selector_options());
  syntax.examples = {"ig report web.db", "ig report web.db --format html -o web.html",
                     "ig report dns web.db --by workload",
                     "ig report files web.db --comm nginx --since 10s --until 20s",
                     "ig report cpu web.db --format folded | flamegraph.pl > cpu.svg"};
  return syntax;
}

Result<int> run_report(const Arguments& arguments) {
  IG_ASSIGN(const auto wanted, parse_wanted(arguments));
  IG_ASSIGN(const auto question, parse_question(arguments, wanted.format == "html"));
  IG_ASSIGN(const auto sessions, OpenSessions::open(wanted.files));
  IG_ASSIGN(const auto reports, make_reports(sessions, wanted, question));
  const bool nothing = std::ranges::none_of(reports, [](const Report& one) {
    return std::ranges::any_of(one.sections, &report::Section::recorded);
  });
  if (nothing) {
    const auto& section = reports.front().sections.front();
    const auto colon = section.headline.find(": ");
    return fail(ErrorCode::kNotFound,
                fmt::format("{}: {}", wanted.kind, section.headline.substr(0, colon)),
                section.headline.substr(colon + 2));
  }
  IG_ASSIGN(const auto document, document_of(reports, wanted.format));
  IG_TRY(write_report(document, arguments));
  return 0;
}

}  // namespace ig
