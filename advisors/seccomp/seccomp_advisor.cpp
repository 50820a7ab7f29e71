// SPDX-License-Identifier: Apache-2.0
// seccomp-profile: from the calls that a workload made to the profile that allows them and nothing
// else. One document for each workload.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <set>

#include "advisors/advice_text.h"
#include "advisors/advisor.h"
#include "advisors/loss_gate.h"
#include "advisors/seccomp/needed_calls.h"
#include "advisors/seccomp/seccomp_dialect.h"
#include "advisors/seccomp/seccomp_profile.h"
#include "advisors/seccomp/start_block.h"
#include "advisors/workload_choice.h"
#include "base/text.h"
#include "store/syscall_table.h"

namespace ig {
namespace {

constexpr const char* kGadget = "advise_seccomp";

// Whatever a process does, it is started, it ends, a signal handler returns, and a call that a
// stop interrupted is taken up again: too rare to be in each recording, fatal when denied.
const std::set<std::string> kAlwaysNeeded = {"execve", "exit", "exit_group", "restart_syscall",
                                             "rt_sigreturn"};
// Go wakes its threads by these when it happens to be so: seen in some starts of runc only.
const std::set<std::string> kSchedulerCalls = {"futex", "rt_sigreturn"};

struct Options {
  SeccompAction default_action;
  bool action_given = false;
  bool start_block = true;
  const SeccompDialect* dialect = nullptr;
};

Result<std::uint32_t> parse_errno(const std::string& text) {
  constexpr int kLast = 133;  // EHWPOISON
  for (int number = 1; number <= kLast; ++number) {
    const char* name = ::strerrorname_np(number);
    if (name && (text == name || text == std::to_string(number))) {
      return static_cast<std::uint32_t>(number);
    }
  }
  return fail(ErrorCode::kUsage, "no error \"" + text + "\"",
              "give its name, like EPERM or ENOSYS");
}

Result<Options> parse_options(const AdviceRequest& request) {
  Options options;
  options.dialect = find_seccomp_dialect(request.format.empty() ? "oci" : request.format);
  if (!options.dialect) return fail(ErrorCode::kUsage, "no form \"" + request.format + "\"");
  const std::string action = request.option("default-action");
  options.action_given = !action.empty();
  options.start_block = request.option("no-start-block").empty();
  if (options.action_given) {
    IG_ASSIGN(options.default_action.name, parse_seccomp_action(action));
  }
  if (const std::string number = request.option("default-errno"); !number.empty()) {
    IG_ASSIGN(options.default_action.errno_ret, parse_errno(number));
  }
  return options;
}

std::string names_text(const std::set<std::string>& names) {
  const std::vector<std::string> list(names.begin(), names.end());
  return join(list, ", ");
}

Advice advice_for(const Workload& workload, std::string name) {
  Advice advice;
  advice.workload = workload;
  advice.name = std::move(name);
  advice.extension = "json";
  return advice;
}

// One profile in the making: what goes in, and the words that go with it.
class Draft {
 public:
  Draft(const SessionInfo& session, const Workload& workload, NeededCalls needed,
        EvidenceState state, const Options& options)
      : session_(session),
        workload_(workload),
        needed_(std::move(needed)),
        state_(std::move(state)),
        options_(options) {}

  Result<Advice> finish(std::string name) && {
    Advice advice = advice_for(workload_, std::move(name));
    collect_names();
    summarise();
    warn();
    explain(advice.evidence);
    IG_ASSIGN(DialectText written, options_.dialect->write(profile(), context(advice.name)));
    advice.extension = options_.dialect->extension;
    advice.document = std::move(written.text);
    advice.summary = std::move(summary_);
    advice.caveats = std::move(state_.caveats);
    std::ranges::move(written.caveats, std::back_inserter(advice.caveats));
    return advice;
  }

 private:
  DialectContext context(const std::string& name) const {
    DialectContext context{.name = name,
                           .native_arch = needed_.native_arch,
                           .header = {workload_text(workload_), window_text(session_)},
                           .complete = !state_.lossy && !workload_.partial,
                           .recordings = 1,
                           .seen_in = {}};
    if (state_.lossy) context.header.emplace_back("with losses");
    for (const NeededCall& call : needed_.calls) {
      if (call.name) context.seen_in[*call.name] = 1;
    }
    return context;
  }

  // A container's profile is loaded by a runtime, so where none was seen starting this workload
  // the block has the runtime's calls too: also for a plain command.
  bool start_seen() const { return needed_.set_up_seen && !workload_.partial; }

