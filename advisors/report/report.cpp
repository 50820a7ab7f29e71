// SPDX-License-Identifier: Apache-2.0
#include "advisors/report/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <ctime>
#include <set>

#include "advisors/advice_text.h"
#include "advisors/report/kinds.h"
#include "advisors/report/source.h"
#include "base/check.h"
#include "base/text.h"

namespace ig::report {
namespace {

// One line a kind, in the order of the help and of a page.
const std::vector<Kind>& table() {
  static const std::vector<Kind> kKinds = {
      {"block-io",
       "Block I/O",
       "latency of disks by device and operation",
       {"profile_blockio", "top_blockio"},
       fill_block_io},
      {"cpu", "CPU", "where CPU time went: a flame graph", {"profile_cpu"}, fill_cpu},
      {"tcp",
       "TCP",
       "round trips, connects, retransmits, drops",
       {"profile_tcprtt", "trace_tcpconnlat", "trace_tcpconnect", "trace_tcpretrans",
        "trace_tcpdrop"},
       fill_tcp},
      {"dns", "DNS", "latency, failures and names of look-ups", {"trace_dns"}, fill_dns},
      {"exec", "Programs", "what was executed, as a tree of processes", {"trace_exec"}, fill_exec},
      {"files",
       "Files",
       "most opened, most read and written, slow operations",
       {"trace_open", "top_file", "trace_fsslower"},
       fill_files},
      {"syscalls",
       "System calls",
       "calls by workload and phase; calls that filters denied",
       {"advise_seccomp", "audit_seccomp"},
       fill_syscalls},
      {"capabilities",
       "Capabilities",
       "capabilities that were asked for, and by whom",
       {"trace_capabilities"},
       fill_capabilities},
      {"oom", "Out of memory", "processes killed for want of memory", {"trace_oomkill"}, fill_oom},
      {"network", "Network", "who talked to whom", {"advise_networkpolicy"}, fill_network},
      {"top",
       "Top",
       "processes, files and connections that used most",
       {"profile_cpu", "top_file", "top_tcp", "top_blockio", "bpfstats"},
       fill_top},
  };
  return kKinds;
}

std::string how_to_record(const Kind& kind) {
  return fmt::format("not recorded: ig record --gadgets +{} records it, and so does --preset all",
                     fmt::join(kind.gadgets, ",+"));
}

std::string loss_text(const Loss& loss) {
  const auto who = loss.gadget.empty() ? "the recorder" : loss.gadget;
  const auto detail = loss.detail.empty() ? "" : ": " + loss.detail;
  if (loss.count == 0) return fmt::format("{}: {}{}", who, to_string(loss.kind), detail);
  return fmt::format("{} lost {} ({}){}", who, count_text(loss.count, "event"),
                     to_string(loss.kind), detail);
}

// What its gadgets lost, and what the rung that a gadget ran on cannot fill.
void add_gaps(const Source& source, const Kind& kind, Section& section) {
  for (const auto& loss : source.losses()) {
    if (!loss.gadget.empty() && std::ranges::count(kind.gadgets, loss.gadget) == 0) continue;
    const bool chosen = loss.workload == 0 ||
                        std::ranges::count(source.workloads(), loss.workload, &Workload::id) > 0;
    if (chosen) section.notes.push_back(loss_text(loss));
  }
  for (const auto& run : source.runs()) {
    if (std::ranges::count(kind.gadgets, run.gadget) == 0) continue;
    for (const auto& program : run.programs) {
      if (program.attached || program.leaves_empty.empty()) continue;
      section.notes.push_back(fmt::format("{} could not fill {}: {}", run.gadget,
                                          program.leaves_empty, program.reason));
    }
  }
}

Result<Section> make_section(Source& source, const Kind& kind) {
  Section section{std::string(kind.name), std::string(kind.title)};
  section.recorded = std::ranges::any_of(
      kind.gadgets, [&](std::string_view gadget) { return source.ran(gadget); });
  if (!section.recorded) {
    section.headline = how_to_record(kind);
    return section;
  }
  IG_TRY(kind.fill(source, section));
  if (section.headline.empty()) section.headline = "nothing of it happened";
  std::ranges::move(source.take_notes(), std::back_inserter(section.notes));
  add_gaps(source, kind, section);
  return section;
}

// What each kind says in one line.
Table said_by(std::span<const Section> sections) {
  Table said{"Reports (ig report KIND FILE)", {{"kind"}, {"says"}}, {}};
  for (const auto& section : sections) said.rows.push_back({section.kind, section.headline});
  return said;
}

std::optional<std::int64_t> date_ns(std::string_view text) {
  std::tm tm{};
  const std::string whole(text);
  const char* end = ::strptime(whole.c_str(), "%Y-%m-%dT%H:%M:%S", &tm);
  if (end == nullptr) return {};
  std::string_view rest(end);
  std::int64_t ns = 0;
  if (rest.starts_with('.')) {
    std::int64_t digit = 100'000'000;
    for (rest.remove_prefix(1); !rest.empty() && rest[0] >= '0' && rest[0] <= '9'; digit /= 10) {
      ns += (rest[0] - '0') * digit;
      rest.remove_prefix(1);
    }
  }
  if (rest != "Z" && !rest.empty()) return {};
  constexpr std::int64_t kLast = 4'000'000'000;  // seconds: in the year 2096
  const auto seconds = ::timegm(&tm);
  if (seconds < 0 || seconds > kLast) return {};
  return seconds * 1'000'000'000 + ns;
}

}  // namespace

std::span<const Kind> kinds() { return table(); }

const Kind* find_kind(std::string_view name) {
  const auto found = std::ranges::find(table(), name, &Kind::name);
  return found == table().end() ? nullptr : &*found;
}

Result<Report> make_report(const Recording& recording, std::string_view name,
                           const Question& question) {
  auto asked = question;
  asked.only_headlines = name == kOverview;
  IG_ASSIGN(auto source, Source::open(recording, asked));
  Report report{recording.name, source.info(), {}};
  if (const auto* kind = find_kind(name)) {
    IG_ASSIGN(auto section, make_section(source, *kind));
    report.sections.push_back(std::move(section));
    return report;
  }
  IG_CHECK(name == kOverview);
  std::vector<Section> sections;
  for (const auto& kind : kinds()) {
    IG_ASSIGN(auto section, make_section(source, kind));
    sections.push_back(std::move(section));
  }
  IG_ASSIGN(auto overview, overview_section(source));
  overview.blocks.insert(overview.blocks.end() - 1, said_by(sections));
  report.sections.push_back(std::move(overview));
  return report;
}

Result<Report> make_full_report(const Recording& recording, const Question& question) {
  IG_ASSIGN(auto source, Source::open(recording, question));
  Report report{recording.name, source.info(), {}};
  std::vector<Section> sections;
  for (const auto& kind : kinds()) {
    IG_ASSIGN(auto section, make_section(source, kind));
    sections.push_back(std::move(section));
  }
  IG_ASSIGN(auto overview, overview_section(source));
  report.sections.push_back(std::move(overview));
  IG_ASSIGN(auto policies, policies_section(source));
  report.sections.push_back(std::move(policies));
  std::ranges::move(sections, std::back_inserter(report.sections));
  return report;
}

Result<Moment> parse_moment(std::string_view text) {
  if (const auto ns = date_ns(text)) return Moment{false, *ns};
  if (const auto duration = parse_duration(text)) return Moment{true, duration->count()};
  return fail(ErrorCode::kUsage, fmt::format("'{}' is not a time", text),
              "write 2025-11-03T14:00:00Z, or 90s for a time after the recording's beginning");
}

}  // namespace ig::report
