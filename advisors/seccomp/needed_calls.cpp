// SPDX-License-Identifier: Apache-2.0
#include "advisors/seccomp/needed_calls.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>

#include "advisors/seccomp/start_block.h"
#include "store/syscall_table.h"

namespace ig {
namespace {

using CallKey = std::pair<std::string, std::int64_t>;
using CallTable = std::map<CallKey, NeededCall>;

template <typename Use>
std::int64_t kernel_number(const Use& use) {
  const SyscallArch* arch = find_syscall_arch(use.arch);
  return use.number | (arch ? static_cast<std::int64_t>(arch->number_bits) : 0);
}

void add(CallTable& table, const SyscallUse& use) {
  const std::int64_t number = kernel_number(use);
  const auto [entry, is_new] = table.try_emplace({use.arch, number});
  NeededCall& call = entry->second;
  if (is_new) {
    call.arch = use.arch;
    call.number = number;
    call.name = syscall_name(use.arch, number);
    call.first_ns = use.first_ns;
    call.last_ns = use.last_ns;
  }
  if (!use.learned_from.empty()) call.learned_from.insert(use.learned_from);
  call.count += use.count;
  call.first_ns = std::min(call.first_ns, use.first_ns);
  call.last_ns = std::max(call.last_ns, use.last_ns);
  if (std::ranges::find(call.phases, use.phase) == call.phases.end()) {
    call.phases.push_back(use.phase);
  }
}

void add(CallTable& table, const SyscallArgumentUse& use) {
  const auto entry = table.find({use.arch, kernel_number(use)});
  if (entry == table.end()) return;
  auto& arguments = entry->second.arguments;
  auto place = std::ranges::lower_bound(arguments, use.index, {}, &NeededArgument::index);
  if (place == arguments.end() || place->index != use.index) {
    place = arguments.insert(place, {.index = use.index, .values = {}});
  }
  if (use.other) {
    place->more = true;
  } else {
    place->values.insert(use.value);
  }
}

std::vector<NeededCall> in_order(CallTable table) {
  std::vector<NeededCall> calls;
  for (auto& [key, call] : table) {
    std::ranges::sort(call.phases, {}, phase_age);
    calls.push_back(std::move(call));
  }
  std::ranges::sort(calls, [](const NeededCall& a, const NeededCall& b) {
    return std::tuple(a.arch, a.display_name(), a.number) <
           std::tuple(b.arch, b.display_name(), b.number);
  });
  return calls;
}

// A container that the recording saw begin has nothing that ran before: what counts as running
// there is a task of its runtime that came in from outside.
template <typename Use>
bool is_set_up(const Use& use, const Workload& workload) {
  const bool from_outside = workload.kind == WorkloadKind::kContainer && !workload.partial;
  return use.phase == "setup" || (use.phase == "running" && from_outside);
}

}  // namespace

std::ptrdiff_t phase_age(const std::string& phase) {
  constexpr std::array<std::string_view, 6> kLife = {"running", "setup",      "startup",
                                                     "steady",  "exec_setup", "exec"};
  return std::ranges::find(kLife, phase) - kLife.begin();
}

std::string NeededCall::display_name() const {
  return name ? *name : "syscall " + std::to_string(number);
}

bool NeededCall::only_in(const std::set<std::string>& some_phases) const {
  return std::ranges::all_of(phases,
                             [&](const auto& phase) { return some_phases.contains(phase); });
}

Result<NeededCalls> needed_calls(SessionReader& session, const Workload& workload) {
  IG_ASSIGN(const SessionInfo info, session.info());
  IG_ASSIGN(const auto uses, session.syscalls(workload.id));
  IG_ASSIGN(const auto arguments, session.syscall_arguments(workload.id));
  IG_ASSIGN(const auto marks, session.setup_marks(workload.id));

  NeededCalls needed;
  const bool known = find_syscall_arch(info.architecture) != nullptr;
  needed.native_arch = known ? info.architecture : std::string(native_syscall_arch());
  needed.start = find_filter_start(workload, marks, uses);
  const std::set<std::string> exec_calls = exec_block(workload).names;
  const bool exec_known = needed.start.scheduler_may_wake || !workload.runtime.empty();
  const auto is_outside = [&](const auto& use) {
    if (is_set_up(use, workload)) return use.last_ns < needed.start.time_ns;
    if (use.phase != "exec_setup" || !exec_known) return false;
    const auto name = syscall_name(use.arch, use.number);
    return !name || !exec_calls.contains(*name);
  };
  CallTable under_filter, outside;
  for (const SyscallUse& use : uses) {
    needed.set_up_seen |= use.phase == "setup";
    add(is_outside(use) ? outside : under_filter, use);
  }
  for (const SyscallArgumentUse& use : arguments) {
    if (!is_outside(use)) add(under_filter, use);
  }
  std::erase_if(outside, [&](const auto& entry) { return under_filter.contains(entry.first); });
  needed.calls = in_order(std::move(under_filter));
  needed.outside = in_order(std::move(outside));
  return needed;
}

}  // namespace ig
