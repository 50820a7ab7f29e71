// SPDX-License-Identifier: Apache-2.0
// The overview of a session for machines.
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "reporters/session_overview.h"

namespace ig {
namespace {

using Json = nlohmann::ordered_json;

Json time_json(std::int64_t wall_ns) {
  return wall_ns == 0 ? Json(nullptr) : Json(format_time_precise(wall_ns));
}

Json gadget_json(const GadgetRun& run) {
  auto programs = Json::array();
  for (const auto& program : run.programs) {
    programs.push_back({{"name", program.name},
                        {"section", program.section},
                        {"attached", program.attached},
                        {"reason", program.reason},
                        {"leaves_empty", program.leaves_empty}});
  }
  return {{"recording", run.recording},   {"gadget", run.gadget},   {"origin", run.origin},
          {"backend", run.backend},       {"variant", run.variant}, {"parameters", run.parameters},
          {"ring_bytes", run.ring_bytes}, {"programs", programs}};
}

Json workload_json(const Workload& workload) {
  return {{"id", workload.id},
          {"recording", workload.recording},
          {"kind", to_string(workload.kind)},
          {"name", workload.name},
          {"runtime", workload.runtime},
          {"container_id", workload.container_id},
          {"image", workload.image},
          {"bundle", workload.bundle},
          {"namespace", workload.kube_namespace},
          {"pod", workload.pod},
          {"container", workload.container},
          {"labels", workload.labels},
          {"cgroup_path", workload.cgroup_path},
          {"first_seen", time_json(workload.first_seen_ns)},
          {"last_seen", time_json(workload.last_seen_ns)},
          {"partial", workload.partial}};
}

Json loss_json(const Loss& loss) {
  return {{"gadget", loss.gadget}, {"kind", to_string(loss.kind)},    {"workload", loss.workload},
          {"count", loss.count},   {"from", time_json(loss.from_ns)}, {"to", time_json(loss.to_ns)},
          {"detail", loss.detail}};
}

Json enrichment_json(const Enrichment& one) {
  return {{"kind", one.kind},
          {"source", one.source},
          {"sha256", one.sha256},
          {"lines", one.lines},
          {"records", one.records},
          {"calls", one.calls},
          {"added", time_json(one.added_ns)}};
}

Json head_json(const SessionOverview& overview) {
  const auto& info = overview.info;
  return {{"file", overview.file},
          {"bytes", overview.file_bytes},
          {"complete", info.complete},
          {"started", time_json(info.started_ns)},
          {"ended", time_json(info.ended_ns)},
          {"end_reason", info.end_reason},
          {"host", info.host_name},
          {"kernel", info.kernel_release},
          {"architecture", info.architecture},
          {"tool_version", info.tool_version},
          {"backend", info.backend},
          {"preset", info.preset},
          {"selectors", info.selectors},
          {"command_line", info.command_line}};
}

Json recording_json(const SessionInfo& info) {
  return {{"name", info.merged_from},          {"host", info.host_name},
          {"machine_id", info.machine_id},     {"kernel", info.kernel_release},
          {"complete", info.complete},         {"started", time_json(info.started_ns)},
          {"ended", time_json(info.ended_ns)}, {"end_reason", info.end_reason}};
}

template <typename Items, typename ToJson>
Json array_of(const Items& items, ToJson to_json) {
  auto array = Json::array();
  for (const auto& item : items) array.push_back(to_json(item));
  return array;
}

}  // namespace

Json overview_json(const SessionOverview& overview) {
  auto json = head_json(overview);
  json["recordings"] = array_of(overview.recordings, recording_json);
  json["gadgets"] = array_of(overview.gadgets, gadget_json);
  json["workloads"] = array_of(overview.workloads, workload_json);
  json["tables"] = array_of(overview.tables, [](const TableInfo& table) {
    return Json{{"name", table.view}, {"rows", table.rows}, {"description", table.description}};
  });
  json["losses"] = array_of(overview.losses, loss_json);
  json["enrichments"] = array_of(overview.enrichments, enrichment_json);
  return json;
}

Json session_list_json(const std::vector<SessionOverview>& sessions) {
  return array_of(sessions, [](const SessionOverview& session) {
    auto json = head_json(session);
    json["workloads"] = session.workloads.size();
    json["rows"] = session.rows();
    return json;
  });
}

}  // namespace ig
