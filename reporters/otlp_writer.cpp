// SPDX-License-Identifier: Apache-2.0
#include "reporters/otlp_writer.h"

#include <fmt/format.h>

#include <algorithm>

#include "reporters/cell.h"
#include "reporters/event_rows.h"
#include "reporters/otlp_metrics.h"
#include "reporters/terminal.h"

namespace ig {
namespace {

using otlp::Json;
using otlp::number64;

constexpr std::size_t kRowsALine = 500;
constexpr int kWarning = 13;  // SEVERITY_NUMBER_WARN

bool is_time(const Column& column) { return column.meaning == Meaning::kTimestamp; }

// The latest of the row's own times, else `otherwise`.
std::int64_t time_of(const EventSchema& schema, std::span<const Value> row,
                     std::int64_t otherwise) {
  std::int64_t latest = 0;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (is_time(schema.columns[i])) latest = std::max(latest, row[i].integer);
  }
  return latest > 0 ? latest : std::max<std::int64_t>(otherwise, 0);
}

std::int64_t end_of(const SessionInfo& info, const std::map<WorkloadId, Workload>& workloads) {
  auto end = std::max(info.ended_ns, info.started_ns);
  if (info.ended_ns > 0) return end;
  for (const auto& [id, workload] : workloads) end = std::max(end, workload.last_seen_ns);
  return end;
}

std::string loss_text(const Loss& loss) {
  auto text = std::string(to_string(loss.kind));
  if (loss.count > 0) text = fmt::format("{} lost: {}", loss.count, text);
  return loss.detail.empty() ? text : fmt::format("{}: {}", text, loss.detail);
}

Json loss_record(const Loss& loss) {
  Json attributes = Json::array();
  otlp::add_attribute(attributes, "ig.loss.kind", to_string(loss.kind));
  otlp::add_attribute(attributes, "ig.loss.gadget", loss.gadget);
  otlp::add_attribute(attributes, "ig.loss.count", static_cast<std::int64_t>(loss.count));
  otlp::add_attribute(attributes, "ig.loss.detail", loss.detail);
  if (loss.from_ns > 0) otlp::add_attribute(attributes, "ig.loss.from_unix_nano", loss.from_ns);
  const auto time = number64(std::max<std::int64_t>(loss.to_ns, 0));
  return {{"timeUnixNano", time},
          {"observedTimeUnixNano", time},
          {"severityNumber", kWarning},
          {"severityText", "WARN"},
          {"body", {{"stringValue", loss_text(loss)}}},
          {"attributes", attributes},
          {"eventName", "ig.loss"}};
}

}  // namespace

Result<OtlpWriter> OtlpWriter::open(SessionReader& session) {
  OtlpWriter writer(session);
  IG_ASSIGN(writer.info_, session.info());
  IG_ASSIGN(auto workloads, session.workloads({}));
  for (auto& workload : workloads) writer.workloads_[workload.id] = std::move(workload);
  writer.end_ns_ = end_of(writer.info_, writer.workloads_);
  return writer;
}

bool OtlpWriter::is_metrics(const EventSchema& schema) {
  return schema.kind == EventSchema::Kind::kMap &&
         std::ranges::any_of(schema.columns, [](const Column& column) {
           using enum Meaning;
           return !column.key && (column.meaning == kHistogram || column.meaning == kCounter ||
                                  column.meaning == kGauge);
         });
}

Result<> OtlpWriter::events(const EventSchema& schema, std::FILE* out) {
  // A list is read when the recording begins; a map's rows hold until it ends.
  const auto otherwise = schema.kind == EventSchema::Kind::kIterator ? info_.started_ns : end_ns_;
  const auto names = otlp::attribute_names(
      schema, [](const Column& column) { return column.display_name() != "timestamp"; });
  Batch batch;
  std::size_t rows = 0;
  const auto write = [&] {
    put(out, json_line(line("resourceLogs", "scopeLogs", "logRecords", schema.view, batch)) + '\n');
    rows = 0;
    return std::ferror(out) == 0;
  };
  IG_TRY(each_event(session_, schema, [&](WorkloadId workload, std::span<const Value> row) {
    const auto own = time_of(schema, row, 0);
    Json record = Json::object();
    if (own > 0) record["timeUnixNano"] = number64(own);
    record["observedTimeUnixNano"] = number64(time_of(schema, row, otherwise));
    record["attributes"] = otlp::row_attributes(schema, names, row);
    record["eventName"] = "ig." + schema.view;
    batch[workload][0].push_back(std::move(record));
    return ++rows < kRowsALine || write();
  }));
  if (rows > 0) write();
  return flush_output(out);
}

Result<> OtlpWriter::metrics(const EventSchema& schema, std::FILE* out) {
  const auto names = otlp::attribute_names(schema, otlp::names_amount);
  Batch batch;
  std::size_t rows = 0;
  const auto write = [&] {
    for (auto& [workload, columns] : batch) {
      Json metrics = Json::array();
      for (auto& [column, points] : columns) {
        metrics.push_back(otlp::metric_of(schema, schema.columns[column], std::move(points)));
      }
      columns = {{0, std::move(metrics)}};
    }
    rows = 0;
    if (batch.empty()) return true;
    put(out,
        json_line(line("resourceMetrics", "scopeMetrics", "metrics", schema.view, batch)) + '\n');
    return std::ferror(out) == 0;
  };
  IG_TRY(each_event(session_, schema, [&](WorkloadId workload, std::span<const Value> row) {
    const Json head = {{"attributes", otlp::row_attributes(schema, names, row)},
                       {"startTimeUnixNano", number64(std::max<std::int64_t>(info_.started_ns, 0))},
                       {"timeUnixNano", number64(time_of(schema, row, end_ns_))}};
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (!otlp::is_amount(schema.columns[i])) continue;
      Json point = head;
      if (otlp::add_amount(point, schema.columns[i], row[i])) {
        batch[workload][i].push_back(std::move(point));
      }
    }
    return ++rows < kRowsALine || write();
  }));
  if (rows > 0) write();
  return flush_output(out);
}

Result<> OtlpWriter::losses(std::FILE* out) {
  IG_ASSIGN(const auto losses, session_.losses());
  Batch batch;
  for (const auto& loss : losses) batch[loss.workload][0].push_back(loss_record(loss));
  if (!batch.empty()) {
    put(out, json_line(line("resourceLogs", "scopeLogs", "logRecords", "loss", batch)) + '\n');
  }
  return flush_output(out);
}

const Workload* OtlpWriter::workload(WorkloadId id) const {
  const auto found = workloads_.find(id);
  return found == workloads_.end() ? nullptr : &found->second;
}

Json OtlpWriter::scope(const std::string& name) const {
  return {{"name", name}, {"version", info_.tool_version}};
}

Json OtlpWriter::line(const char* resources, const char* scopes, const char* records,
                      const std::string& scope_name, Batch& batch) const {
  Json list = Json::array();
  for (auto& [id, content] : batch) {
    Json in_scope = {{"scope", scope(scope_name)}};
    in_scope[records] = std::move(content.at(0));
    Json entry = {{"resource", otlp::resource(info_, workload(id))}};
    entry[scopes] = Json::array({std::move(in_scope)});
    list.push_back(std::move(entry));
  }
  batch.clear();
  Json object;
  object[resources] = std::move(list);
  return object;
}

}  // namespace ig
