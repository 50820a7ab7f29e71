// SPDX-License-Identifier: Apache-2.0
#include "recorder/source/bpftrace_output.h"

#include <nlohmann/json.hpp>

namespace ig {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kMostDepth = 32;

// The script's text may be anything, and to write what is nested deeply takes as deep a stack.
bool is_deep(std::string_view line) {
  int depth = 0;
  bool in_text = false;
  for (std::size_t i = 0; i < line.size() && depth <= kMostDepth; ++i) {
    if (line[i] == '"') in_text = !in_text;
    if (in_text && line[i] == '\\') ++i;
    if (in_text) continue;
    if (line[i] == '[' || line[i] == '{') ++depth;
    if (line[i] == ']' || line[i] == '}') --depth;
  }
  return depth > kMostDepth;
}

std::string text_of(const Json& json) {
  if (json.is_string()) return json.get<std::string>();
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<std::int64_t> number_at(const Json& object, const char* key) {
  const auto it = object.find(key);
  if (it == object.end() || !it->is_number_integer()) return std::nullopt;
  return it->get<std::int64_t>();
}

bool is_bucket(const Json& json) { return json.is_object() && json.contains("count"); }

bool is_histogram(const Json& json) {
  return json.is_array() && !json.empty() && is_bucket(json.front());
}

// A map is a value, or an object of values by key (keys within keys since bpftrace 0.21).
void add_elements(const Json& json, BpftraceFact fact, int depth,
                  std::vector<BpftraceFact>& facts) {
  if (depth > kMostDepth) return;
  if (is_histogram(json)) {
    for (const auto& bucket : json) {
      if (!is_bucket(bucket)) continue;
      fact.low = number_at(bucket, "min");
      fact.high = number_at(bucket, "max");
      fact.value = text_of(bucket["count"]);
      facts.push_back(fact);
    }
    return;
  }
  if (!json.is_object()) {
    fact.value = text_of(json);
    facts.push_back(std::move(fact));
    return;
  }
  for (const auto& [key, value] : json.items()) {
    auto element = fact;
    element.key += (element.key.empty() ? "" : ",") + key;
    add_elements(value, std::move(element), depth + 1, facts);
  }
}

}  // namespace

BpftraceLine parse_bpftrace_line(std::string_view line) {
  BpftraceLine parsed;
  if (is_deep(line)) {
    parsed.malformed = true;
    return parsed;
  }
  const auto json = Json::parse(line, nullptr, false);
  const auto type = json.is_object() ? json.find("type") : json.end();
  const auto data = json.is_object() ? json.find("data") : json.end();
  if (json.is_discarded() || !json.is_object() || type == json.end() || !type->is_string() ||
      data == json.end()) {
    parsed.malformed = true;
    return parsed;
  }
  BpftraceFact fact;
  fact.type = type->get<std::string>();
  if (fact.type == "attached_probes") {
    parsed.attached = true;
  } else if (fact.type == "lost_events") {
    const auto lost = data->is_object() ? number_at(*data, "events") : std::nullopt;
    parsed.lost_events = static_cast<std::uint64_t>(std::max<std::int64_t>(1, lost.value_or(1)));
  } else if (data->is_object()) {
    // One entry for each map, by name.
    for (const auto& [name, value] : data->items()) {
      fact.name = name;
      add_elements(value, fact, 0, parsed.facts);
    }
  } else {
    fact.value = text_of(*data);
    parsed.facts.push_back(std::move(fact));
  }
  return parsed;
}

}  // namespace ig
