// SPDX-License-Identifier: Apache-2.0
#include "reporters/session_diff_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "reporters/display_text.h"
#include "reporters/markdown.h"
#include "reporters/text_table.h"

namespace ig {
namespace {

const char* word_of(const SessionChange& change) { return change.added ? "new" : "gone"; }

}  // namespace

std::string summary_text(const SessionDiff& diff) {
  const auto gone = diff.changes.size() - diff.added();
  if (diff.changes.empty()) return "no difference";
  if (gone == 0) return fmt::format("{} new", diff.added());
  if (diff.added() == 0) return fmt::format("{} gone", gone);
  return fmt::format("{} new, {} gone", diff.added(), gone);
}

std::string session_diff_text(const SessionDiffReport& report, const Style& style) {
  if (report.diff.changes.empty()) return "";
  const auto& changes = report.diff.changes;
  const bool of_one = std::ranges::all_of(changes, [&](const SessionChange& change) {
    return change.workload == changes.front().workload;
  });
  TextTable table(
      {{"CHANGE"}, {"WORKLOAD", Align::kLeft, true}, {"KIND"}, {"WHAT"}, {"TIMES", Align::kRight}});
  for (const SessionChange& change : changes) {
    table.add({word_of(change), of_one ? "" : change.workload, change.kind, change.what,
               format_count(change.count)});
  }
  return table.render(style);
}

std::string session_diff_markdown(const SessionDiffReport& report) {
  auto text = fmt::format("### Behaviour: {}\n\nFrom {} to {}.\n", summary_text(report.diff),
                          markdown_code(report.before), markdown_code(report.after));
  if (!report.diff.changes.empty()) {
    text += "\n| change | workload | kind | what | times |\n|---|---|---|---|---:|\n";
  }
  for (const SessionChange& change : report.diff.changes) {
    text +=
        fmt::format("| {} | {} | {} | {} | {} |\n", word_of(change), markdown_code(change.workload),
                    change.kind, markdown_code(change.what), format_count(change.count));
  }
  for (const auto& caveat : report.diff.caveats) text += "\nNote: " + markdown_code(caveat) + "\n";
  return text;
}

nlohmann::ordered_json session_diff_json(const SessionDiffReport& report) {
  auto changes = nlohmann::ordered_json::array();
  for (const SessionChange& change : report.diff.changes) {
    changes.push_back({{"change", word_of(change)},
                       {"workload", printable(change.workload)},
                       {"kind", change.kind},
                       {"what", printable(change.what)},
                       {"times", change.count}});
  }
  auto caveats = nlohmann::ordered_json::array();
  for (const auto& caveat : report.diff.caveats) caveats.push_back(printable(caveat));
  return {{"before", printable(report.before)},
          {"after", printable(report.after)},
          {"new", report.diff.added()},
          {"gone", report.diff.changes.size() - report.diff.added()},
          {"changes", std::move(changes)},
          {"caveats", std::move(caveats)}};
}

}  // namespace ig
