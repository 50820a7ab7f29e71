// SPDX-License-Identifier: Apache-2.0
// ReportSession: a real session in memory, filled by gadgets that have the columns that reports
// ask for. Times are as in fake_session.h.
#pragma once

#include <fmt/format.h>

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "advisors/report/report.h"
#include "store/session_reader.h"
#include "store/session_writer.h"
#include "tests/support/fake_session.h"
#include "tests/unit/store/session_fixture.h"

namespace ig::test {

constexpr std::int64_t kMillisecond = 1'000'000, kMicrosecond = 1000;

class ReportSession {
 public:
  using Field = std::pair<std::string, std::variant<std::int64_t, std::string>>;

  explicit ReportSession(SessionInfo info = session_info()) {
    auto writer = SessionWriter::create_in_memory(info);
    expect_ok(writer);
    writer_ = std::move(*writer);
  }

  static SessionInfo session_info() {
    SessionInfo info;
    info.tool_version = "0.1.0";
    info.host_name = "node1";
    info.kernel_release = "6.1.0-30-amd64";
    info.architecture = "x86_64";
    info.command_line = "ig record --preset all";
    info.preset = "all";
    info.started_ns = at(0);
    info.ended_ns = at(60);
    info.complete = true;
    info.end_reason = "duration";
    return info;
  }

  Workload& workload(const std::string& name, WorkloadKind kind = WorkloadKind::kContainer) {
    Workload one;
    one.id = static_cast<WorkloadId>(workloads_.size()) + 1;
    one.kind = kind;
    one.name = name;
    one.first_seen_ns = at(0);
    one.last_seen_ns = at(60);
    workloads_.push_back(one);
    expect_ok(writer_->workload(workloads_.back()));
    return workloads_.back();
  }

  // A gadget with one table. `columns`: timestamp_raw and the like by their names, "name:text",
  // "name:path", "name:stack", "name:duration"…, "+" for those of a process.
  EventSchema& table(const std::string& view, const std::vector<std::string>& columns,
                     GadgetRun run = {}) {
    EventSchema schema;
    schema.gadget = schema.view = schema.data_source = view;
    for (const auto& text : columns) add_columns(schema, text);
    run.gadget = view;
    expect_ok(writer_->gadget_run(run));
    schemas_.push_back(std::move(schema));
    return schemas_.back();
  }
  // After its enums are set.
  void declare(const EventSchema& schema) { expect_ok(writer_->data_source(schema)); }

  // The fields that are not named are NULL.
  void row(const EventSchema& schema, const Workload& workload, const std::vector<Field>& fields) {
    std::vector<Value> values(schema.columns.size());
    for (const auto& [name, value] : fields) {
      const int at = schema.find(name);
      ASSERT_GE(at, 0) << schema.view << " " << name;
      const auto* text = std::get_if<std::string>(&value);
      values[static_cast<std::size_t>(at)] =
          text ? Value::of(std::string_view(*text)) : Value::of(std::get<std::int64_t>(value));
    }
    expect_ok(writer_->event({.schema = schema, .workload = workload.id, .values = values}));
  }

  void lose(const std::string& gadget, std::uint64_t count) {
    Loss loss;
    loss.gadget = gadget;
    loss.count = count;
    loss.from_ns = at(30);
    loss.to_ns = at(31);
    expect_ok(writer_->loss(loss));
  }

  SessionWriter& writer() { return *writer_; }

  // What was written so far.
  SessionReader& reader() {
    expect_ok(writer_->flush());
    auto read = read_session(*writer_);
    expect_ok(read);
    readers_.push_back(std::move(*read));
    return *readers_.back();
  }

  // The session as the bytes of its file.
  std::string bytes() {
    expect_ok(writer_->flush());
    auto snapshot = writer_->snapshot();
    expect_ok(snapshot);
    return *snapshot;
  }

  report::Report report(std::string_view kind, const report::Question& question = {}) {
    auto made = report::make_report({&reader(), "shop.db"}, kind, question);
    expect_ok(made);
    return made ? *made : report::Report{};
  }

 private:
  static void add_columns(EventSchema& schema, const std::string& text) {
    if (text == "+") {
      schema.columns.push_back(process_column(text_column("proc.comm"), ProcessPart::kComm));
      schema.columns.push_back(process_column(integer_column("proc.pid"), ProcessPart::kPid));
      schema.columns.push_back(
          process_column(text_column("proc.parent.comm"), ProcessPart::kParentComm));
      schema.columns.push_back(
          process_column(integer_column("proc.parent.pid"), ProcessPart::kParentPid));
      return;
    }
    static const std::map<std::string, Meaning> kMeanings = {{"path", Meaning::kPath},
                                                             {"stack", Meaning::kStack},
                                                             {"enum", Meaning::kEnum},
                                                             {"errno", Meaning::kErrno},
                                                             {"time", Meaning::kTimestamp}};
    const auto colon = text.find(':');
    const auto name = text.substr(0, colon);
    const auto kind = colon == std::string::npos ? "" : text.substr(colon + 1);
    const bool is_text = kind == "text" || kind == "path" || kind == "stack";
    const auto meaning = kMeanings.find(kind);
    auto column = is_text ? text_column(name) : integer_column(name);
    if (meaning != kMeanings.end()) column.meaning = meaning->second;
    if (kind == "enum") column.type_name = name;
    schema.columns.push_back(std::move(column));
  }

  std::unique_ptr<SessionWriter> writer_;
  std::deque<Workload> workloads_;  // references stay good
  std::deque<EventSchema> schemas_;
  std::vector<std::unique_ptr<SessionReader>> readers_;
};

}  // namespace ig::test