  void collect_names() {
    for (const NeededCall& call : needed_.calls) {
      archs_.insert(call.arch);
      if (call.name) {
        names_.insert(*call.name);
      } else {
        nameless_.insert(fmt::format("{} {}", call.arch, call.number));
      }
    }
    archs_.insert(needed_.native_arch);  // the runtime's own exec of the entry point
    std::set<std::string> always = kAlwaysNeeded;
    if (needed_.start.scheduler_may_wake) {
      always.insert(kSchedulerCalls.begin(), kSchedulerCalls.end());
    }
    for (const std::string& name : always) {
      if (names_.insert(name).second) added_.insert(name);
    }
    if (start_seen() || !options_.start_block) return;
    StartBlock block = start_block(workload_);
    block_owners_ = block.owners;
    std::ranges::set_difference(block.names, names_, std::inserter(block_, block_.end()));
  }

  SeccompAction default_action() const {
    SeccompAction action = options_.default_action;
    if (state_.lossy && !options_.action_given) action.name = "SCMP_ACT_LOG";
    return action;
  }

  SeccompProfile profile() const {
    SeccompProfile profile{.default_action = default_action()};
    for (const SyscallArch& arch : syscall_archs()) {
      if (archs_.contains(std::string(arch.name))) profile.architectures.emplace_back(arch.oci);
    }
    const auto rule = [&profile](const std::set<std::string>& names, std::string comment) {
      profile.rules.push_back(
          {.names = {names.begin(), names.end()}, .comment = std::move(comment)});
    };
    rule(names_, fmt::format("{}: {}{}", one_line(workload_.name), window_text(session_),
                             state_.lossy ? "; with losses" : ""));
    if (!block_.empty()) rule(block_, "start block, not recorded: " + block_owners_);
    return profile;
  }

  void summarise() {
    const std::vector<std::string> archs(archs_.begin(), archs_.end());
    summary_.push_back(fmt::format("{}, {}", workload_text(workload_), window_text(session_)));
    summary_.push_back(fmt::format("{} allowed on {}, otherwise {}",
                                   count_text(names_.size() + block_.size(), "system call"),
                                   join(archs, " and "), default_action_text()));
    if (!added_.empty()) {
      summary_.push_back("always needed, not recorded: " + names_text(added_));
    }
    if (needed_.start.known) {
      summary_.push_back("filter counts: " + needed_.start.reason);
    }
    if (const auto set_up = only_in({"running", "setup"}); start_seen() && !set_up.empty()) {
      summary_.push_back("only the runtime after its filter: " + names_text(set_up));
    }
    if (!needed_.outside.empty()) {
      summary_.push_back(fmt::format("left out: {} that only the runtime made before its filter",
                                     count_text(needed_.outside.size(), "call")));
    }
    if (const auto exec = only_in({"exec_setup", "exec"}); !exec.empty()) {
      summary_.push_back("only exec sessions: " + names_text(exec));
    }
    if (!block_.empty()) {
      summary_.push_back(fmt::format("start block ({}; --no-start-block leaves it out): {}",
                                     block_owners_, names_text(block_)));
    }
  }

  std::string default_action_text() const {
    const SeccompAction action = default_action();
    if (!action.has_errno()) return action.name;
    const char* name = ::strerrorname_np(static_cast<int>(action.errno_ret));
    return fmt::format("{} {} (runc: ENOSYS above the highest number listed)", action.name,
                       name ? name : std::to_string(action.errno_ret));
  }

  std::set<std::string> only_in(const std::set<std::string>& phases) const {
    std::set<std::string> inside, elsewhere, only;
    for (const NeededCall& call : needed_.calls) {
      (call.only_in(phases) ? inside : elsewhere).insert(call.display_name());
    }
    std::ranges::set_difference(inside, elsewhere, std::inserter(only, only.end()));
    return only;
  }

  void warn() {
    auto& caveats = state_.caveats;
    if (workload_.partial) {
      caveats.push_back(
          "it was running before the recording: its start was not seen; to see it whole, start it "
          "while `ig record` runs");
    } else if (!needed_.set_up_seen) {
      caveats.push_back(
          "no container runtime was seen starting it: a container needs its runtime's calls too");
    } else if (!needed_.start.known) {
      caveats.push_back("its runtime was not recognised: everything in the set-up is allowed");
    }
    if (needed_.set_up_seen && needed_.start.no_new_privileges) {
      caveats.push_back(
          "recorded with no_new_privileges: without it the runtime needs more calls under the "
          "filter");
    }
    if (!nameless_.empty()) {
      caveats.push_back("left out, since the installed libseccomp has no name for them: " +
                        names_text(nameless_));
    }
    if (workload_.has_seccomp) {
      caveats.push_back("it ran under a seccomp profile: what that denied could not be recorded");
    }
    if (!workload_.pod.empty()) {
      caveats.push_back(
          "it belongs to the container: as the pod's profile it would meet the pause container "
          "too");
    }
    warn_of_architectures();
  }

