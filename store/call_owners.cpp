// SPDX-License-Identifier: Apache-2.0
#include "store/call_owners.h"

#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace ig {
namespace {

// Audit times are cut to milliseconds, and the recording's offset between the clocks was measured
// once. No number of a process is used again so soon.
constexpr std::int64_t kSlackNs = 1'000'000'000;

// The numbers come from a file: none may overflow.
std::int64_t sum(std::int64_t a, std::int64_t b) {
  std::int64_t out = 0;
  if (!__builtin_add_overflow(a, b, &out)) return out;
  return b > 0 ? std::numeric_limits<std::int64_t>::max()
               : std::numeric_limits<std::int64_t>::min();
}

bool is_before(std::int64_t time_ns, std::int64_t other_ns) {
  return time_ns < sum(other_ns, -kSlackNs);
}
bool is_after(std::int64_t time_ns, std::int64_t other_ns) {
  return time_ns > sum(other_ns, kSlackNs);
}

std::int64_t number_of(const std::string& text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

bool fits_any(const std::vector<std::string>& patterns, const std::string& name) {
  return std::ranges::any_of(patterns, [&](const auto& pattern) {
    return ::fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
  });
}

// A process moves into a unit, a command or a container, and not out of it.
std::ptrdiff_t depth(WorkloadKind kind) {
  using enum WorkloadKind;
  constexpr std::array kInwards = {kHost, kUnit, kCommand, kContainer};
  return std::ranges::find(kInwards, kind) - kInwards.begin();
}

}  // namespace

Result<CallOwners> CallOwners::open(SessionReader& session, std::optional<NamedOwner> named) {
  CallOwners owners;
  owners.named_ = std::move(named);
  IG_ASSIGN(owners.info_, session.info());
  IG_ASSIGN(const auto workloads, session.workloads({}));
  owners.end_ns_ = owners.info_.ended_ns;
  for (const Workload& workload : workloads) {
    if (owners.info_.ended_ns == 0) {  // it was cut off
      owners.end_ns_ = std::max(owners.end_ns_, workload.last_seen_ns);
    }
    if (workload.pid > 0) owners.first_processes_[workload.pid].insert(workload.id);
    owners.workloads_.emplace(workload.id, workload);
  }
  IG_TRY(owners.take_processes(session));
  return owners;
}

Result<> CallOwners::take_processes(SessionReader& session) {
  std::vector<std::string> columns;
  return session.query("SELECT DISTINCT pid, start_time, workload_id, comm FROM process", columns,
                       [this](const QueryRow& row) {
                         const auto pid = number_of(row.text[0]), start = number_of(row.text[1]);
                         const auto workload = workloads_.find(number_of(row.text[2]));
                         if (workload == workloads_.end()) return true;
                         if (named_ && named_->workload == workload->first)
                           names_.insert(row.text[3]);
                         if (pid <= 0) return true;
                         lives_[pid].push_back({start > 0 ? sum(start, info_.clock_offset_ns)
                                                          : workload->second.first_seen_ns,
                                                workload->first});
                         return true;
                       });
}

bool CallOwners::was_there(WorkloadId id, std::int64_t time_ns) const {
  const Workload& workload = workloads_.at(id);
  if (is_before(time_ns, workload.first_seen_ns)) return false;
  return workload.exit_known == 0 || !is_after(time_ns, workload.last_seen_ns);
}

// 0 where two are equally far in: then it is not known.
WorkloadId CallOwners::innermost(const std::set<WorkloadId>& workloads) const {
  WorkloadId found = 0;
  std::ptrdiff_t deepest = -1;
  for (const WorkloadId id : workloads) {
    const auto here = depth(workloads_.at(id).kind);
    if (here == deepest) found = 0;
    if (here > deepest) found = id;
    deepest = std::max(deepest, here);
  }
  return found;
}

// The process that began last before the call, in each workload where it was seen.
std::set<WorkloadId> CallOwners::candidates(const DeniedCall& call) const {
  std::set<WorkloadId> found;
  std::int64_t latest = std::numeric_limits<std::int64_t>::min();
  if (const auto lives = lives_.find(call.pid); lives != lives_.end()) {
    for (const Life& life : lives->second) {
      if (is_after(life.start_ns, call.time_ns) || life.start_ns < latest) continue;
      if (life.start_ns > latest) found.clear();
      latest = life.start_ns;
      found.insert(life.workload);
    }
  }
  if (const auto first = first_processes_.find(call.pid); first != first_processes_.end()) {
    for (const WorkloadId id : first->second) {
      if (!is_before(workloads_.at(id).first_seen_ns, latest)) found.insert(id);
    }
  }
  std::erase_if(found, [&](WorkloadId id) { return !was_there(id, call.time_ns); });
  return found;
}

// Numbers of processes mean nothing on another machine, after another boot or at another time.
bool CallOwners::is_of_recording(const DeniedCall& call) const {
  if (is_before(call.time_ns, info_.started_ns) || is_after(call.time_ns, end_ns_)) return false;
  std::string boot_id = info_.boot_id;
  std::erase(boot_id, '-');
  return (call.boot_id.empty() || call.boot_id == boot_id) &&
         (call.node.empty() || call.node == info_.host_name);
}

// nullopt: the recording knows no such process; 0: it knows several.
std::optional<WorkloadId> CallOwners::by_process(const DeniedCall& call) const {
  if (!is_of_recording(call)) return std::nullopt;
  const auto found = candidates(call);
  if (found.empty()) return std::nullopt;
  return innermost(found);
}

bool CallOwners::fits_name(const DeniedCall& call) const {
  if (named_->comm.empty() && named_->exe.empty()) return names_.contains(call.comm);
  return (named_->comm.empty() || fits_any(named_->comm, call.comm)) &&
         (named_->exe.empty() || fits_any(named_->exe, call.exe));
}

std::optional<CallOwner> CallOwners::owner_of(const DeniedCall& call) const {
  if (const auto workload = by_process(call)) {
    if (*workload == 0) return std::nullopt;
    return CallOwner{.workload = *workload, .by_name = false};
  }
  if (named_ && fits_name(call)) return CallOwner{.workload = named_->workload, .by_name = true};
  return std::nullopt;
}

}  // namespace ig
