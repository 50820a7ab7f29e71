// SPDX-License-Identifier: Apache-2.0
#include "advisors/seccomp/profile_draft.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <iterator>

#include "advisors/advice_text.h"
#include "advisors/seccomp/start_block.h"
#include "advisors/seccomp/syscall_versions.h"
#include "advisors/seccomp/target_arch.h"
#include "base/text.h"
#include "store/syscall_table.h"

namespace ig {
namespace {

// Whatever a process does, it is started, it ends, a signal handler returns, and a call that a
// stop interrupted is taken up again: too rare to be in each recording, fatal when denied.
const std::set<std::string> kAlwaysNeeded = {"execve", "exit", "exit_group", "restart_syscall",
                                             "rt_sigreturn"};
// 32-bit programs return from handlers of old kind by this one.
const std::set<std::string> kAlwaysNeededNarrow = {"sigreturn"};
// Go wakes its threads by these when it happens to be so: seen in some starts of runc only.
const std::set<std::string> kSchedulerCalls = {"futex", "rt_sigreturn"};

// What threads call when they happen to meet: a whole run may go by without it.
const std::set<std::string> kThreadCalls = {"sched_yield"};

bool of_another_start(const std::string& phase) {
  return phase == "setup" || phase == "exec_setup";
}

bool denies(const SeccompAction& action) {
  return action.name.starts_with("SCMP_ACT_KILL") || action.name == "SCMP_ACT_ERRNO" ||
         action.name == "SCMP_ACT_TRAP";
}

// The calls that the profile allows with just these conditions.
std::set<std::string> allowed_by(const SeccompProfile& profile,
                                 const std::vector<SeccompArgument>& arguments) {
  std::set<std::string> names;
  for (const auto& rule : profile.rules) {
    if (rule.action.name != "SCMP_ACT_ALLOW" || rule.arguments != arguments) continue;
    names.insert(rule.names.begin(), rule.names.end());
  }
  return names;
}

// The oldest kernel of the recordings: what it did not know, a program may find missing.
std::string oldest_kernel(const std::vector<SessionInfo>& sessions) {
  std::string oldest;
  Version least;
  for (const auto& session : sessions) {
    const auto version = parse_version(session.kernel_release);
    if (!version || (!oldest.empty() && *version >= least)) continue;
    least = *version;
    oldest = session.kernel_release;
  }
  return oldest;
}

}  // namespace

ProfileDraft::ProfileDraft(const std::vector<SessionInfo>& sessions, const ProfileSubject& subject,
                           const ObservedCalls& observed, const EvidenceState& state,
                           const ProfileOptions& options)
    : sessions_(sessions),
      subject_(subject),
      observed_(observed),
      state_(state),
      options_(options) {
  collect_names();
  collect_blocks();
  limit_arguments();
  translate();
  add_archs();
  Names allowed = names_;
  allowed.insert(block_.begin(), block_.end());
  unlisted_ = unlisted_calls(archs_, allowed, oldest_kernel(sessions_));
}

// A container's profile is loaded by a runtime, so where none was seen starting this workload
// the block has the runtime's calls too: also for a plain command.
bool ProfileDraft::start_seen() const {
  for (std::size_t i = 0; i < subject_.instances.size(); ++i) {
    if (observed_.instances[i].set_up_seen && !subject_.instances[i].workload.partial) return true;
  }
  return false;
}

// The workload as it will be started, by whom and with which privileges.
Workload ProfileDraft::started_as() const {
  Workload later = workload();
  if (!options_.runtime.empty()) later.runtime = options_.runtime == "any" ? "" : options_.runtime;
  if (options_.allow_privilege_escalation) {
    later.no_new_privileges = !*options_.allow_privilege_escalation;
  }
  return later;
}

bool ProfileDraft::start_is_another() const {
  const auto later = started_as();
  return later.runtime != workload().runtime ||
         later.no_new_privileges != workload().no_new_privileges;
}

// What a runtime called that will not be there.
bool ProfileDraft::is_replaced(const NeededCall& call) const {
  return start_is_another() && options_.runtime != "any" &&
         std::ranges::all_of(call.phases, of_another_start);
}

void ProfileDraft::collect_names() {
  for (const auto& call : observed_.calls) {
    archs_.insert(call.arch);
    if (!call.name) {
      nameless_.insert(fmt::format("{} {}", call.arch, call.number));
    } else if (!is_replaced(call)) {
      names_.insert(*call.name);
    }
  }
  // The runtime's own exec of the entry point.
  archs_.insert(observed_.native_archs.begin(), observed_.native_archs.end());
  Names always = kAlwaysNeeded;
  const bool narrow = archs_.contains("i386") || archs_.contains("arm");
  if (narrow) always.insert(kAlwaysNeededNarrow.begin(), kAlwaysNeededNarrow.end());
  const bool has_threads =
      names_.contains("futex") && (names_.contains("clone") || names_.contains("clone3"));
  if (has_threads) always.insert(kThreadCalls.begin(), kThreadCalls.end());
  for (const auto& instance : observed_.instances) {
    if (!instance.start.scheduler_may_wake) continue;
    always.insert(kSchedulerCalls.begin(), kSchedulerCalls.end());
  }
  for (const auto& name : always) {
    if (names_.insert(name).second) added_.insert(name);
  }
}

void ProfileDraft::collect_blocks() {
  StartBlock block;
  if (start_is_another() && start_seen()) {
    block = runtime_block(started_as());
  } else if (!start_seen() && options_.start_block) {
    block = start_block(started_as());
  }
  block_owners_ = block.owners;
  std::ranges::set_difference(block.names, names_, std::inserter(block_, block_.end()));
  measured_without_values_ = block.names;
}

void ProfileDraft::limit_arguments() {
  if (options_.arguments == ArgumentMode::kNone) return;
  std::map<std::string, std::vector<const ObservedCall*>> by_name;
  for (const auto& call : observed_.calls) {
    if (call.name && !is_replaced(call)) by_name[*call.name].push_back(&call);
  }
  for (const auto& [name, calls] : by_name) {
    if (measured_without_values_.contains(name) || added_.contains(name)) continue;
    auto limits = argument_limits(name, calls, options_.arguments);
    if (!limits.widened.empty()) widened_.push_back(limits.widened);
    if (!limits.alternatives.empty()) limits_[name] = std::move(limits);
  }
}

void ProfileDraft::translate() {
  if (options_.target_arch.empty() || observed_.native_archs.empty()) return;
  const auto& from = *observed_.native_archs.begin();
  const auto translated = [&](const Names& names) {
    Names out;
    for (const auto& name : names) {
      const auto there = names_on_arch(name, from, options_.target_arch);
      if (there.empty() && !kAlwaysNeeded.contains(name)) untranslated_.insert(name);
      out.insert(there.begin(), there.end());
    }
    return out;
  };
  names_ = translated(names_);
  block_ = translated(block_);
  archs_ = {options_.target_arch};
}

void ProfileDraft::add_archs() {
  if (!options_.keep_compat) return;
  for (const auto& arch : Names(archs_)) {
    for (const auto compat : compat_archs(arch)) archs_.emplace(compat);
  }
}

SeccompAction ProfileDraft::default_action(Step step) const {
  auto action = options_.default_action;
  if (state_.lossy && !options_.action_given) action.name = "SCMP_ACT_LOG";
  if (step == Step::kLog) action = {.name = "SCMP_ACT_LOG"};
  return action;
}

SeccompProfile ProfileDraft::profile(Step step) const {
  SeccompProfile profile{.default_action = default_action(step)};
  for (const SyscallArch& arch : syscall_archs()) {
    if (archs_.contains(std::string(arch.name))) profile.architectures.emplace_back(arch.oci);
  }
  if (step == Step::kErrnoLog) profile.flags = {"SECCOMP_FILTER_FLAG_LOG"};
  if (options_.base) {
    build_on(profile);
  } else {
    add_allowing_rules(profile);
    add_denying_rules(profile);
  }
  return profile;
}

void ProfileDraft::add_allowing_rules(SeccompProfile& profile) const {
  std::vector<std::string> unlimited;
  std::ranges::copy_if(names_, std::back_inserter(unlimited),
                       [this](const auto& name) { return !limits_.contains(name); });
  profile.rules.push_back({.names = unlimited,
                           .comment = fmt::format("{}: {}{}", one_line(subject_.name), window(),
                                                  state_.lossy ? "; with losses" : "")});
  for (const auto& [name, limits] : limits_) {
    if (!names_.contains(name)) continue;
    for (const auto& alternative : limits.alternatives) {
      profile.rules.push_back({.names = {name}, .arguments = alternative});
    }
  }
  if (block_.empty()) return;
  profile.rules.push_back({.names = {block_.begin(), block_.end()},
                           .comment = "start block, not recorded: " + block_owners_});
}

// The default is for calls that nobody knows yet, so that it does not matter how a runtime guesses
// what they are; those that are known and were not used are denied by name.
void ProfileDraft::add_denying_rules(SeccompProfile& profile) const {
  const auto denial = profile.default_action;
  if (!denies(denial)) return;
  const auto rule = [&](const Names& names, SeccompAction action, std::string comment) {
    if (names.empty()) return;
    profile.rules.push_back({.names = {names.begin(), names.end()},
                             .action = std::move(action),
                             .comment = std::move(comment)});
  };
  const auto kernel = oldest_kernel(sessions_);
  const SeccompAction missing{.name = "SCMP_ACT_ERRNO", .errno_ret = ENOSYS};
  if (!denial.has_errno()) {
    rule(unlisted_.newer, missing,
         "newer than Linux " + kernel + ", or libcs fall back: not there (ENOSYS)");
  } else if (denial.errno_ret != ENOSYS) {
    profile.default_action = missing;
    rule(unlisted_.known, denial, "known to Linux " + kernel + " and not used");
  }
}

// A profile that exists already keeps its rules; what it lacks comes last.
void ProfileDraft::build_on(SeccompProfile& profile) const {
  SeccompProfile own = profile;
  add_allowing_rules(own);
  const auto& base = *options_.base;
  profile.default_action = options_.action_given ? profile.default_action : base.default_action;
  profile.flags.insert(profile.flags.end(), base.flags.begin(), base.flags.end());
  if (!base.architectures.empty()) {
    auto architectures = base.architectures;
    for (const auto& arch : profile.architectures) {
      if (std::ranges::find(architectures, arch) == architectures.end()) {
        architectures.push_back(arch);
      }
    }
    profile.architectures = std::move(architectures);
  }
  const auto allowed = allowed_by(base, {});
  const auto is_needed = [&](const std::string& name) {
    return (names_.contains(name) || block_.contains(name)) && !allowed.contains(name);
  };
  for (auto rule : base.rules) {
    if (rule.action.name != "SCMP_ACT_ALLOW") std::erase_if(rule.names, is_needed);
    if (!rule.names.empty()) profile.rules.push_back(std::move(rule));
  }
  for (auto rule : own.rules) {
    const auto same = allowed_by(base, rule.arguments);
    std::erase_if(rule.names,
                  [&](const auto& name) { return allowed.contains(name) || same.contains(name); });
    if (!rule.names.empty()) profile.rules.push_back(std::move(rule));
  }
}

}  // namespace ig
