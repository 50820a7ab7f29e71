// SPDX-License-Identifier: Apache-2.0
#include "store/core_rows.h"

#include <nlohmann/json.hpp>

namespace ig {
namespace {

std::string json_of(const std::map<std::string, std::string>& labels) {
  return nlohmann::json(labels).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// Binds its arguments to parameters 1, 2, … and runs. Texts must outlive the call.
template <typename... Args>
Result<> run_with(Database& database, std::string_view sql, const Args&... args) {
  IG_ASSIGN(auto statement, database.prepare(sql));
  int parameter = 0;
  const auto bind = [&](const auto& value) {
    if constexpr (std::is_integral_v<std::decay_t<decltype(value)>>) {
      statement.bind(++parameter, static_cast<std::int64_t>(value));
    } else {
      statement.bind(++parameter, std::string_view(value));
    }
  };
  (bind(args), ...);
  return statement.run();
}

}  // namespace

Result<> insert_session(Database& database, const SessionInfo& s) {
  return run_with(database, R"(
    INSERT INTO session (id, complete, end_reason, started_ns, ended_ns, clock_offset_ns,
      tool_version, host_name, kernel_release, architecture, command_line, boot_id, machine_id,
      btf, preset, selectors, backend)
    VALUES (1, 0, '', ?, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?))",
                  s.started_ns, s.clock_offset_ns, s.tool_version, s.host_name, s.kernel_release,
                  s.architecture, s.command_line, s.boot_id, s.machine_id, s.btf, s.preset,
                  s.selectors, s.backend);
}

Result<> finish_session(Database& database, const std::string& end_reason, bool complete,
                        std::int64_t ended_ns) {
  return run_with(database, "UPDATE session SET complete = ?, end_reason = ?, ended_ns = ?",
                  complete, end_reason, ended_ns);
}

Result<> insert_gadget_run(Database& database, const GadgetRun& run) {
  IG_TRY(run_with(database, R"(
    INSERT INTO gadget_run (gadget, origin, backend, variant, parameters, ring_bytes)
    VALUES (?, ?, ?, ?, ?, ?))",
                  run.gadget, run.origin, run.backend, run.variant, run.parameters,
                  run.ring_bytes));
  const std::int64_t id = sqlite3_last_insert_rowid(database.get());
  int position = 0;
  for (const auto& program : run.programs) {
    IG_TRY(run_with(database, R"(
      INSERT INTO gadget_program
        (gadget_run_id, position, name, section, attached, reason, leaves_empty)
      VALUES (?, ?, ?, ?, ?, ?, ?))",
                    id, position++, program.name, program.section, program.attached, program.reason,
                    program.leaves_empty));
  }
  return {};
}

Result<> upsert_workload(Database& database, const Workload& w) {
  return run_with(database, R"(
    INSERT OR REPLACE INTO workload (id, kind, name, runtime, container_id, image, bundle,
      no_new_privileges, has_seccomp, kube_namespace, pod, pod_uid, container, labels, cgroup_path,
      mntns_id, mntns_gen, cgroup_id, netns_id, pid, first_seen_ns, last_seen_ns, partial,
      exit_known)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?))",
                  w.id, to_string(w.kind), w.name, w.runtime, w.container_id, w.image, w.bundle,
                  w.no_new_privileges, w.has_seccomp, w.kube_namespace, w.pod, w.pod_uid,
                  w.container, json_of(w.labels), w.cgroup_path, w.mntns_id, w.mntns_gen,
                  w.cgroup_id, w.netns_id, w.pid, w.first_seen_ns, w.last_seen_ns, w.partial,
                  w.exit_known);
}

Result<> insert_loss(Database& database, const Loss& loss) {
  return run_with(database, R"(
    INSERT INTO loss (gadget, kind, workload_id, count, from_ns, to_ns, detail)
    VALUES (?, ?, ?, ?, ?, ?, ?))",
                  loss.gadget, to_string(loss.kind), loss.workload, loss.count, loss.from_ns,
                  loss.to_ns, loss.detail);
}

}  // namespace ig
