// SPDX-License-Identifier: Apache-2.0
// A session to learn from: two containers on a host, their processes and calls. Times are seconds
// after kBegin, the recording's begin.
#pragma once

#include <algorithm>
#include <array>

#include "store/learned_calls.h"
#include "tests/unit/store/session_fixture.h"

namespace ig {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kBegin = 1'700'000'000 * kSecond;
constexpr std::int64_t kBoot = kBegin - 1000 * kSecond;
constexpr std::int64_t at(std::int64_t second) { return kBegin + second * kSecond; }

constexpr WorkloadId kHostId = 1, kWeb = 2, kDb = 3;

inline DeniedCall denied(std::int64_t number, std::int64_t pid, std::int64_t time_ns,
                         std::uint64_t serial, const std::string& comm = "web") {
  return {.time_ns = time_ns,
          .serial = serial,
          .arch = "x86_64",
          .number = number,
          .code = 0x7ffc0000,
          .pid = pid,
          .uid = 0,
          .comm = comm,
          .exe = "/usr/bin/" + comm,
          .boot_id = "",
          .node = ""};
}

class LearnedSession {
 public:
  explicit LearnedSession(const std::string& path, std::string_view gadget = "advise_seccomp") {
    auto info = some_session();
    info.started_ns = kBegin;
    info.clock_offset_ns = kBoot;
    info.boot_id = "0123-abcd";
    writer_ = std::move(*SessionWriter::create(path, info, {}));
    GadgetRun run;
    run.gadget = gadget;
    expect_ok(writer_->gadget_run(run));
    workload(kHostId, "host", 1, at(0), WorkloadKind::kHost);
    workload(kWeb, "web", 100, at(10));
    workload(kDb, "db", 200, at(20));
    for (const auto* schema : {&exec_, &calls_, &values_}) expect_ok(writer_->data_source(*schema));
  }

  void workload(WorkloadId id, const std::string& name, std::int64_t pid, std::int64_t first_ns,
                WorkloadKind kind = WorkloadKind::kContainer, std::int64_t ended_ns = 0) {
    auto workload = some_workload(id, name);
    workload.kind = kind;
    workload.container_id = name + "0123456789";
    workload.pid = pid;
    workload.first_seen_ns = first_ns;
    workload.last_seen_ns = ended_ns == 0 ? at(100) : ended_ns;
    workload.exit_known = ended_ns != 0;
    expect_ok(writer_->workload(workload));
  }
  void process(WorkloadId workload, std::int64_t pid, std::int64_t start_ns,
               const std::string& comm = "web") {
    const std::array values = {Value::of(start_ns), Value::of(std::string_view(comm)),
                               Value::of(pid), Value::of(start_ns - kBoot)};
    expect_ok(writer_->event({.schema = exec_, .workload = workload, .values = values}));
  }
  void call(WorkloadId workload, std::int64_t number) {
    const std::array values = {Value::of(std::int64_t{1}), Value::of(std::int64_t{4}),
                               Value::of(number),          Value::of(std::int64_t{3}),
                               Value::of(at(30)),          Value::of(at(40))};
    expect_ok(writer_->event({.schema = calls_, .workload = workload, .values = values}));
  }
  void value(WorkloadId workload, std::int64_t number, std::int64_t index, std::int64_t value) {
    const std::array values = {
        Value::of(std::int64_t{1}), Value::of(std::int64_t{4}), Value::of(number),
        Value::of(index),           Value::of(value),           Value::of(std::int64_t{0}),
        Value::of(std::int64_t{3}), Value::of(at(30)),          Value::of(at(40))};
    expect_ok(writer_->event({.schema = values_, .workload = workload, .values = values}));
  }
  SessionWriter& writer() { return *writer_; }
  void close() { expect_ok(writer_->close("duration")); }

 private:
  static EventSchema exec_schema() {
    EventSchema schema;
    schema.gadget = schema.view = "trace_exec";
    schema.data_source = "exec";
    schema.columns = {integer_column("timestamp_raw", Meaning::kTimestamp),
                      process_column(text_column("proc.comm"), ProcessPart::kComm),
                      process_column(integer_column("proc.pid"), ProcessPart::kPid),
                      process_column(integer_column("proc.start_time"), ProcessPart::kStartTime)};
    return schema;
  }
  static Column enum_column(const std::string& name, const std::string& type) {
    Column column = integer_column(name, Meaning::kEnum);
    column.type_name = type;
    return column;
  }
  static EventSchema calls_schema(bool values) {
    EventSchema schema;
    schema.gadget = "advise_seccomp";
    schema.data_source = values ? "arguments" : "syscalls";
    schema.view = values ? "advise_seccomp_arguments" : "advise_seccomp";
    schema.kind = EventSchema::Kind::kMap;
    schema.columns = {enum_column("arch_raw", "syscall_arch"), enum_column("phase_raw", "phase"),
                      integer_column("syscall_raw", Meaning::kSyscall)};
    if (values) {
      for (const char* name : {"argument", "value", "other"}) {
        schema.columns.push_back(integer_column(name));
      }
    }
    for (auto& column : schema.columns) column.key = true;
    schema.columns.push_back(integer_column("count"));
    schema.columns.push_back(integer_column("first_raw", Meaning::kTimestamp));
    schema.columns.push_back(integer_column("last_raw", Meaning::kTimestamp));
    schema.enums = {{"syscall_arch", {{1, "x86_64"}}}, {"phase", {{4, "steady"}}}};
    return schema;
  }

  EventSchema exec_ = exec_schema(), calls_ = calls_schema(false), values_ = calls_schema(true);
  std::unique_ptr<SessionWriter> writer_;
};

}  // namespace ig
