// SPDX-License-Identifier: Apache-2.0
#include "reporters/json_format.h"

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "reporters/cell.h"
#include "reporters/column_choice.h"
#include "reporters/terminal.h"
#include "reporters/yaml_text.h"

namespace ig {
namespace {

using Json = nlohmann::ordered_json;

// Puts `value` at "proc.parent.comm".
void set_nested(Json& object, std::string_view name, Json value) {
  Json* place = &object;
  for (const auto part : split(name, '.')) {
    // A gadget may name both "a" and "a.b"; the object wins, as it holds more.
    if (!place->is_object()) *place = Json::object();
    place = &(*place)[std::string(part)];
  }
  if (!place->is_object()) *place = std::move(value);
}

void set_if(Json& object, const char* name, const std::string& value) {
  if (!value.empty()) object[name] = value;
}

Json workload_json(const Workload& workload) {
  Json json = {{"id", workload.id}, {"kind", to_string(workload.kind)}, {"name", workload.name}};
  set_if(json, "runtime", workload.runtime);
  set_if(json, "container_id", workload.container_id);
  set_if(json, "image", workload.image);
  set_if(json, "namespace", workload.kube_namespace);
  set_if(json, "pod", workload.pod);
  set_if(json, "container", workload.container);
  return json;
}

}  // namespace

JsonFormat::JsonFormat(Notation notation, std::vector<std::string> fields, std::FILE* out)
    : notation_(notation), fields_(std::move(fields)), out_(out) {}

void JsonFormat::begin(const EventSchema& schema) {
  columns_[&schema] = choose_columns(schema, fields_, Usual::kAll);
}

void JsonFormat::row(const EventSchema& schema, const RowView& row) {
  Json json = {{"table", schema.view}};
  if (row.workload != nullptr) json["workload"] = workload_json(*row.workload);
  for (const auto column : columns_.at(&schema)) {
    set_nested(json, schema.columns[column].display_name(), cell_json(schema, column, row.values));
  }
  put(out_, notation_ == Notation::kJson ? json_line(json) + '\n' : "---\n" + yaml_text(json));
}

void JsonFormat::tables(std::span<const TableView> tables, Occasion) {
  for (const auto& table : tables) {
    for (const auto& one : table.rows) row(*table.schema, one);
  }
}

Result<> JsonFormat::flush() { return flush_output(out_); }

}  // namespace ig
