// SPDX-License-Identifier: Apache-2.0
#include "reporters/lint_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "reporters/cell.h"
#include "reporters/text_table.h"

namespace ig {
namespace {

using nlohmann::ordered_json;

// Where the call is named first; a finding about the whole is in line 1.
std::size_t line_of(const LintReport& report, const LintFinding& finding) {
  if (finding.call.empty()) return 1;
  auto at = report.text.find('"' + finding.call + '"');
  if (at == report.text.npos) at = report.text.find("- " + finding.call + '\n');  // YAML
  if (at == report.text.npos) return 1;
  return 1 + static_cast<std::size_t>(std::ranges::count(report.text.substr(0, at), '\n'));
}

// RFC 3986: what is no letter of a path is escaped.
std::string uri_of(std::string_view path) {
  std::string uri;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = std::isalnum(byte) || std::string_view("-._~/").contains(c);
    uri += plain ? std::string(1, c) : fmt::format("%{:02X}", byte);
  }
  return uri;
}

ordered_json sarif_rules() {
  ordered_json rules = ordered_json::array();
  for (const LintRule& rule : lint_rules()) {
    rules.push_back({{"id", rule.id}, {"shortDescription", {{"text", rule.summary}}}});
  }
  return rules;
}

ordered_json sarif_result(const LintReport& report, const LintFinding& finding) {
  const auto rule = std::ranges::find(lint_rules(), finding.rule, &LintRule::id);
  ordered_json location = {{"physicalLocation",
                            {{"artifactLocation", {{"uri", uri_of(report.path)}}},
                             {"region", {{"startLine", line_of(report, finding)}}}}}};
  const auto text =
      finding.hint.empty() ? finding.text : fmt::format("{} ({})", finding.text, finding.hint);
  return {{"ruleId", finding.rule},
          {"ruleIndex", rule - lint_rules().begin()},
          {"level", to_string(finding.severity)},
          {"message", {{"text", text}}},
          {"locations", ordered_json::array({location})}};
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
    one["line"] = line_of(report, finding);
    one["text"] = finding.text;
    one["hint"] = finding.hint;
    out["findings"].push_back(std::move(one));
  }
  return json_document(out);
}

std::string lint_sarif(const LintReport& report) {
  ordered_json results = ordered_json::array();
  for (const LintFinding& finding : report.findings) {
    results.push_back(sarif_result(report, finding));
  }
  const ordered_json driver = {
      {"name", "ig"}, {"version", report.tool_version}, {"rules", sarif_rules()}};
  const ordered_json run = {{"tool", {{"driver", driver}}}, {"results", results}};
  return json_document({{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
                        {"version", "2.1.0"},
                        {"runs", ordered_json::array({run})}});
}

}  // namespace ig
