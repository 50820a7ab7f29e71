// SPDX-License-Identifier: Apache-2.0
// A SeccompDiff for programs: JSON, and SARIF for code hosts.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "reporters/display_text.h"
#include "reporters/sarif.h"
#include "reporters/seccomp_diff_report.h"
#include "reporters/seccomp_diff_rows.h"

namespace ig {
namespace {

using Json = nlohmann::ordered_json;
using Kind = SeccompChange::Kind;
using Of = SeccompChange::Of;

constexpr Kind kKinds[] = {Kind::kAdded, Kind::kWidened, Kind::kRemoved, Kind::kNarrowed,
                           Kind::kAnsweredOtherwise};

// "answered otherwise" → "answered_otherwise"
std::string key_of(std::string_view words, char separator) {
  std::string key(words);
  std::ranges::replace(key, ' ', separator);
  return key;
}

Json text_or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(printable(text));
}

Json file_json(const std::string& file, bool recorded) {
  return {{"file", printable(file)}, {"kind", recorded ? "session" : "profile"}};
}

Json texts_json(const std::vector<std::string>& texts) {
  auto array = Json::array();
  for (const auto& text : texts) array.push_back(printable(text));
  return array;
}

Json change_json(const SeccompChange& change) {
  return {{"change", key_of(to_string(change.kind), '_')},
          {"of", key_of(to_string(change.of), '_')},
          {"workload", text_or_null(change.subject)},
          {"name", text_or_null(change.name)},
          {"gains", change.gains()},
          {"architectures", texts_json(change.archs)},
          {"groups", texts_json(change.groups)},
          {"danger", text_or_null(change.danger)},
          {"before", text_or_null(change.before)},
          {"after", text_or_null(change.after)},
          {"gained_values", text_or_null(change.gained)},
          {"lost_values", text_or_null(change.lost)},
          {"evidence", text_or_null(change.evidence)},
          {"calls", texts_json(change.calls)}};
}

std::string rule_id(Kind kind) { return "seccomp/" + key_of(to_string(kind), '-'); }

std::string_view rule_summary(Kind kind) {
  switch (kind) {
    case Kind::kAdded:
      return "What was denied or not seen is now allowed or needed.";
    case Kind::kWidened:
      return "A call is allowed or made with more values of its arguments.";
    case Kind::kRemoved:
      return "What was allowed or seen no longer is.";
    case Kind::kNarrowed:
      return "A call is allowed or made with fewer values of its arguments.";
    case Kind::kAnsweredOtherwise:
      return "What is denied or allowed as before is answered in another way.";
  }
  return "";
}

std::string_view level_of(const SeccompChange& change) {
  if (!change.gains()) return "note";
  return change.danger.empty() ? "warning" : "error";
}

SarifResult result_of(const SeccompChange& change, const SeccompDiffReport& report) {
  const auto archs = join(change.archs, " ");
  auto message =
      fmt::format("{}{}: {}", to_string(change.kind),
                  change.subject.empty() ? "" : " for " + change.subject, what_text(change));
  if (!archs.empty()) message += " on " + archs;
  if (!change.before.empty() && !change.after.empty()) {
    message += fmt::format(", {} before, {} now", change.before, change.after);
  }
  if (const auto detail = detail_text(change); !detail.empty()) message += "; " + detail;
  return {.rule = rule_id(change.kind),
          .level = std::string(level_of(change)),
          .message = std::move(message),
          .file = report.after,
          .line = report.after_recorded ? 0 : line_of(report.after_text, change.name, 1),
          .fingerprint = fmt::format("{}/{}/{}/{}", rule_id(change.kind), change.subject,
                                     what_text(change), archs),
          .properties = {{"tags", texts_json(change.groups)}}};
}

}  // namespace

Json seccomp_diff_json(const SeccompDiffReport& report) {
  Json summary;
  for (const Kind kind : kKinds) summary[key_of(to_string(kind), '_')] = report.diff.count(kind);
  auto changes = Json::array();
  for (const auto& change : report.diff.changes) changes.push_back(change_json(change));
  return {{"before", file_json(report.before, report.before_recorded)},
          {"after", file_json(report.after, report.after_recorded)},
          {"gains", report.diff.gains()},
          {"summary", summary},
          {"changes", changes},
          {"caveats", texts_json(report.diff.caveats)}};
}

Json seccomp_diff_sarif(const SeccompDiffReport& report, std::string_view version) {
  SarifLog log{.version = std::string(version), .notes = report.diff.caveats};
  for (const Kind kind : kKinds)
    log.rules.push_back({rule_id(kind), std::string(rule_summary(kind))});
  for (const auto& change : report.diff.changes) log.results.push_back(result_of(change, report));
  return sarif_json(log);
}

}  // namespace ig
