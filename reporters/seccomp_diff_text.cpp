// SPDX-License-Identifier: Apache-2.0
// A SeccompDiff for people: a table, and the same in Markdown.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "reporters/markdown.h"
#include "reporters/seccomp_diff_report.h"
#include "reporters/seccomp_diff_rows.h"
#include "reporters/text_table.h"

namespace ig {
namespace {

using Kind = SeccompChange::Kind;

std::string markdown_row(const SeccompDiffRow& row, bool with_workload) {
  std::string line = fmt::format("| {}{} | ", row.change, row.dangerous ? " ⚠" : "");
  if (with_workload) line += markdown_code(row.workload) + " | ";
  for (const auto* cell : {&row.what, &row.archs, &row.group, &row.before, &row.after}) {
    line += markdown_code(*cell) + " | ";
  }
  return line + markdown_code(row.detail) + " |\n";
}

}  // namespace

std::string summary_text(const SeccompDiff& diff) {
  std::vector<std::string> parts;
  for (const Kind kind :
       {Kind::kAdded, Kind::kWidened, Kind::kRemoved, Kind::kNarrowed, Kind::kAnsweredOtherwise}) {
    if (const auto count = diff.count(kind); count > 0) {
      parts.push_back(fmt::format("{} {}", count, to_string(kind)));
    }
  }
  return parts.empty() ? "no difference" : join(parts, ", ");
}

std::string seccomp_diff_text(const SeccompDiffReport& report, const Style& style) {
  if (report.diff.changes.empty()) return "";
  TextTable table({{"CHANGE"},
                   {.title = "WORKLOAD", .optional = true},
                   {"WHAT"},
                   {.title = "ARCH", .optional = true},
                   {.title = "GROUP", .optional = true},
                   {.title = "BEFORE", .optional = true},
                   {.title = "AFTER", .optional = true},
                   {.title = "DETAIL", .optional = true}});
  for (const auto& row : seccomp_diff_rows(report.diff)) {
    table.add({row.change, row.workload, row.what, row.archs, row.group, row.before, row.after,
               row.detail});
  }
  return table.render(style);
}

std::string seccomp_diff_markdown(const SeccompDiffReport& report) {
  auto text = fmt::format("### System calls: {}\n\nFrom {} to {}.\n", summary_text(report.diff),
                          markdown_code(report.before), markdown_code(report.after));
  const auto rows = seccomp_diff_rows(report.diff);
  if (!rows.empty()) {
    const bool with_workload =
        std::ranges::any_of(rows, [](const SeccompDiffRow& row) { return !row.workload.empty(); });
    text += fmt::format("\n| change |{} what | arch | group | before | after | detail |\n|---|",
                        with_workload ? " workload |" : "");
    for (int i = with_workload ? 0 : 1; i < 7; ++i) text += "---|";
    text += '\n';
    for (const auto& row : rows) text += markdown_row(row, with_workload);
  }
  for (const auto& caveat : report.diff.caveats) text += "\nNote: " + markdown_code(caveat) + "\n";
  return text;
}

}  // namespace ig
