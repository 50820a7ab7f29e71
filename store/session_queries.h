// SPDX-License-Identifier: Apache-2.0
// The questions that SessionReader answers, as SQL: portable (a fleet's PostgreSQL will be asked
// the same), each with a full ORDER BY, so that the same session gives the same answer in the same
// order. Questions about a gadget's table are made from its schema, as the names of its columns
// are the gadget's.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "store/event_schema.h"

namespace ig::queries {

inline constexpr std::string_view kSession = R"(
  SELECT tool_version, host_name, kernel_release, architecture, command_line, boot_id, machine_id,
    btf, preset, selectors, backend, started_ns, ended_ns, clock_offset_ns, complete, end_reason,
    merged_from
  FROM session ORDER BY id)";

inline constexpr std::string_view kGadgetRuns = R"(
  SELECT id, gadget, origin, backend, variant, parameters, ring_bytes, session_id
  FROM gadget_run ORDER BY id)";

inline constexpr std::string_view kGadgetPrograms = R"(
  SELECT name, section, attached, reason, leaves_empty
  FROM gadget_program WHERE gadget_run_id = ? ORDER BY position)";

inline constexpr std::string_view kWorkloads = R"(
  SELECT id, kind, name, runtime, container_id, image, bundle, no_new_privileges, has_seccomp,
    kube_namespace, pod, pod_uid, container, labels, cgroup_path, mntns_id, mntns_gen, cgroup_id,
    netns_id, pid, first_seen_ns, last_seen_ns, partial, exit_known, session_id
  FROM workload ORDER BY id)";

inline constexpr std::string_view kProcessesOfWorkload = R"(
  SELECT DISTINCT comm, pid FROM process WHERE workload_id = ? ORDER BY comm, pid)";

inline constexpr std::string_view kLosses = R"(
  SELECT gadget, kind, workload_id, CAST(min(total(count), 9e18) AS INTEGER), min(from_ns),
    max(to_ns), detail
  FROM loss GROUP BY gadget, kind, workload_id, detail ORDER BY min(id))";

inline constexpr std::string_view kEnrichments = R"(
  SELECT kind, source, sha256, lines, records, tool_version, added_ns,
    (SELECT count(*) FROM denied_syscall WHERE enrichment_id = enrichment.id)
  FROM enrichment ORDER BY id)";

inline constexpr std::string_view kLearnedSyscalls = R"(
  SELECT arch, syscall, count(*), min(time_ns), max(time_ns), coalesce(source, '?')
  FROM denied_syscall LEFT JOIN enrichment ON enrichment.id = enrichment_id
  WHERE workload_id = ?
  GROUP BY arch, syscall, source ORDER BY arch, syscall, source)";

inline constexpr std::string_view kDataSources = R"(
  SELECT schema FROM data_source ORDER BY view)";

inline constexpr std::string_view kDataSourceOfView = R"(
  SELECT schema FROM data_source WHERE view = ?)";

std::string count_rows(std::string_view view);

// Views that advisors know, and the questions about one workload (the only parameter). An error
// where a gadget of that name has other columns, as somebody else's may.
inline constexpr std::string_view kSyscallsView = "advise_seccomp";
inline constexpr std::string_view kSyscallArgumentsView = "advise_seccomp_arguments";
inline constexpr std::string_view kMarksView = "advise_seccomp_marks";
inline constexpr std::string_view kCapabilitiesView = "trace_capabilities_uses";
inline constexpr std::string_view kFlowsView = "advise_networkpolicy";
inline constexpr std::string_view kNamesView = "trace_dns";
inline constexpr std::string_view kTranslationsView = "trace_dnat";

Result<std::string> syscalls(const EventSchema& schema);
Result<std::string> syscall_arguments(const EventSchema& schema);
Result<std::string> setup_marks(const EventSchema& schema);
Result<std::string> capabilities(const EventSchema& schema);
Result<std::string> flows(const EventSchema& schema);
Result<std::string> answers(const EventSchema& schema);
Result<std::string> translations(const EventSchema& schema);

}  // namespace ig::queries
