// SPDX-License-Identifier: Apache-2.0
#include "reporters/network_diff_report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "reporters/display_text.h"
#include "reporters/markdown.h"
#include "reporters/sarif.h"
#include "reporters/text_table.h"

namespace ig {
namespace {

using Json = nlohmann::ordered_json;
using Kind = NetworkChange::Kind;

const char* word_of(const NetworkChange& change) {
  return change.kind == Kind::kAdded ? "added" : "removed";
}

const char* direction_of(const NetworkChange& change) {
  return change.egress ? "egress to" : "ingress from";
}

std::string detail_of(const NetworkChange& change) {
  return change.open ? "not in every case" : "";
}

std::vector<std::string> cells_of(const NetworkChange& change) {
  return {word_of(change), change.subject, direction_of(change), join(change.peers, "; "),
          change.ports,    change.because, change.before,        detail_of(change)};
}

std::string what_text(const NetworkChange& change) {
  return fmt::format("{}, {} {}, {}", change.subject, direction_of(change),
                     join(change.peers, "; "), change.ports);
}

Json change_json(const NetworkChange& change) {
  auto peers = Json::array();
  for (const auto& peer : change.peers) peers.push_back(printable(peer));
  return {{"change", word_of(change)},
          {"direction", change.egress ? "egress" : "ingress"},
          {"subject", printable(change.subject)},
          {"peers", std::move(peers)},
          {"ports", change.ports},
          {"allowed_by", printable(change.because)},
          {"denied_by", printable(change.before)},
          {"certain", !change.open},
          {"source", printable(change.source)}};
}

// "new/web.yaml, document 2" → "new/web.yaml"
std::string file_of(const std::string& source, const NetworkDiffReport& report) {
  for (const auto& [file, text] : report.texts) {
    if (source == file || source.starts_with(file + ", ")) return file;
  }
  return report.after;
}

// "NetworkPolicy shop/web, egress rule 1" → "web"
std::string policy_name(const NetworkChange& change) {
  const auto head = change.because.substr(0, change.because.find(','));
  return head.substr(head.find_last_of(" /") + 1);
}

SarifResult result_of(const NetworkChange& change, const NetworkDiffReport& report) {
  const auto file = file_of(change.source, report);
  const auto text = report.texts.find(file);
  const auto line = text == report.texts.end() ? 0 : line_of(text->second, policy_name(change), 1);
  return {.rule = fmt::format("network-policy/{}", word_of(change)),
          .level = change.kind == Kind::kAdded ? "warning" : "note",
          .message = fmt::format("{}: {}; allowed by: {}; denied by: {}", word_of(change),
                                 what_text(change), change.because, change.before),
          .file = file,
          .line = line,
          .fingerprint = fmt::format("{}/{}", word_of(change), what_text(change)),
          .properties = {}};
}

}  // namespace

std::string summary_text(const NetworkDiff& diff) {
  std::vector<std::string> parts;
  if (const auto count = diff.count(Kind::kAdded)) parts.push_back(fmt::format("{} added", count));
  if (const auto count = diff.count(Kind::kRemoved)) {
    parts.push_back(fmt::format("{} removed", count));
  }
  return parts.empty() ? "no difference" : join(parts, ", ");
}

std::string network_diff_text(const NetworkDiffReport& report, const Style& style) {
  TextTable table({{"CHANGE"},
                   {"SUBJECT"},
                   {"DIRECTION"},
                   {"PEERS"},
                   {"PORTS"},
                   {"ALLOWED BY"},
                   {"DENIED BY"},
                   {"DETAIL", Align::kLeft, true}});
  for (const auto& change : report.diff.changes) table.add(cells_of(change));
  return table.empty() ? "" : table.render(style);
}

std::string network_diff_markdown(const NetworkDiffReport& report) {
  auto text = fmt::format("### Network policies: {}\n\nFrom {} to {}.\n", summary_text(report.diff),
                          markdown_code(report.before), markdown_code(report.after));
  if (!report.diff.changes.empty()) {
    text +=
        "\n| change | subject | direction | peers | ports | allowed by | denied by | detail |\n"
        "|---|---|---|---|---|---|---|---|\n";
  }
  for (const auto& change : report.diff.changes) {
    const auto cells = cells_of(change);
    text += "| " + cells[0];
    for (std::size_t i = 1; i < cells.size(); ++i) text += " | " + markdown_code(cells[i]);
    text += " |\n";
  }
  for (const auto& caveat : report.diff.caveats) text += "\nNote: " + markdown_code(caveat) + "\n";
  return text;
}

Json network_diff_json(const NetworkDiffReport& report) {
  auto changes = Json::array();
  for (const auto& change : report.diff.changes) changes.push_back(change_json(change));
  auto caveats = Json::array();
  for (const auto& caveat : report.diff.caveats) caveats.push_back(printable(caveat));
  return {{"before", printable(report.before)},
          {"after", printable(report.after)},
          {"gains", report.diff.gains()},
          {"summary",
           {{"added", report.diff.count(Kind::kAdded)},
            {"removed", report.diff.count(Kind::kRemoved)}}},
          {"changes", std::move(changes)},
          {"caveats", std::move(caveats)}};
}

Json network_diff_sarif(const NetworkDiffReport& report, std::string_view version) {
  SarifLog log{.version = std::string(version),
               .rules = {{"network-policy/added", "What was denied is now allowed."},
                         {"network-policy/removed", "What was allowed no longer is."}},
               .results = {},
               .notes = report.diff.caveats};
  for (const auto& change : report.diff.changes) log.results.push_back(result_of(change, report));
  return sarif_json(log);
}

}  // namespace ig