  // A profile's names count for each of its architectures; it cannot say otherwise.
  void warn_of_architectures() {
    if (archs_.size() < 2) return;
    for (const std::string& arch : archs_) {
      std::set<std::string> here, elsewhere, only;
      for (const NeededCall& call : needed_.calls) {
        if (call.name) (call.arch == arch ? here : elsewhere).insert(*call.name);
      }
      std::ranges::set_difference(here, elsewhere, std::inserter(only, only.end()));
      if (only.empty()) continue;
      state_.caveats.push_back(fmt::format(
          "recorded on {} only, but names count for every architecture of a profile: {}", arch,
          names_text(only)));
    }
  }

  void explain(std::vector<Evidence>& evidence) const {
    for (const NeededCall& call : needed_.calls) {
      evidence.push_back(
          {fmt::format("{} {}", call.arch, call.display_name()),
           fmt::format("{}, {}, {}{}", count_text(call.count, "call"),
                       span_text(call.first_ns, call.last_ns), join(call.phases, " and "),
                       call.name ? "" : "; left out: no name")});
    }
    for (const std::string& name : added_) {
      evidence.push_back({fmt::format("{} {}", needed_.native_arch, name), "always needed"});
    }
    for (const std::string& name : block_) {
      evidence.push_back({fmt::format("{} {}", needed_.native_arch, name), "start block"});
    }
    for (const NeededCall& call : needed_.outside) {
      evidence.push_back(
          {fmt::format("{} {}", call.arch, call.display_name()),
           fmt::format("left out: {} by the runtime before its filter, {}",
                       count_text(call.count, "call"), span_text(call.first_ns, call.last_ns))});
    }
  }

  const SessionInfo& session_;
  const Workload& workload_;
  NeededCalls needed_;
  EvidenceState state_;
  const Options& options_;
  std::set<std::string> archs_, names_, added_, block_, nameless_;
  std::string block_owners_;
  std::vector<std::string> summary_;
};

Result<std::vector<Advice>> advise_seccomp(SessionReader& session, const AdviceRequest& request) {
  IG_ASSIGN(const Options options, parse_options(request));
  IG_ASSIGN(const LossGate gate, LossGate::open(session, {kGadget, "system calls", {}}));
  IG_ASSIGN(const SessionInfo info, session.info());
  IG_ASSIGN(const auto workloads, choose_workloads(session, request.selector));
  std::vector<Advice> advice;
  NameGiver names;
  for (const Workload& workload : workloads) {
    IG_ASSIGN(NeededCalls needed, needed_calls(session, workload));
    const std::string name = names.give(workload.name);
    if (needed.calls.empty()) {
      advice.push_back(advice_for(workload, name));
      advice.back().caveats = {"no profile: no system call of it was recorded"};
      continue;
    }
    IG_ASSIGN(EvidenceState state, gate.judge(workload, request.tolerate_loss));
    IG_ASSIGN(advice.emplace_back(),
              Draft(info, workload, std::move(needed), std::move(state), options).finish(name));
  }
  return advice;
}

std::vector<std::string_view> dialect_names() {
  std::vector<std::string_view> names;
  for (const SeccompDialect& dialect : seccomp_dialects()) names.push_back(dialect.name);
  return names;
}

}  // namespace

extern const AdvisorInfo kSeccompAdvisor;
const AdvisorInfo kSeccompAdvisor = {
    .name = "seccomp-profile",
    .summary =
        "Profiles that allow the system calls a workload made, for container runtimes, systemd and "
        "sandboxes",
    .gadgets = {kGadget},
    .formats = dialect_names(),
    .options = {{"default-action", "ACTION", "",
                 "for every other call: errno, kill, log or an SCMP_ACT_ name (default: errno; log "
                 "where a loss is tolerated)"},
                {"default-errno", "ERROR", "EPERM", "the error that a denied call returns"},
                {"no-start-block", "", "",
                 "without the start block, for a workload that was running already"}},
    .advise = advise_seccomp,
};

}  // namespace ig
