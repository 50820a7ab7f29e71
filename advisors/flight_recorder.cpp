// SPDX-License-Identifier: Apache-2.0
#include "advisors/flight_recorder.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <map>

namespace ig {
namespace {

constexpr std::string_view kView = "traceloop", kRingsView = "traceloop_rings";
constexpr std::int64_t kMostErrno = 4095;  // the kernel's MAX_ERRNO

Result<bool> has_view(SessionReader& session, std::string_view view) {
  IG_ASSIGN(const auto tables, session.tables());
  return std::ranges::count(tables, view, &TableInfo::view) > 0;
}

Result<std::map<WorkloadId, std::string>> names_of(SessionReader& session,
                                                   const Selector& selector) {
  IG_ASSIGN(const auto workloads, session.workloads(selector));
  std::map<WorkloadId, std::string> names;
  for (const Workload& workload : workloads) names[workload.id] = workload.name;
  return names;
}

std::string ids_text(const std::map<WorkloadId, std::string>& names) {
  std::string ids;
  for (const auto& [id, name] : names) ids += (ids.empty() ? "" : ",") + std::to_string(id);
  return ids;
}

// The thread's own pid and name, where the selection is about processes.
bool is_chosen(const Selector& selector, const FlightCall& call) {
  const auto named = [&](const std::string& pattern) {
    return ::fnmatch(pattern.c_str(), std::string(call.comm).c_str(), 0) == 0;
  };
  const bool comm = selector.comm.empty() || std::ranges::any_of(selector.comm, named);
  return comm && (selector.pid.empty() || std::ranges::count(selector.pid, call.pid) > 0);
}

bool is_chosen(const FlightQuestion& question, const FlightCall& call) {
  if (question.only_failed && !call.failed) return false;
  if (question.from_ns && call.begin_ns < *question.from_ns) return false;
  if (question.to_ns && call.begin_ns > *question.to_ns) return false;
  if (!question.calls.empty() && !question.calls.contains(std::string(call.name))) return false;
  return is_chosen(question.selector, call);
}

std::string calls_sql(const std::string& workloads) {
  return fmt::format(R"(
    SELECT r.workload_id, r.timestamp_raw, r.duration, p.pid, r.tid, r.cpu, p.comm,
      coalesce((SELECT name FROM syscall_name s WHERE s.number = r.syscall_raw AND s.arch =
        (SELECT name FROM enum_name WHERE enum = 'traceloop.syscall_arch' AND value = r.arch_raw)),
        'syscall_' || r.syscall_raw),
      r.parameters, r.ret, r.finished, r.retval
    FROM traceloop_rows r LEFT JOIN process p ON p.id = r.process_id
    WHERE r.workload_id IN ({}) ORDER BY r.timestamp_raw, r.tid, r.seq)",
                     workloads);
}

FlightCall call_of(std::span<const Value> row, const std::map<WorkloadId, std::string>& names) {
  FlightCall call;
  const auto workload = names.find(row[0].integer);
  if (workload != names.end()) call.workload = workload->second;
  call.begin_ns = row[1].integer;
  call.duration_ns = std::max<std::int64_t>(row[2].integer, 0);
  call.pid = row[3].integer;
  call.tid = row[4].integer;
  call.cpu = row[5].integer;
  call.comm = row[6].text;
  call.name = row[7].text;
  call.parameters = row[8].text;
  call.result = row[9].text;
  call.finished = row[10].integer != 0;
  call.failed = call.finished && row[11].integer < 0 && row[11].integer >= -kMostErrno;
  return call;
}

}  // namespace

Result<> read_flight(const Recording& recording, const FlightQuestion& question,
                     const std::function<bool(const FlightCall&)>& on_call) {
  SessionReader& session = *recording.session;
  IG_ASSIGN(const bool there, has_view(session, kView));
  if (!there) {
    return fail(ErrorCode::kNotFound, fmt::format("no flight recorder ran in {}", recording.name),
                "ig record --gadgets +traceloop");
  }
  IG_ASSIGN(const auto names, names_of(session, question.selector));
  return session.scan(calls_sql(ids_text(names)), [&](std::span<const Value> row) {
    const FlightCall call = call_of(row, names);
    return !is_chosen(question, call) || on_call(call);
  });
}

Result<std::vector<FlightRing>> read_flight_rings(const Recording& recording,
                                                  const Selector& selector) {
  SessionReader& session = *recording.session;
  std::vector<FlightRing> rings;
  IG_ASSIGN(const bool there, has_view(session, kRingsView));
  if (!there) return rings;
  IG_ASSIGN(const auto names, names_of(session, selector));
  IG_TRY(session.scan(
      fmt::format("SELECT workload_id, sum(recorded), sum(overwritten) FROM traceloop_rings_rows "
                  "WHERE workload_id IN ({}) GROUP BY workload_id",
                  ids_text(names)),
      [&](std::span<const Value> row) {
        const auto count = [](const Value& cell) {
          return static_cast<std::uint64_t>(std::max<std::int64_t>(cell.integer, 0));
        };
        const auto name = names.find(row[0].integer);
        if (name != names.end()) rings.push_back({name->second, count(row[1]), count(row[2])});
        return true;
      }));
  std::ranges::sort(rings, {}, &FlightRing::workload);
  return rings;
}

}  // namespace ig
