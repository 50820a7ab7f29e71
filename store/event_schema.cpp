// SPDX-License-Identifier: Apache-2.0
#include "store/event_schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "store/dictionary.h"

namespace ig {
namespace {

using Json = nlohmann::ordered_json;

// What enumerators are called in JSON, in their order.
constexpr std::array<std::string_view, 4> kTypes = {"integer", "real", "text", "blob"};
constexpr std::array<std::string_view, 3> kKinds = {"tracer", "map", "iterator"};
constexpr std::array<std::string_view, 23> kMeanings = {
    "plain", "timestamp", "duration", "bytes", "errno",   "syscall", "signal",   "uid",
    "gid",   "file_mode", "flags",    "enum",  "set",     "address", "protocol", "mntns_id",
    "netns", "path",      "bool",     "stack", "counter", "gauge",   "histogram"};
constexpr std::array<std::string_view, 13> kProcessParts = {
    "",          "comm",      "pid",         "tid",        "uid",
    "gid",       "mntns_id",  "parent_comm", "parent_pid", "parent_tid",
    "cgroup_id", "mntns_gen", "start_time"};

template <typename Enum, std::size_t size>
std::string name_of(const std::array<std::string_view, size>& names, Enum value) {
  return std::string(names.at(static_cast<std::size_t>(value)));
}

// Throws like the library's own conversions, so there is one place that catches.
template <typename Enum, std::size_t size>
Enum value_of(const std::array<std::string_view, size>& names, const std::string& name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) throw std::out_of_range(fmt::format("unknown word '{}'", name));
  return static_cast<Enum>(found - names.begin());
}

Json column_json(const Column& column) {
  Json json = {{"name", column.name},
               {"type", name_of(kTypes, column.type)},
               {"meaning", name_of(kMeanings, column.meaning)}};
  if (!column.type_name.empty()) json["enum"] = column.type_name;
  if (!column.description.empty()) json["description"] = column.description;
  if (!column.unit.empty()) json["unit"] = column.unit;
  if (column.key) json["key"] = true;
  if (column.hidden) json["hidden"] = true;
  if (column.width != 0) json["width"] = column.width;
  if (column.process_part != ProcessPart::kNone) {
    json["process_part"] = name_of(kProcessParts, column.process_part);
    json["process"] = column.process;
  }
  return json;
}

Column column_of(const Json& json) {
  Column column;
  column.name = json.at("name").get<std::string>();
  column.type = value_of<ColumnType>(kTypes, json.at("type"));
  column.meaning = value_of<Meaning>(kMeanings, json.at("meaning"));
  column.type_name = json.value("enum", "");
  column.description = json.value("description", "");
  column.unit = json.value("unit", "");
  column.key = json.value("key", false);
  column.hidden = json.value("hidden", false);
  column.width = json.value("width", 0);
  column.process_part = value_of<ProcessPart>(kProcessParts, json.value("process_part", ""));
  column.process = json.value("process", "");
  return column;
}

EventSchema schema_of(const Json& json) {
  EventSchema schema;
  schema.gadget = json.at("gadget").get<std::string>();
  schema.data_source = json.at("data_source").get<std::string>();
  schema.view = json.at("view").get<std::string>();
  schema.kind = value_of<EventSchema::Kind>(kKinds, json.at("kind"));
  schema.description = json.value("description", "");
  for (const auto& column : json.at("columns")) schema.columns.push_back(column_of(column));
  for (const auto& [type, names] : json.at("enums").items()) {
    auto& values = schema.enums[type];
    for (const auto& [value, name] : names.items()) {
      values[std::stoll(value)] = name.get<std::string>();
    }
  }
  return schema;
}

const Dictionary* names_for(const EventSchema& schema, const Column& column) {
  switch (column.meaning) {
    case Meaning::kErrno:
      return &dictionaries().at("errno");
    case Meaning::kSignal:
      return &dictionaries().at("signal");
    case Meaning::kProtocol:
      return &dictionaries().at("protocol");
    case Meaning::kEnum:
    case Meaning::kFlagSet: {
      static const Dictionary none;
      const auto found = schema.enums.find(column.type_name);
      return found == schema.enums.end() ? &none : &found->second;
    }
    default:
      return nullptr;
  }
}

// The access mode is a number in the two lowest bits and always has a name.
std::string open_flags_text(std::int64_t value) {
  const auto& names = dictionaries().at("open_flags");
  const auto mode = names.find(value & 3);
  Dictionary bits = names;
  bits.erase(bits.begin(), bits.lower_bound(3));
  const std::string rest = flag_text(bits, value & ~std::int64_t{3});
  return (mode == names.end() ? "0x3" : mode->second) + (rest.empty() ? "" : "|") + rest;
}

}  // namespace

std::string Column::display_name() const {
  constexpr std::string_view kRaw = "_raw";
  return name.ends_with(kRaw) ? name.substr(0, name.size() - kRaw.size()) : name;
}

int EventSchema::find(std::string_view name) const {
  const auto found =
      std::find_if(columns.begin(), columns.end(), [&](const Column& c) { return c.name == name; });
  return found == columns.end() ? -1 : static_cast<int>(found - columns.begin());
}

std::string EventSchema::to_json() const {
  Json json = {{"gadget", gadget},
               {"data_source", data_source},
               {"view", view},
               {"kind", name_of(kKinds, kind)},
               {"description", description},
               {"columns", Json::array()},
               {"enums", Json::object()}};
  for (const Column& column : columns) json["columns"].push_back(column_json(column));
  for (const auto& [type, values] : enums) {
    Json& names = json["enums"][type] = Json::object();
    for (const auto& [value, name] : values) names[std::to_string(value)] = name;
  }
  // Names of a foreign gadget need not be UTF-8.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<EventSchema> EventSchema::from_json(std::string_view json) {
  try {
    return schema_of(Json::parse(json));
  } catch (const std::exception& exception) {
    return fail(ErrorCode::kInvalid,
                fmt::format("the description of a data source is malformed: {}", exception.what()));
  }
}

std::string enum_text(const EventSchema& schema, const Column& column, std::int64_t value) {
  if (column.meaning == Meaning::kFileFlags) return open_flags_text(value);
  const Dictionary* names = names_for(schema, column);
  if (names == nullptr) return std::to_string(value);
  if (column.meaning == Meaning::kFlagSet) return flag_text(*names, value);
  if (column.meaning == Meaning::kErrno && value == 0) return "";
  const auto found = names->find(value);
  return found == names->end() ? fmt::format("UNKNOWN({})", value) : found->second;
}

}  // namespace ig
