// SPDX-License-Identifier: Apache-2.0
#include "recorder/row_builder.h"

#include <algorithm>

#include "base/text.h"

namespace ig {

RowBuilder::RowBuilder(EventSchema schema, OnRow on_row)
    : schema_(std::move(schema)), on_row_(std::move(on_row)), values_(schema_.columns.size()) {}

void RowBuilder::set_value(std::string_view column, Value value) {
  const int index = schema_.find(column);
  if (index >= 0) values_[static_cast<std::size_t>(index)] = value;
}

RowBuilder& RowBuilder::set(std::string_view column, std::int64_t value) {
  set_value(column, Value::of(value));
  return *this;
}

RowBuilder& RowBuilder::set(std::string_view column, std::string text) {
  const int index = schema_.find(column);
  if (index < 0) return *this;
  texts_.push_back(std::move(text));
  const auto type = schema_.columns[static_cast<std::size_t>(index)].type;
  const std::string_view view = texts_.back();
  values_[static_cast<std::size_t>(index)] =
      type == ColumnType::kBlob ? Value::blob(view) : Value::of(view);
  return *this;
}

RowBuilder& RowBuilder::set_real(std::string_view column, double value) {
  set_value(column, Value::of(value));
  return *this;
}

RowBuilder& RowBuilder::set_enum(std::string_view column, std::string_view name) {
  const int index = schema_.find(column);
  if (index < 0) return *this;
  const auto names = schema_.enums.find(schema_.columns[static_cast<std::size_t>(index)].type_name);
  if (names == schema_.enums.end()) return *this;
  for (const auto& [value, known] : names->second) {
    if (known == name) return set(column, value);
  }
  return *this;
}

RowBuilder& RowBuilder::set_process(const ProcessFacts& process, const std::string& member) {
  const auto number = [&](const char* name, std::uint64_t value) {
    set(member + name, static_cast<std::int64_t>(value));
  };
  set(member + ".comm", process.comm).set(member + ".parent.comm", process.parent_comm);
  set(member + ".pid", process.pid).set(member + ".tid", process.tid);
  set(member + ".parent.pid", process.parent_pid).set(member + ".parent.tid", process.parent_pid);
  set(member + ".start_time", process.start_time_ns);
  number(".creds.uid", process.uid);
  number(".creds.gid", process.gid);
  number(".mntns_id", process.identity.mntns_id);
  number(".mntns_gen", process.identity.mntns_gen);
  number(".cgroup_id", process.identity.cgroup_id);
  return *this;
}

RowBuilder& RowBuilder::set_identity(const TaskIdentity& identity) {
  set("mntns_id", static_cast<std::int64_t>(identity.mntns_id));
  set("mntns_gen", static_cast<std::int64_t>(identity.mntns_gen));
  return set("cgroup_id", static_cast<std::int64_t>(identity.cgroup_id));
}

void RowBuilder::emit() {
  on_row_(schema_, values_);
  std::ranges::fill(values_, Value{});
  texts_.clear();
}

std::string RowBuilder::columns_besides(std::span<const std::string_view> filled) const {
  std::vector<std::string> missing;
  for (const auto& column : schema_.columns) {
    const bool known = std::ranges::any_of(filled, [&](std::string_view name) {
      if (!name.ends_with('*')) return column.name == name;
      return column.name.starts_with(name.substr(0, name.size() - 1));
    });
    if (!known) missing.push_back(column.name);
  }
  return join(missing, ", ");
}

}  // namespace ig
