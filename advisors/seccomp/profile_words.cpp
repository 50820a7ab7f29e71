// SPDX-License-Identifier: Apache-2.0
// The words that go with a profile: what it rests on, what was left out, and what to know before
// using it.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <iterator>

#include "advisors/advice_text.h"
#include "advisors/seccomp/call_confidence.h"
#include "advisors/seccomp/profile_draft.h"
#include "base/text.h"

namespace ig {
namespace {

std::string names_text(const std::set<std::string>& names) {
  const std::vector<std::string> list(names.begin(), names.end());
  return join(list, ", ");
}

std::string comparison_text(const SeccompArgument& comparison) {
  const auto which = comparison.index + 1;
  if (comparison.op != "SCMP_CMP_MASKED_EQ") {
    return fmt::format("argument {} is {:#x}", which, comparison.value);
  }
  if (comparison.value == 0xffffffff) {
    return fmt::format("argument {} is {:#x}", which, comparison.value_two);
  }
  return fmt::format("argument {} without {:#x}", which, comparison.value);
}

std::string limits_text(const ArgumentLimits& limits) {
  std::vector<std::string> alternatives;
  for (const auto& alternative : limits.alternatives) {
    std::vector<std::string> comparisons;
    for (const auto& comparison : alternative) comparisons.push_back(comparison_text(comparison));
    alternatives.push_back(join(comparisons, " and "));
  }
  return join(alternatives, ", or ");
}

}  // namespace

std::string ProfileDraft::window() const {
  if (sessions_.size() == 1) return window_text(sessions_.front());
  auto first = sessions_.front().started_ns, last = sessions_.front().ended_ns;
  for (const auto& session : sessions_) {
    first = std::min(first, session.started_ns);
    last = std::max(last, session.ended_ns);
  }
  return fmt::format("{} of {} from {}", count_text(subject_.instances.size(), "instance"),
                     count_text(sessions_.size(), "recording"), span_text(first, last));
}

std::string ProfileDraft::default_text() const {
  const auto action = default_action(Step::kEnforce);
  if (!action.has_errno()) return action.name;
  const char* name = ::strerrorname_np(static_cast<int>(action.errno_ret));
  const auto denied = name ? std::string(name) : std::to_string(action.errno_ret);
  if (options_.base) return denied + " unless the base says otherwise";
  return denied == "ENOSYS" ? denied : denied + ", or ENOSYS what the recorded kernel lacks";
}

std::vector<std::string> ProfileDraft::summary() const {
  std::vector<std::string> lines;
  const auto add = [&lines](std::string_view what, const Names& names) {
    if (!names.empty()) lines.push_back(fmt::format("{}: {}", what, names_text(names)));
  };
  const bool alone = subject_.instances.size() == 1;
  lines.push_back(
      fmt::format("{}, {}", alone ? workload_text(workload()) : one_line(subject_.name), window()));
  const std::vector<std::string> archs(archs_.begin(), archs_.end());
  lines.push_back(fmt::format("{} allowed on {}, otherwise {}",
                              count_text(names_.size() + block_.size(), "system call"),
                              join(archs, " and "), default_text()));
  add("always needed, not recorded", added_);
  if (!limits_.empty()) {
    Names limited;
    for (const auto& [name, limits] : limits_) {
      if (names_.contains(name)) limited.insert(name);
    }
    add("with the argument values seen only (--args none lifts that)", limited);
  }
  const auto& first = observed_.instances.front();
  if (first.start.known) lines.push_back("filter counts: " + first.start.reason);
  if (start_seen() && !start_is_another()) {
    add("only the runtime after its filter", names_only_in(observed_, {"running", "setup"}));
  }
  if (!observed_.outside.empty()) {
    lines.push_back(fmt::format("left out: {} that only the runtime made before its filter",
                                count_text(observed_.outside.size(), "call")));
  }
  add("only exec sessions", names_only_in(observed_, {"exec_setup", "exec"}));
  if (!block_.empty()) {
    lines.push_back(fmt::format("start block ({}; --no-start-block leaves it out): {}",
                                block_owners_, names_text(block_)));
  }
  std::int64_t end = 0;
  for (const auto& session : sessions_) end = std::max(end, session.ended_ns);
  for (auto& line : confidence_text(call_confidence(observed_, subject_.instances.size(), end))) {
    lines.push_back(std::move(line));
  }
  return lines;
}

void ProfileDraft::warn_of_start(std::vector<std::string>& caveats) const {
  const auto& first = observed_.instances.front();
  if (!start_seen() && workload().partial) {
    caveats.push_back(
        "it was running before the recording: its start was not seen; to see it whole, start it "
        "while `ig record` runs");
  } else if (!first.set_up_seen) {
    caveats.push_back(
        "no container runtime was seen starting it: a container needs its runtime's calls too");
  } else if (!first.start.known) {
    caveats.push_back("its runtime was not recognised: everything in the set-up is allowed");
  }
  if (start_is_another()) return;
  if (first.set_up_seen && first.start.no_new_privileges) {
    caveats.push_back(
        "recorded with no_new_privileges: without it the runtime needs more calls under the "
        "filter (--allow-privilege-escalation true adds them)");
  }
}

std::vector<std::string> ProfileDraft::caveats() const {
  auto caveats = state_.caveats;
  warn_of_start(caveats);
  if (!nameless_.empty()) {
    caveats.push_back("left out, since the installed libseccomp has no name for them: " +
                      names_text(nameless_));
  }
  if (!untranslated_.empty()) {
    caveats.push_back(fmt::format("{} has no such calls, nor any like them: {}",
                                  options_.target_arch, names_text(untranslated_)));
  }
  for (const auto& line : widened_) caveats.push_back("any value is allowed: " + line);
  const auto had_seccomp = [](const ProfileInstance& one) { return one.workload.has_seccomp; };
  if (std::ranges::any_of(subject_.instances, had_seccomp)) {
    caveats.push_back(
        "it ran under a seccomp profile: what that denied could not be recorded "
        "(`ig session enrich` adds it from an audit log)");
  }
  if (!workload().pod.empty()) {
    caveats.push_back(
        "it belongs to the container: as the pod's profile it would meet the pause container "
        "too");
  }
  if (options_.target_arch.empty()) warn_of_architectures(caveats);
  return caveats;
}

// A profile's names count for each of its architectures; it cannot say otherwise.
void ProfileDraft::warn_of_architectures(std::vector<std::string>& caveats) const {
  if (archs_.size() < 2) return;
  for (const auto& arch : archs_) {
    Names here, elsewhere, only;
    for (const auto& call : observed_.calls) {
      if (call.name) (call.arch == arch ? here : elsewhere).insert(*call.name);
    }
    std::ranges::set_difference(here, elsewhere, std::inserter(only, only.end()));
    if (only.empty()) continue;
    caveats.push_back(
        fmt::format("recorded on {} only, but names count for every architecture of a profile: {}",
                    arch, names_text(only)));
  }
}

std::string ProfileDraft::contributors(const ObservedCall& call) const {
  const auto instances = subject_.instances.size();
  if (instances == 1) return "";
  auto text = fmt::format("; {} of {} instances", call.instances.size(), instances);
  if (sessions_.size() > 1) {
    text += fmt::format(" in {} of {} recordings", call.recordings.size(), sessions_.size());
  }
  return text;
}

std::vector<Evidence> ProfileDraft::evidence() const {
  std::vector<Evidence> evidence;
  for (const auto& call : observed_.calls) {
    const auto* note = !call.name          ? "; left out: no name"
                       : is_replaced(call) ? "; left out: of the recorded runtime's start"
                                           : "";
    auto fact = fmt::format("{}, {}, {}{}{}", count_text(call.count, "call"),
                            span_text(call.first_ns, call.last_ns), join(call.phases, " and "),
                            contributors(call), note);
    for (const auto& log : call.learned_from) {
      fact += "; denied and learned from audit log " + one_line(log);
    }
    if (const auto limits = limits_.find(call.display_name()); limits != limits_.end()) {
      fact += "; only where " + limits_text(limits->second);
    }
    evidence.push_back({fmt::format("{} {}", call.arch, call.display_name()), std::move(fact)});
  }
  for (const auto& native : observed_.native_archs) {
    const auto add = [&](const Names& names, const char* why) {
      for (const auto& name : names) evidence.push_back({fmt::format("{} {}", native, name), why});
    };
    add(added_, "always needed");
    add(block_, "start block");
  }
  for (const auto& call : observed_.outside) {
    evidence.push_back(
        {fmt::format("{} {}", call.arch, call.display_name()),
         fmt::format("left out: {} by the runtime before its filter, {}",
                     count_text(call.count, "call"), span_text(call.first_ns, call.last_ns))});
  }
  return evidence;
}

}  // namespace ig
