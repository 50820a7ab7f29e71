// SPDX-License-Identifier: Apache-2.0
// PtraceRows: rows of a BPF gadget's data source, made without BPF. Columns are set by name, those
// of the gadget's own schema, so both backends fill the same tables; a column that is never set
// stays NULL and is told as such.
#pragma once

#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "recorder/ptrace/ptrace_process.h"
#include "store/event_sink.h"

namespace ig {

// Where rows go. The sink's first error is kept and ends the recording.
struct PtraceOutput {
  EventSink& sink;
  WorkloadId workload = 0;
  std::uint64_t events = 0, lost = 0;
  std::optional<Error> failure = std::nullopt;

  void keep(Result<> result) {
    if (!result && !failure) failure = std::move(result).error();
  }
  void limit(const std::string& gadget, const std::string& what);  // a Loss of this backend
};

class PtraceRows {
 public:
  PtraceRows(EventSchema schema, PtraceOutput& output);

  const EventSchema& schema() const { return schema_; }

  PtraceRows& set(std::string_view column, std::int64_t value);
  PtraceRows& set(std::string_view column, std::string text);
  PtraceRows& set_enum(std::string_view column, std::string_view name);
  // The members of `proc`, a struct gadget_process.
  PtraceRows& set_process(const TracedThread& thread);
  // mntns_id, mntns_gen, cgroup_id of a map's key.
  PtraceRows& set_identity(const TaskIdentity& identity);
  void emit();  // and begins the next row

  // The columns that are not among `filled`, comma separated. A name ending in '*' stands for all
  // that begin so.
  std::string columns_besides(std::span<const std::string_view> filled) const;

 private:
  EventSchema schema_;
  PtraceOutput& output_;
  std::vector<Value> values_;
  std::deque<std::string> texts_;  // what values_ point into
};

}  // namespace ig
