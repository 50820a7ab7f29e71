// SPDX-License-Identifier: Apache-2.0
#include "advisors/session_diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "advisors/advice_text.h"
#include "advisors/network/drafts/policy_draft.h"
#include "advisors/network/resolver/traffic_resolver.h"
#include "store/syscall_table.h"

namespace ig {
namespace {

using Facts = std::map<std::string, std::uint64_t>;  // what, and how often
using Subjects = std::map<std::string, Facts>;       // by workload

// One of the two sessions.
class Side {
 public:
  Side(Recordings recordings, std::vector<RecordedWorkload> chosen)
      : recordings_(recordings), workloads_(std::move(chosen)) {}

  Recordings recordings() const { return recordings_; }
  SessionReader& session_of(const RecordedWorkload& recorded) const {
    return *recordings_[recorded.recording].session;
  }
  const std::vector<RecordedWorkload>& workloads() const { return workloads_; }
  std::set<std::string> workload_names() const {
    std::set<std::string> names;
    for (const auto& one : workloads_) names.insert(one.workload.name);
    return names;
  }

  // Reads the inventory, so once for all workloads.
  Result<const TrafficResolver*> resolver() {
    if (!resolver_) {
      IG_ASSIGN(auto opened, TrafficResolver::open(recordings_));
      resolver_ = std::move(opened);
    }
    return &*resolver_;
  }

