// SPDX-License-Identifier: Apache-2.0
// The session itself: when, where and how it was recorded, who was seen, what happened when, and
// what was lost.
#include <fmt/format.h>

#include <chrono>

#include "advisors/report/kinds.h"
#include "advisors/report/measures.h"
#include "advisors/report/timed.h"
#include "base/clock.h"
#include "base/text.h"

namespace ig::report {
namespace {

constexpr std::size_t kMostSeries = 12;

std::string window(const SessionInfo& info) {
  if (info.ended_ns == 0) {
    return format_time(info.started_ns) + " until the recorder was cut off: incomplete";
  }
  const auto length = std::chrono::nanoseconds(info.ended_ns - info.started_ns);
  return fmt::format("{} to {}, {} ({}{})", format_time(info.started_ns),
                     format_time(info.ended_ns), format_duration(length),
                     info.complete ? "" : "incomplete: ", info.end_reason);
}

Facts facts_of(const Source& source) {
  const auto& info = source.info();
  Facts facts;
  const auto add = [&](const char* name, std::string value) {
    if (!value.empty()) facts.lines.emplace_back(name, std::move(value));
  };
  add("recorded", window(info));
  if (source.question().since || source.question().until) {
    add("shown", fmt::format("{} to {}", format_time_precise(source.from_ns()),
                             format_time_precise(source.to_ns())));
  }
  add("host",
      fmt::format("{}, Linux {}, {}", info.host_name, info.kernel_release, info.architecture));
  add("recorder", fmt::format("ig {}, backend {}, {} gadgets", info.tool_version, info.backend,
                              source.runs().size()));
  add("preset", info.preset);
  add("selectors", info.selectors);
  add("command", info.command_line);
  return facts;
}

struct Happened {
  std::map<std::string, std::vector<std::uint64_t>> slices;  // by view
  std::map<WorkloadId, std::uint64_t> by_workload;
};

// One pass over each table that has times.
Result<Happened> read_events(Source& source) {
  Happened happened;
  for (const auto& [name, schema] : source.schemas()) {
    if (!has_column(schema, "timestamp_raw")) continue;
    std::vector<std::uint64_t> counts(source.question().slices);
    std::uint64_t all = 0;
    // A process does many things in a row.
    WorkloadId last = 0;
    auto* events = &happened.by_workload[last];
    IG_TRY(source.each(fmt::format("SELECT r.timestamp_raw, r.workload_id FROM \"{}_rows\" r "
                                   "WHERE {}",
                                   name, source.where(schema)),
                       [&](const Row& row) {
                         ++counts[source.slice_of(row.integer(0))];
                         if (row.integer(1) != last) {
                           last = row.integer(1);
                           events = &happened.by_workload[last];
                         }
                         ++*events;
                         ++all;
                       }));
    if (all > 0) happened.slices.emplace(name, std::move(counts));
  }
  return happened;
}

std::uint64_t sum(const std::vector<std::uint64_t>& counts) {
  std::uint64_t all = 0;
  for (const auto count : counts) all += count;
  return all;
}

Timeline timeline_of(const Source& source, const Happened& happened) {
  Timeline timeline{"Events", source.from_ns(), source.to_ns(), {}, {}};
  for (const auto& [name, counts] : happened.slices) timeline.series.push_back({name, counts});
  std::ranges::stable_sort(
      timeline.series, [](const auto& a, const auto& b) { return sum(a.counts) > sum(b.counts); });
  if (timeline.series.size() > kMostSeries) {
    Timeline::Series others{"others", std::vector<std::uint64_t>(source.question().slices)};
    for (auto i = kMostSeries - 1; i < timeline.series.size(); ++i) {
      for (std::size_t slice = 0; slice < others.counts.size(); ++slice) {
        others.counts[slice] += timeline.series[i].counts[slice];
      }
    }
    timeline.series.resize(kMostSeries - 1);
    timeline.series.push_back(std::move(others));
  }
  for (const auto& loss : source.losses()) {
    if (loss.from_ns > 0 && loss.count > 0) {
      timeline.marks.push_back(
          {loss.from_ns, loss.to_ns,
           fmt::format("{}: {} lost ({})", loss.gadget, loss.count, to_string(loss.kind))});
    }
  }
  return timeline;
}

Cell seen_for(const Workload& workload) {
  std::int64_t ns = 0;
  if (__builtin_sub_overflow(workload.last_seen_ns, workload.first_seen_ns, &ns)) return {};
  return ns;
}

Table workload_table(const Source& source, const Happened& happened) {
  Table table{"Workloads",
              {{"workload"},
               {"kind"},
               {"image"},
               {"pod"},
               {"events", Unit::kCount},
               {"seen_for", Unit::kDuration},
               {"its_start"}},
              {}};
  for (const auto& workload : source.workloads()) {
    const auto events = happened.by_workload.find(workload.id);
    const auto pod = workload.pod.empty() ? ""
                                          : fmt::format("{}/{}/{}", workload.kube_namespace,
                                                        workload.pod, workload.container);
    table.rows.push_back({workload.name, std::string(to_string(workload.kind)), workload.image, pod,
                          cell(events == happened.by_workload.end() ? 0 : events->second),
                          seen_for(workload), std::string(workload.partial ? "not seen" : "seen")});
  }
  return table;
}

Table loss_table(const Source& source) {
  Table table{"Losses",
              {{"gadget"},
               {"loss"},
               {"count", Unit::kCount},
               {"from", Unit::kTime},
               {"to", Unit::kTime},
               {"detail"}},
              {}};
  for (const auto& loss : source.losses()) {
    const auto time = [](std::int64_t ns) { return ns == 0 ? Cell{} : Cell{ns}; };
    table.rows.push_back({loss.gadget.empty() ? "all" : loss.gadget,
                          std::string(to_string(loss.kind)), cell(loss.count), time(loss.from_ns),
                          time(loss.to_ns), loss.detail});
  }
  return table;
}

}  // namespace

Result<Section> overview_section(Source& source) {
  Section section{std::string(kOverview), "Overview"};
  section.blocks.emplace_back(facts_of(source));
  IG_ASSIGN(const auto happened, read_events(source));
  if (!happened.slices.empty()) section.blocks.emplace_back(timeline_of(source, happened));
  section.blocks.emplace_back(workload_table(source, happened));
  section.blocks.emplace_back(loss_table(source));
  source.take_notes();  // what is not in the selection has no line here
  std::uint64_t lost = 0;
  for (const auto& loss : source.losses()) lost += loss.count;
  section.headline = fmt::format(
      "{} workloads, {}", source.workloads().size(),
      source.losses().empty() ? "nothing lost" : fmt::format("{} events lost", format_count(lost)));
  return section;
}

}  // namespace ig::report
