// SPDX-License-Identifier: Apache-2.0
#include "reporters/lint_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "reporters/cell.h"
#include "reporters/sarif.h"
#include "reporters/text_table.h"

namespace ig {
namespace {

using nlohmann::ordered_json;

// Where the call is named first; a finding about the whole is in line 1.
std::size_t line_in(const LintReport& report, const LintFinding& finding) {
  return line_of(report.text, finding.call, 1);
}

}  // namespace

std::size_t LintReport::count(LintSeverity severity) const {
  return static_cast<std::size_t>(std::ranges::count(findings, severity, &LintFinding::severity));
}

std::string lint_text(const LintReport& report, const Style& style) {
  if (report.findings.empty()) return "";
  TextTable table({{"SEVERITY"}, {"RULE"}, {"CALL", Align::kLeft, true}, {"FINDING"}, {"HINT"}});
  for (const LintFinding& finding : report.findings) {
    table.add({std::string(to_string(finding.severity)), std::string(finding.rule), finding.call,
               finding.text, finding.hint});
  }
  return table.render(style);
}

std::string lint_json(const LintReport& report) {
  ordered_json out = {{"profile", report.path},
                      {"errors", report.count(LintSeverity::kError)},
                      {"warnings", report.count(LintSeverity::kWarning)},
                      {"notes", report.count(LintSeverity::kNote)},
                      {"findings", ordered_json::array()}};
  for (const LintFinding& finding : report.findings) {
    ordered_json one = {{"rule", finding.rule}, {"severity", to_string(finding.severity)}};
    if (!finding.call.empty()) one["call"] = finding.call;
    one["line"] = line_in(report, finding);
    one["text"] = finding.text;
    one["hint"] = finding.hint;
    out["findings"].push_back(std::move(one));
  }
  return json_document(out);
}

std::string lint_sarif(const LintReport& report) {
  SarifLog log{.version = std::string(report.tool_version)};
  for (const LintRule& rule : lint_rules()) {
    log.rules.push_back({std::string(rule.id), std::string(rule.summary)});
  }
  for (const LintFinding& finding : report.findings) {
    const std::string rule(finding.rule);
    log.results.push_back({.rule = rule,
                           .level = std::string(to_string(finding.severity)),
                           .message = finding.hint.empty()
                                          ? finding.text
                                          : fmt::format("{} ({})", finding.text, finding.hint),
                           .file = std::string(report.path),
                           .line = line_in(report, finding),
                           .fingerprint = rule + '/' + finding.call});
  }
  return json_document(sarif_json(log));
}

}  // namespace ig