 private:
  Recordings recordings_;
  std::vector<RecordedWorkload> workloads_;
  std::optional<TrafficResolver> resolver_;
};

// One thing that is compared: the gadget that records it, and how it is read.
struct FactKind {
  std::string_view name, gadget;
  Result<Subjects> (*read)(Side& side);
};

// What is read for each workload by itself.
template <Result<Facts> (*read)(Side& side, const RecordedWorkload& recorded)>
Result<Subjects> of_each(Side& side) {
  Subjects subjects;
  for (const auto& recorded : side.workloads()) {
    IG_ASSIGN(const Facts facts, read(side, recorded));
    Facts& all = subjects[recorded.workload.name];
    for (const auto& [what, count] : facts) all[what] += count;
  }
  return subjects;
}

Result<Facts> read_syscalls(Side& side, const RecordedWorkload& recorded) {
  Facts facts;
  IG_ASSIGN(const auto uses, side.session_of(recorded).syscalls(recorded.workload.id));
  for (const SyscallUse& use : uses) {
    const auto name = syscall_name(use.arch, static_cast<std::uint32_t>(use.number));
    facts[name ? *name : fmt::format("{} {}", use.arch, use.number)] += use.count;
  }
  return facts;
}

Result<Facts> read_capabilities(Side& side, const RecordedWorkload& recorded) {
  Facts facts;
  IG_ASSIGN(const auto uses, side.session_of(recorded).capabilities(recorded.workload.id));
  for (const CapabilityUse& use : uses) {
    if (use.granted) facts[use.capability] += use.count;
  }
  return facts;
}

Result<Facts> read_peers(Side& side, const RecordedWorkload& recorded) {
  Facts facts;
  IG_ASSIGN(const auto* resolver, side.resolver());
  IG_ASSIGN(const auto traffic, resolver->traffic(std::span(&recorded, 1)));
  for (const Traffic& one : traffic) {
    const bool works = one.error.empty();
    const TrafficUse use{&one, one.seen_at_source};
    if (works && use.peer().kind != TrafficEnd::Kind::kLoopback) facts[use_text(use)] += one.count;
  }
  return facts;
}

// Process ids and the like differ from run to run.
std::string without_numbers(std::string_view path) {
  std::string out;
  bool in_number = false;
  for (const char c : path) {
    const bool digit = c >= '0' && c <= '9';
    if (!digit) out += c;
    if (digit && !in_number) out += '#';
    in_number = digit;
  }
  return out;
}

// Of all workloads of a recording in one pass, as the tables of events have no order by workload.
Result<> scan_paths(Side& side, std::size_t recording, const std::string& sql, Subjects& subjects) {
  std::map<WorkloadId, Facts*> facts;
  for (const auto& one : side.workloads()) {
    if (one.recording == recording) facts[one.workload.id] = &subjects[one.workload.name];
  }
  return side.recordings()[recording].session->scan(sql, [&](std::span<const Value> row) {
    const auto chosen = facts.find(row[0].integer);
    if (chosen == facts.end()) return true;
    (*chosen->second)[without_numbers(row[1].text)] += static_cast<std::uint64_t>(row[2].integer);
    return true;
  });
}

Result<Subjects> read_paths(Side& side, std::string_view table, std::string_view column,
                            std::string_view condition) {
  const auto sql = fmt::format(
      "SELECT r.workload_id, p.text, r.times FROM (SELECT workload_id, {0} AS id, count(*) AS "
      "times FROM {1} WHERE {2} GROUP BY workload_id, {0}) r JOIN path p ON p.id = r.id",
      column, table, condition);
  Subjects subjects;
  for (std::size_t i = 0; i < side.recordings().size(); ++i) {
    IG_TRY(scan_paths(side, i, sql, subjects));
  }
  return subjects;
}

Result<Subjects> read_written_files(Side& side) {
  // O_ACCMODE: not O_RDONLY, which is 0.
  return read_paths(side, "trace_open_rows", "fname", "error_raw = 0 AND (flags_raw & 3) <> 0");
}

Result<Subjects> read_programs(Side& side) {
  return read_paths(side, "trace_exec_rows", "file", "error_raw = 0");
}

constexpr std::array<FactKind, 5> kKinds = {{
    {"syscall", "advise_seccomp", of_each<read_syscalls>},
    {"capability", "trace_capabilities", of_each<read_capabilities>},
    {"peer", "advise_networkpolicy", of_each<read_peers>},
    {"written-file", "trace_open", read_written_files},
    {"program", "trace_exec", read_programs},
}};

// The recording that lacks it; "" = none does.
Result<std::string> recording_without(const Side& side, std::string_view gadget) {
  for (const auto& recording : side.recordings()) {
    IG_ASSIGN(const auto runs, recording.session->gadget_runs());
    const bool recorded = std::ranges::any_of(runs, [&](const GadgetRun& run) {
      return run.gadget == gadget && run.origin == "built-in";
    });
    if (!recorded) return recording.name;
  }
  return "";
}

void compare(SessionDiff& diff, const FactKind& kind, const std::string& workload,
             const Facts& before, const Facts& after) {
  const auto tell = [&](bool added, const Facts& with, const Facts& without) {
    for (const auto& [what, count] : with) {
      if (without.contains(what)) continue;
      diff.changes.push_back({added, workload, std::string(kind.name), what, count});
    }
  };
  tell(true, after, before);
  tell(false, before, after);
}

Result<> compare_kind(SessionDiff& diff, const FactKind& kind, Side& old_side, Side& new_side) {
  for (const Side* side : {&old_side, &new_side}) {
    IG_ASSIGN(const auto lacking, recording_without(*side, kind.gadget));
    if (lacking.empty()) continue;
    diff.caveats.push_back(
        fmt::format("{} is not compared: {} did not record {}", kind.name, lacking, kind.gadget));
    return {};
  }
  IG_ASSIGN(auto before, kind.read(old_side));
  IG_ASSIGN(auto after, kind.read(new_side));
  if (before.size() == 1 && after.size() == 1) {
    compare(diff, kind, after.begin()->first, before.begin()->second, after.begin()->second);
    return {};
  }
  for (const auto& [name, facts] : after) compare(diff, kind, name, before[name], facts);
  for (const auto& [name, facts] : before) {
    if (!after.contains(name)) compare(diff, kind, name, facts, {});
  }
  return {};
}

}  // namespace

std::size_t SessionDiff::added() const {
  return static_cast<std::size_t>(std::ranges::count(changes, true, &SessionChange::added));
}

std::vector<std::string_view> session_change_kinds() {
  std::vector<std::string_view> names;
  for (const FactKind& kind : kKinds) names.push_back(kind.name);
  return names;
}

Result<SessionDiff> diff_sessions(Recordings before, Recordings after, const Selector& selector,
                                  const std::set<std::string>& kinds) {
  IG_ASSIGN(auto old_workloads, choose_recorded(before, selector));
  IG_ASSIGN(auto new_workloads, choose_recorded(after, selector));
  Side old_side(before, std::move(old_workloads)), new_side(after, std::move(new_workloads));
  const auto old_names = old_side.workload_names(), new_names = new_side.workload_names();
  SessionDiff diff;
  for (const FactKind& kind : kKinds) {
    if (kinds.empty() || kinds.contains(std::string(kind.name))) {
      IG_TRY(compare_kind(diff, kind, old_side, new_side));
    }
  }
  if (old_names.size() != 1 || new_names.size() != 1) {
    for (const auto& name : new_names) {
      if (!old_names.contains(name)) {
        diff.caveats.push_back(
            fmt::format("{} is only in {}: all of it is new", one_line(name), after.front().name));
      }
    }
  }
  std::ranges::stable_sort(diff.changes, {}, &SessionChange::workload);
  return diff;
}

}  // namespace ig
