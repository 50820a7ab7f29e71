// SPDX-License-Identifier: Apache-2.0
#include "reporters/session_overview.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/clock.h"
#include "base/text.h"
#include "reporters/text_table.h"

namespace ig {
namespace {

std::string length_text(const SessionInfo& info) {
  if (info.ended_ns == 0) return "-";
  return format_duration(std::chrono::nanoseconds(info.ended_ns - info.started_ns));
}

std::string end_text(const SessionInfo& info) {
  if (info.complete) return info.end_reason;
  return info.end_reason.empty() ? "incomplete" : "incomplete: " + info.end_reason;
}

std::string window_text(const SessionInfo& info) {
  const auto started = format_time(info.started_ns);
  if (info.ended_ns == 0) return started + " until the recorder was cut off: incomplete";
  return fmt::format("{} to {}, {} ({})", started, format_time(info.ended_ns), length_text(info),
                     end_text(info));
}

void fact(std::string& out, std::string_view name, std::string_view value) {
  if (!value.empty()) out += fmt::format("  {:<10}{}\n", name, printable(value));
}

std::string head_text(const SessionOverview& overview, const Style& style) {
  const auto& info = overview.info;
  auto out = fmt::format("{} {} ({})\n", style.bold("Session"), printable(overview.file),
                         format_size(overview.file_bytes));
  fact(out, "recorded", window_text(info));
  fact(out, "host",
       fmt::format("{}, Linux {}, {}", info.host_name, info.kernel_release, info.architecture));
  fact(out, "recorder", fmt::format("ig {}, backend {}", info.tool_version, info.backend));
  fact(out, "preset", info.preset);
  fact(out, "selectors", info.selectors);
  if (overview.recordings.size() < 2) fact(out, "command", info.command_line);
  return out;
}

std::string section(std::string_view title, const TextTable& table, const Style& style) {
  return fmt::format("\n{}\n{}", style.bold(title), table.render(style, 2));
}

std::string recordings_text(const SessionOverview& overview, const Style& style) {
  if (overview.recordings.size() < 2) return {};
  TextTable table({{"ID", Align::kRight},
                   {"NAME"},
                   {"HOST"},
                   {"KERNEL"},
                   {"STARTED"},
                   {"LENGTH", Align::kRight},
                   {"END"},
                   {"COMMAND", Align::kLeft, true}});
  std::size_t id = 0;
  for (const auto& one : overview.recordings) {
    table.add({std::to_string(++id), one.merged_from, one.host_name, one.kernel_release,
               format_time(one.started_ns), length_text(one), end_text(one), one.command_line});
  }
  return section(fmt::format("Recordings ({})", overview.recordings.size()), table, style);
}

// Empty, and with it the column, where there is but one.
std::string recording_text(const SessionOverview& overview, std::int64_t recording) {
  return overview.recordings.size() < 2 ? "" : std::to_string(recording);
}

std::string gadgets_text(const SessionOverview& overview, const Style& style) {
  TextTable table({{"RECORDING", Align::kRight, true},
                   {"GADGET"},
                   {"RUNG", Align::kLeft, true},
                   {"PROGRAMS", Align::kRight},
                   {"RING", Align::kRight, true},
                   {"ORIGIN"},
                   {"PARAMETERS", Align::kLeft, true}});
  std::string misses;
  for (const auto& run : overview.gadgets) {
    const auto attached = std::ranges::count(run.programs, true, &GadgetRun::Program::attached);
    table.add({recording_text(overview, run.recording), run.gadget, run.variant,
               std::to_string(attached), run.ring_bytes == 0 ? "" : format_size(run.ring_bytes),
               run.origin, run.parameters});
    for (const auto& program : run.programs) {
      if (program.attached) continue;
      misses += printable(
          fmt::format("  {}: {} ({}) is not attached: {}{}{}", run.gadget, program.name,
                      program.section, program.reason,
                      program.leaves_empty.empty() ? "" : "; stays empty: ", program.leaves_empty));
      misses += '\n';
    }
  }
  return section("Gadgets", table, style) + misses;
}

std::string kube_text(const Workload& workload) {
  if (workload.pod.empty()) return {};
  return fmt::format("{}/{}/{}", workload.kube_namespace, workload.pod, workload.container);
}

std::string workloads_text(const SessionOverview& overview, const Style& style) {
  TextTable table({{"ID", Align::kRight},
                   {"RECORDING", Align::kRight, true},
                   {"KIND"},
                   {"NAME"},
                   {"RUNTIME", Align::kLeft, true},
                   {"IMAGE", Align::kLeft, true},
                   {"POD", Align::kLeft, true},
                   {"SEEN FOR", Align::kRight},
                   {"ITS START"}});
  for (const auto& workload : overview.workloads) {
    const auto seen = std::chrono::nanoseconds(workload.last_seen_ns - workload.first_seen_ns);
    table.add({std::to_string(workload.id), recording_text(overview, workload.recording),
               to_string(workload.kind), workload.name, workload.runtime, workload.image,
               kube_text(workload), format_duration(seen), workload.partial ? "not seen" : "seen"});
  }
  const auto title = fmt::format("Workloads ({})", format_count(overview.workloads.size()));
  return section(title, table, style);
}

std::string tables_text(const SessionOverview& overview, const Style& style) {
  TextTable table({{"TABLE"}, {"ROWS", Align::kRight}, {"HOLDS", Align::kLeft, true}});
  for (const auto& info : overview.tables) {
    table.add({info.view, format_count(info.rows), info.description});
  }
  return section("Tables (ig session query FILE 'SELECT * FROM …')", table, style);
}

std::string losses_text(const SessionOverview& overview, const Style& style) {
  if (overview.losses.empty()) {
    return fmt::format("\n{} none\n", style.bold("Losses"));
  }
  TextTable table({{"GADGET"},
                   {"LOSS"},
                   {"COUNT", Align::kRight},
                   {"WORKLOAD", Align::kRight},
                   {"BETWEEN"},
                   {"DETAIL", Align::kLeft, true}});
  for (const auto& loss : overview.losses) {
    table.add({loss.gadget, to_string(loss.kind), format_count(loss.count),
               loss.workload == 0 ? "any" : std::to_string(loss.workload),
               loss.from_ns == 0 ? ""
                                 : format_time(loss.from_ns).substr(11, 8) + "-" +
                                       format_time(loss.to_ns).substr(11),
               loss.detail});
  }
  return section("Losses", table, style);
}

std::string enrichments_text(const SessionOverview& overview, const Style& style) {
  if (overview.enrichments.empty()) return {};
  TextTable table({{"FROM"}, {"FILE"}, {"DENIED CALLS", Align::kRight}, {"ADDED"}});
  for (const auto& one : overview.enrichments) {
    table.add({one.kind, one.source, format_count(one.calls), format_time(one.added_ns)});
  }
  return section("Learned after the recording", table, style);
}

}  // namespace

std::uint64_t SessionOverview::rows() const {
  std::uint64_t sum = 0;
  for (const auto& table : tables) sum += table.rows;
  return sum;
}

Result<SessionOverview> read_overview(SessionReader& session, const std::string& file,
                                      const Selector& selector) {
  SessionOverview overview;
  overview.file = file;
  std::error_code ignored;
  overview.file_bytes = std::filesystem::file_size(file, ignored);
  IG_ASSIGN(overview.info, session.info());
  IG_ASSIGN(overview.recordings, session.recordings());
  IG_ASSIGN(overview.gadgets, session.gadget_runs());
  IG_ASSIGN(overview.workloads, session.workloads(selector));
  IG_ASSIGN(overview.tables, session.tables());
  IG_ASSIGN(overview.losses, session.losses());
  IG_ASSIGN(overview.enrichments, session.enrichments());
  return overview;
}

std::string overview_text(const SessionOverview& overview, const Style& style) {
  return head_text(overview, style) + recordings_text(overview, style) +
         gadgets_text(overview, style) + workloads_text(overview, style) +
         tables_text(overview, style) + losses_text(overview, style) +
         enrichments_text(overview, style);
}

std::string session_list_text(const std::vector<SessionOverview>& sessions, const Style& style) {
  TextTable table({{"FILE"},
                   {"STARTED"},
                   {"LENGTH", Align::kRight},
                   {"HOST"},
                   {"PRESET"},
                   {"WORKLOADS", Align::kRight},
                   {"ROWS", Align::kRight},
                   {"SIZE", Align::kRight},
                   {"END"}});
  for (const auto& one : sessions) {
    table.add({one.file, format_time(one.info.started_ns), length_text(one.info),
               one.info.host_name, one.info.preset, format_count(one.workloads.size()),
               format_count(one.rows()), format_size(one.file_bytes), end_text(one.info)});
  }
  return table.render(style);
}

}  // namespace ig
