// SPDX-License-Identifier: Apache-2.0
#include "reporters/event_rows.h"

#include <fmt/format.h>

#include "base/text.h"
#include "store/data_source_ddl.h"
#include "store/row_layout.h"

namespace ig {
namespace {

// The column of `process` that holds a part of an identity.
const char* stored_part(ProcessPart part) {
  switch (part) {
    case ProcessPart::kComm:
      return "comm";
    case ProcessPart::kPid:
      return "pid";
    case ProcessPart::kUid:
      return "uid";
    case ProcessPart::kGid:
      return "gid";
    case ProcessPart::kMntnsId:
      return "mntns_id";
    case ProcessPart::kParentComm:
      return "parent_comm";
    case ProcessPart::kParentPid:
      return "parent_pid";
    case ProcessPart::kParentTid:
      return "parent_tid";
    case ProcessPart::kCgroupId:
      return "cgroup_id";
    case ProcessPart::kMntnsGen:
      return "mntns_gen";
    case ProcessPart::kStartTime:
      return "start_time";
    case ProcessPart::kTid:
    case ProcessPart::kNone:
      break;
  }
  return "id";
}

std::string rows_sql(const EventSchema& schema, const RowLayout& layout) {
  std::vector<std::string> cells(schema.columns.size(), "NULL");
  std::string joins;
  for (std::size_t i = 1; i < layout.columns.size(); ++i) {
    const RowColumn& row = layout.columns[i];
    const auto stored = "r." + quote_identifier(row.name);
    if (row.source == RowColumn::Source::kValue) {
      cells[static_cast<std::size_t>(row.column)] = stored;
      continue;
    }
    const bool is_path = row.source == RowColumn::Source::kPath;
    joins += fmt::format(" LEFT JOIN {0} t{1} ON t{1}.id = {2}", is_path ? "path" : "process", i,
                         stored);
    if (is_path) {
      cells[static_cast<std::size_t>(row.column)] = fmt::format("t{}.text", i);
      continue;
    }
    for (std::size_t part = 0; part < kProcessParts; ++part) {
      if (row.process_columns[part] < 0) continue;
      cells[static_cast<std::size_t>(row.process_columns[part])] =
          fmt::format("t{}.{}", i, stored_part(static_cast<ProcessPart>(part)));
    }
  }
  return fmt::format("SELECT r.workload_id, {} FROM {} r{}", join(cells, ", "),
                     quote_identifier(layout.table), joins);
}

}  // namespace

Result<std::vector<EventSchema>> event_schemas(SessionReader& session) {
  std::vector<std::string> texts;
  IG_TRY(
      session.scan("SELECT schema FROM data_source ORDER BY view", [&](std::span<const Value> row) {
        texts.emplace_back(row[0].text);
        return true;
      }));
  std::vector<EventSchema> schemas;
  for (const auto& text : texts) {
    IG_ASSIGN(auto schema, EventSchema::from_json(text));
    schemas.push_back(std::move(schema));
  }
  return schemas;
}

Result<> each_event(SessionReader& session, const EventSchema& schema, const OnEventRow& on_row) {
  IG_ASSIGN(const auto layout, row_layout(schema));
  return session.scan(rows_sql(schema, layout), [&](std::span<const Value> cells) {
    return on_row(cells[0].integer, cells.subspan(1));
  });
}

}  // namespace ig
