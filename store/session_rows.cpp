// SPDX-License-Identifier: Apache-2.0
#include "store/session_rows.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

namespace ig {
namespace {

std::map<std::string, std::string> labels_of(const std::string& json) {
  // A damaged cell is a workload without labels, not a session that cannot be read.
  const auto parsed = nlohmann::json::parse(json, nullptr, false);
  std::map<std::string, std::string> labels;
  if (!parsed.is_object()) return labels;
  for (const auto& [key, value] : parsed.items()) {
    if (value.is_string()) labels[key] = value.get<std::string>();
  }
  return labels;
}

WorkloadKind workload_kind(const std::string& name) {
  using enum WorkloadKind;
  for (const auto kind : {kUnit, kContainer, kCommand}) {
    if (name == to_string(kind)) return kind;
  }
  return kHost;
}

Loss::Kind loss_kind(const std::string& name) {
  using enum Loss::Kind;
  for (const auto kind : {kRingFull, kMapFull, kSkipped, kNotAttached, kDetached, kUnresolved,
                          kWriterFailed, kBackendLimit, kPruned}) {
    if (name == to_string(kind)) return kind;
  }
  return kMalformed;
}

// The name of a number in the column that is called `display_name`.
std::string name_of(const EventSchema& schema, std::string_view display_name, std::int64_t value) {
  const auto column = std::ranges::find_if(
      schema.columns, [&](const Column& c) { return c.display_name() == display_name; });
  return column == schema.columns.end() ? std::to_string(value) : enum_text(schema, *column, value);
}

}  // namespace

SessionInfo session_of(const Statement& row) {
  SessionInfo info;
  int column = 0;
  for (std::string* text : {&info.tool_version, &info.host_name, &info.kernel_release,
                            &info.architecture, &info.command_line, &info.boot_id, &info.machine_id,
                            &info.btf, &info.preset, &info.selectors, &info.backend}) {
    *text = row.text(column++);
  }
  info.started_ns = row.integer(column++);
  info.ended_ns = row.integer(column++);
  info.clock_offset_ns = row.integer(column++);
  info.complete = row.integer(column++) != 0;
  info.end_reason = row.text(column++);
  info.merged_from = row.text(column);
  return info;
}

Workload workload_of(const Statement& row) {
  Workload w;
  int column = 0;
  w.id = row.integer(column++);
  w.kind = workload_kind(row.text(column++));
  for (std::string* text : {&w.name, &w.runtime, &w.container_id, &w.image, &w.bundle}) {
    *text = row.text(column++);
  }
  w.no_new_privileges = row.integer(column++) != 0;
  w.has_seccomp = row.integer(column++) != 0;
  for (std::string* text : {&w.kube_namespace, &w.pod, &w.pod_uid, &w.container}) {
    *text = row.text(column++);
  }
  w.labels = labels_of(row.text(column++));
  w.cgroup_path = row.text(column++);
  for (std::uint64_t* number : {&w.mntns_id, &w.mntns_gen, &w.cgroup_id, &w.netns_id}) {
    *number = row.unsigned_integer(column++);
  }
  for (std::int64_t* number : {&w.pid, &w.first_seen_ns, &w.last_seen_ns}) {
    *number = row.integer(column++);
  }
  w.partial = row.integer(column++) != 0;
  w.exit_known = row.integer(column++) != 0;
  w.recording = row.integer(column);
  return w;
}

GadgetRun gadget_run_of(const Statement& row) {
  return {.gadget = row.text(1),
          .origin = row.text(2),
          .backend = row.text(3),
          .variant = row.text(4),
          .parameters = row.text(5),
          .ring_bytes = row.unsigned_integer(6),
          .programs = {},
          .recording = row.integer(7)};
}

GadgetRun::Program program_of(const Statement& row) {
  return {.name = row.text(0),
          .section = row.text(1),
          .attached = row.integer(2) != 0,
          .reason = row.text(3),
          .leaves_empty = row.text(4)};
}

Loss loss_of(const Statement& row) {
  return {.gadget = row.text(0),
          .kind = loss_kind(row.text(1)),
          .workload = row.integer(2),
          .count = row.unsigned_integer(3),
          .from_ns = row.integer(4),
          .to_ns = row.integer(5),
          .detail = row.text(6)};
}

SyscallUse syscall_use_of(const EventSchema& schema, const Statement& row) {
  return {.arch = name_of(schema, "arch", row.integer(0)),
          .phase = name_of(schema, "phase", row.integer(1)),
          .number = row.integer(2),
          .count = row.unsigned_integer(3),
          .first_ns = row.integer(4),
          .last_ns = row.integer(5)};
}

SyscallArgumentUse syscall_argument_use_of(const EventSchema& schema, const Statement& row) {
  return {.arch = name_of(schema, "arch", row.integer(0)),
          .phase = name_of(schema, "phase", row.integer(1)),
          .number = row.integer(2),
          .index = static_cast<unsigned>(row.integer(3)),
          .value = row.unsigned_integer(4),
          .other = row.integer(5) != 0,
          .count = row.unsigned_integer(6),
          .first_ns = row.integer(7),
          .last_ns = row.integer(8)};
}

SetupMark setup_mark_of(const EventSchema& schema, const Statement& row) {
  return {.mark = name_of(schema, "mark", row.integer(0)),
          .first_ns = row.integer(1),
          .last_ns = row.integer(2)};
}

CapabilityUse capability_use_of(const EventSchema& schema, const Statement& row) {
  CapabilityUse use;
  use.capability = name_of(schema, "cap", row.integer(0));
  use.granted = row.integer(1) != 0;
  use.audit = static_cast<int>(row.integer(2));
  use.effective = row.unsigned_integer(3);
  use.current_userns = row.unsigned_integer(4);
  use.target_userns = row.unsigned_integer(5);
  use.mntns_userns = row.unsigned_integer(6);
  use.mntns_id = row.unsigned_integer(7);
  use.program_mntns = row.unsigned_integer(8);
  use.arch = name_of(schema, "arch", row.integer(9));
  use.syscall = row.integer(10);
  use.uid = static_cast<std::uint32_t>(row.integer(11));
  use.comm = row.text(12);
  use.kernel_stack = row.text(13);
  use.count = row.unsigned_integer(14);
  use.first_ns = row.integer(15);
  use.last_ns = row.integer(16);
  return use;
}

Translation translation_of(const EventSchema& schema, const Statement& row) {
  return {.protocol = name_of(schema, "dialed.proto", row.integer(0)),
          .source = row.text(1),
          .dialed = row.text(2),
          .backend = row.text(4),
          .dialed_port = static_cast<std::uint16_t>(row.integer(3)),
          .backend_port = static_cast<std::uint16_t>(row.integer(5)),
          .count = row.unsigned_integer(6),
          .first_ns = row.integer(7),
          .last_ns = row.integer(8)};
}

Flow flow_of(const EventSchema& schema, const Statement& row) {
  Flow flow;
  flow.egress = row.integer(0) != 0;
  flow.protocol = name_of(schema, "endpoint.proto", row.integer(1));
  flow.peer = row.text(2);
  flow.port = static_cast<std::uint16_t>(row.integer(3));
  flow.error = name_of(schema, "error", row.integer(4));
  flow.netns_id = row.unsigned_integer(5);
  flow.count = row.unsigned_integer(6);
  flow.bytes_sent = row.unsigned_integer(7);
  flow.bytes_received = row.unsigned_integer(8);
  flow.first_ns = row.integer(9);
  flow.last_ns = row.integer(10);
  flow.before_start = row.integer(11) != 0;
  flow.process = row.text(12);
  return flow;
}

}  // namespace ig
