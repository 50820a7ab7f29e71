// SPDX-License-Identifier: Apache-2.0
#include "reporters/sarif.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "reporters/display_text.h"

namespace ig {
namespace {

using Json = nlohmann::ordered_json;

// A path as a URI reference: relative ones stay so, since hosts look for them in the repository.
std::string uri_of(const std::string& path) {
  std::string uri = path.starts_with('/') ? "file://" : "";
  for (const char character : path) {
    const auto byte = static_cast<unsigned char>(character);
    const bool plain =
        byte < 0x80 &&
        (std::isalnum(byte) != 0 || std::string_view("/-._~").find(character) != std::string::npos);
    uri += plain ? std::string(1, character) : fmt::format("%{:02X}", byte);
  }
  return uri;
}

// Brackets would begin a link (SARIF 3.11.6), which a recorded name has no business to.
Json message_json(const std::string& text) {
  std::string safe;
  for (const char character : printable(text)) {
    if (character == '[' || character == ']' || character == '\\') safe += '\\';
    safe += character;
  }
  return {{"text", safe}};
}

Json rule_json(const SarifRule& rule) {
  return {{"id", rule.id}, {"shortDescription", {{"text", rule.summary}}}};
}

Json result_json(const SarifLog& log, const SarifResult& result) {
  Json place = {{"artifactLocation", {{"uri", uri_of(result.file)}}}};
  if (result.line > 0) place["region"] = {{"startLine", result.line}};
  auto locations = Json::array();
  locations.push_back({{"physicalLocation", place}});
  const auto rule = std::ranges::find(log.rules, result.rule, &SarifRule::id);
  Json json = {{"ruleId", result.rule},
               {"ruleIndex", rule - log.rules.begin()},
               {"level", result.level},
               {"message", message_json(result.message)},
               {"locations", locations},
               {"partialFingerprints", {{"igFinding/v1", printable(result.fingerprint)}}}};
  if (!result.properties.empty()) json["properties"] = result.properties;
  return json;
}

template <typename Items, typename ToJson>
Json array_of(const Items& items, ToJson to_json) {
  auto array = Json::array();
  for (const auto& item : items) array.push_back(to_json(item));
  return array;
}

}  // namespace

Json sarif_json(const SarifLog& log) {
  const Json driver = {
      {"name", "ig"}, {"version", log.version}, {"rules", array_of(log.rules, rule_json)}};
  auto invocations = Json::array();
  invocations.push_back(
      {{"executionSuccessful", true},
       {"toolExecutionNotifications", array_of(log.notes, [](const std::string& note) {
          return Json{{"level", "note"}, {"message", message_json(note)}};
        })}});
  auto runs = Json::array();
  runs.push_back({{"tool", {{"driver", driver}}},
                  {"invocations", invocations},
                  {"results", array_of(log.results, [&](const SarifResult& result) {
                     return result_json(log, result);
                   })}});
  return {{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
          {"version", "2.1.0"},
          {"runs", runs}};
}

std::size_t line_of(std::string_view text, std::string_view word, std::size_t otherwise) {
  if (word.empty()) return otherwise;
  auto at = text.find(fmt::format("\"{}\"", word));
  if (at == text.npos) at = text.find(fmt::format("- {}\n", word));
  if (at == text.npos) return otherwise;
  return 1 + static_cast<std::size_t>(std::ranges::count(text.substr(0, at), '\n'));
}

}  // namespace ig
