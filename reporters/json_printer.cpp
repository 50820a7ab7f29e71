// SPDX-License-Identifier: Apache-2.0
#include "reporters/json_printer.h"

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "reporters/cell.h"
#include "reporters/column_choice.h"
#include "reporters/terminal.h"

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

JsonPrinter::JsonPrinter(std::vector<std::string> fields, std::FILE* out)
    : fields_(std::move(fields)), out_(out) {}

Result<> JsonPrinter::data_source(const EventSchema& schema) {
  columns_[&schema] = choose_columns(schema, fields_, Usual::kAll);
  return {};
}

Result<> JsonPrinter::workload(const Workload& workload) {
  workloads_[workload.id] = workload;
  return {};
}

std::string JsonPrinter::line(const Event& event) const {
  Json json = {{"table", event.schema.view}};
  if (const auto found = workloads_.find(event.workload); found != workloads_.end()) {
    json["workload"] = workload_json(found->second);
  }
  for (const auto column : columns_.at(&event.schema)) {
    set_nested(json, event.schema.columns[column].display_name(),
               cell_json(event.schema, column, event.values));
  }
  return json_line(json);
}

Result<> JsonPrinter::event(const Event& event) {
  if (event.schema.kind == EventSchema::Kind::kMap) {
    sums_.set(event, line(event));
  } else {
    put(out_, line(event) + '\n');
  }
  return {};
}

Result<> JsonPrinter::flush() { return flush_output(out_); }

Result<> JsonPrinter::finish() {
  for (const auto& [view, table] : sums_.tables()) {
    for (const auto& [key, row] : table.rows) put(out_, row + '\n');
  }
  return flush();
}

}  // namespace ig
