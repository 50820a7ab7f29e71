// SPDX-License-Identifier: Apache-2.0
#include "recorder/ptrace/ptrace_rows.h"

#include <algorithm>

#include "base/clock.h"
#include "base/text.h"

namespace ig {

void PtraceOutput::limit(const std::string& gadget, const std::string& what) {
  Loss loss;
  loss.gadget = gadget;
  loss.kind = Loss::Kind::kBackendLimit;
  loss.workload = workload;
  loss.count = 1;
  loss.from_ns = loss.to_ns = wall_time_ns();
  loss.detail = what;
  keep(sink.loss(loss));
}

PtraceRows::PtraceRows(EventSchema schema, PtraceOutput& output)
    : schema_(std::move(schema)), output_(output), values_(schema_.columns.size()) {}

PtraceRows& PtraceRows::set(std::string_view column, std::int64_t value) {
  const int index = schema_.find(column);
  if (index >= 0) values_[static_cast<std::size_t>(index)] = Value::of(value);
  return *this;
}

PtraceRows& PtraceRows::set(std::string_view column, std::string text) {
  const int index = schema_.find(column);
  if (index < 0) return *this;
  texts_.push_back(std::move(text));
  const auto type = schema_.columns[static_cast<std::size_t>(index)].type;
  const std::string_view view = texts_.back();
  values_[static_cast<std::size_t>(index)] =
      type == ColumnType::kBlob ? Value::blob(view) : Value::of(view);
  return *this;
}

PtraceRows& PtraceRows::set_enum(std::string_view column, std::string_view name) {
  const int index = schema_.find(column);
  if (index < 0) return *this;
  const auto names = schema_.enums.find(schema_.columns[static_cast<std::size_t>(index)].type_name);
  if (names == schema_.enums.end()) return *this;
  for (const auto& [value, known] : names->second) {
    if (known == name) return set(column, value);
  }
  return *this;
}

PtraceRows& PtraceRows::set_process(const TracedThread& thread) {
  const auto& process = *thread.process;
  set("proc.comm", process.comm).set("proc.pid", process.pid).set("proc.tid", thread.tid);
  set("proc.creds.uid", process.uid).set("proc.creds.gid", process.gid);
  set("proc.mntns_id", static_cast<std::int64_t>(process.identity.mntns_id));
  set("proc.mntns_gen", static_cast<std::int64_t>(process.identity.mntns_gen));
  set("proc.cgroup_id", static_cast<std::int64_t>(process.identity.cgroup_id));
  set("proc.parent.comm", process.parent_comm).set("proc.parent.pid", process.parent);
  set("proc.parent.tid", process.parent);
  return set("proc.start_time", process.start_time_ns);
}

PtraceRows& PtraceRows::set_identity(const TaskIdentity& identity) {
  set("mntns_id", static_cast<std::int64_t>(identity.mntns_id));
  set("mntns_gen", static_cast<std::int64_t>(identity.mntns_gen));
  return set("cgroup_id", static_cast<std::int64_t>(identity.cgroup_id));
}

void PtraceRows::emit() {
  output_.keep(
      output_.sink.event({.schema = schema_, .workload = output_.workload, .values = values_}));
  ++output_.events;
  std::ranges::fill(values_, Value{});
  texts_.clear();
}

std::string PtraceRows::columns_besides(std::span<const std::string_view> filled) const {
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
