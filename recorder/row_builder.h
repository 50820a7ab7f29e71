// SPDX-License-Identifier: Apache-2.0
// RowBuilder: rows of a gadget's data source that user space makes, by ptrace or from what the
// kernel says elsewhere. Columns are set by name, those of the gadget's own schema, so every way of
// recording fills the same tables; a column that is never set stays NULL.
#pragma once

#include <deque>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "recorder/workload/process_facts.h"
#include "store/event_schema.h"
#include "store/value.h"

namespace ig {

class RowBuilder {
 public:
  // Takes a row that is complete. The views are valid during the call.
  using OnRow = std::function<void(const EventSchema&, std::span<const Value>)>;

  RowBuilder(EventSchema schema, OnRow on_row);

  const EventSchema& schema() const { return schema_; }

  RowBuilder& set(std::string_view column, std::int64_t value);
  RowBuilder& set(std::string_view column, std::string text);
  RowBuilder& set_real(std::string_view column, double value);
  RowBuilder& set_enum(std::string_view column, std::string_view name);
  // The members of `member`, a struct gadget_process.
  RowBuilder& set_process(const ProcessFacts& process, const std::string& member = "proc");
  // mntns_id, mntns_gen, cgroup_id of a map's key.
  RowBuilder& set_identity(const TaskIdentity& identity);
  void emit();  // and begins the next row

  // The columns that are not among `filled`, comma separated. A name ending in '*' stands for all
  // that begin so.
  std::string columns_besides(std::span<const std::string_view> filled) const;

 private:
  void set_value(std::string_view column, Value value);

  EventSchema schema_;
  OnRow on_row_;
  std::vector<Value> values_;
  std::deque<std::string> texts_;  // what values_ point into
};

}  // namespace ig
