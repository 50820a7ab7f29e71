// SPDX-License-Identifier: Apache-2.0
// capabilities: drop all, add what the workload was seen to need. One document for each workload.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "advisors/advice_text.h"
#include "advisors/advisor.h"
#include "advisors/capabilities/capability_forms.h"
#include "advisors/capabilities/needed_capabilities.h"
#include "advisors/loss_gate.h"
#include "advisors/workload_choice.h"
#include "base/text.h"

namespace ig {
namespace {

constexpr const char* kGadget = "trace_capabilities";
// The place in the kernel tells it as well, and that is then recorded.
constexpr std::array<std::string_view, 1> kDispensable = {"audit, insetid"};
constexpr std::size_t kNamesShown = 8;

struct Form {
  std::string_view name, extension;
  std::string (*write)(const CapabilityPolicy&);
};
constexpr std::array<Form, 4> kForms = {{{"kubernetes", "yaml", kubernetes_capabilities},
                                         {"compose", "yaml", compose_capabilities},
                                         {"systemd", "conf", systemd_capabilities},
                                         {"oci", "json", oci_capabilities}}};

const Form& form_of(const std::string& name) {
  const auto found = std::ranges::find(kForms, name, &Form::name);
  return found == kForms.end() ? kForms.front() : *found;
}

std::string verdict_text(CapabilityVerdict verdict) {
  switch (verdict) {
    case CapabilityVerdict::kNeeded:
      return "needed";
    case CapabilityVerdict::kRefused:
      return "not added, refused";
    case CapabilityVerdict::kProbed:
      return "not added, probed only";
    case CapabilityVerdict::kElsewhere:
      return "not added, in a user namespace of its own making";
    case CapabilityVerdict::kSetUp:
      return "not added, the runtime's set-up";
  }
  return "";
}

// The first few, and how many more.
template <typename Names, typename Text>
std::string few(const Names& names, const Text& text) {
  std::vector<std::string> shown;
  for (const auto& name : names) {
    if (shown.size() == kNamesShown) break;
    shown.push_back(text(name));
  }
  const auto more = names.size() - shown.size();
  return join(shown, ", ") + (more ? fmt::format(" and {} more", more) : "");
}

std::string names_text(const std::set<std::string>& names) {
  return join(std::vector<std::string>(names.begin(), names.end()), ", ");
}

std::string fact_text(const CapabilityEvidence& evidence) {
  const auto name = [](const std::string& text) { return one_line(text); };
  const auto uid = [](std::uint32_t number) { return std::to_string(number); };
  return fmt::format("{}, {}, by {} (uid {}) in {}", count_text(evidence.count, "check"),
                     span_text(evidence.first_ns, evidence.last_ns), few(evidence.comms, name),
                     few(evidence.uids, uid), few(evidence.calls, name));
}

Advice advice_for(const Workload& workload, std::string name, const Form& form) {
  Advice advice;
  advice.workload = workload;
  advice.name = std::move(name);
  advice.extension = form.extension;
  return advice;
}

// One policy in the making, and the words that go with it.
class Draft {
 public:
  Draft(const SessionInfo& session, const Workload& workload, NeededCapabilities needed,
        EvidenceState state, const Form& form)
      : session_(session),
        workload_(workload),
        needed_(std::move(needed)),
        state_(std::move(state)),
        form_(form) {}

  Advice finish(std::string name) && {
    Advice advice = advice_for(workload_, std::move(name), form_);
    collect();
    summarise();
    warn();
    explain(advice.evidence);
    policy_.name = advice.name;
    policy_.enforce = !state_.lossy;
    comment();
    advice.document = form_.write(policy_);
    advice.summary = std::move(summary_);
    advice.caveats = std::move(state_.caveats);
    return advice;
  }

 private:
  void collect() {
    for (const std::string& name : needed_.with(CapabilityVerdict::kNeeded)) {
      (capability_bit(name) ? policy_.add : nameless_).insert(name);
    }
    policy_.ambient = needed_.ambient();
  }

  std::string decision() const {
    return policy_.add.empty() ? "drop ALL, add nothing"
                               : "drop ALL, add " + names_text(policy_.add);
  }

  void summarise() {
    summary_.push_back(fmt::format("{}, {}", workload_text(workload_), window_text(session_)));
    summary_.push_back(decision());
    if (needed_.start.known) {
      summary_.push_back(needed_.start.root
                             ? "it starts as root"
                             : fmt::format("it starts as user {}", needed_.start.uid));
    }
    for (const auto verdict : {CapabilityVerdict::kRefused, CapabilityVerdict::kProbed,
                               CapabilityVerdict::kElsewhere, CapabilityVerdict::kSetUp}) {
      summarise(verdict);
    }
  }

  // Those that were not needed for another reason either, with how often they were asked for.
  void summarise(CapabilityVerdict verdict) {
    std::vector<std::string> listed;
    for (const auto& [key, evidence] : needed_.evidence) {
      if (key.second != verdict || policy_.add.contains(key.first)) continue;
      listed.push_back(fmt::format("{} ({})", one_line(key.first), format_count(evidence.count)));
    }
    if (!listed.empty()) {
      summary_.push_back(fmt::format("{}: {}", verdict_text(verdict), join(listed, ", ")));
    }
  }

  void warn() {
    if (workload_.partial) {
      state_.caveats.push_back(
          "it was running before the recording: what it needs to start was not seen (often "
          "CAP_CHOWN, CAP_NET_BIND_SERVICE, CAP_SETGID, CAP_SETUID); start it while `ig record` "
          "runs");
    } else if (workload_.kind == WorkloadKind::kContainer && !needed_.start_seen) {
      state_.caveats.push_back(
          "when its own program began was not recorded (advise_seccomp does): a runtime that runs "
          "from memory is told by its name only");
    }
    if (!nameless_.empty()) {
      state_.caveats.push_back("left out, since they have no name here: " +
                               one_line(names_text(nameless_)));
    }
    if (!needed_.with(CapabilityVerdict::kElsewhere).empty()) {
      state_.caveats.push_back(
          "it makes user namespaces: to map root into them needs CAP_SETFCAP where it is root "
          "itself, and the kernel looks that up without asking");
    }
    warn_of_probes();
    warn_of_user();
  }

  void warn_of_probes() {
    std::set<std::string> unsure;
    for (const auto& [key, evidence] : needed_.evidence) {
      if (key.second == CapabilityVerdict::kNeeded && !evidence.audit_known)
        unsure.insert(key.first);
    }
    if (!unsure.empty()) {
      state_.caveats.push_back("added, though the kernel may only have probed for it: " +
                               one_line(names_text(unsure)));
    }
  }

  void warn_of_user() {
    if (!needed_.start.known) {
      state_.caveats.push_back(
          "it runs in a user namespace: whether it starts as root there was not recorded");
    }
    const bool writes_ambient = form_.name == "systemd" || form_.name == "oci";
    if (!policy_.ambient.empty() && !writes_ambient) {
      state_.caveats.push_back(fmt::format(
          "it starts as user {}, not root, and had in effect from its start: {}; this form gives "
          "added capabilities to root only, so give them to the program's file (setcap) or let it "
          "start as root",
          needed_.start.uid, names_text(policy_.ambient)));
    }
    if (const auto files = needed_.from_files(); !files.empty()) {
      state_.caveats.push_back(fmt::format(
          "it starts as user {} without {}: a program with file capabilities, or a setuid one, "
          "brought them in, which no_new_privileges would forbid",
          needed_.start.uid, one_line(names_text(files))));
    }
  }

  void comment() {
    policy_.comments = {summary_.front()};
    if (form_.name == "kubernetes") policy_.comments.push_back("Belongs to the container.");
    if (workload_.partial) policy_.comments.push_back("Its start was not recorded.");
    if (state_.lossy) {
      policy_.comments.push_back("With losses: nothing is dropped until it is recorded whole.");
    }
  }

  void explain(std::vector<Evidence>& all) const {
    for (const auto& [key, evidence] : needed_.evidence) {
      all.push_back({one_line(key.first), verdict_text(key.second) + ": " + fact_text(evidence)});
    }
  }

  const SessionInfo& session_;
  const Workload& workload_;
  NeededCapabilities needed_;
  EvidenceState state_;
  const Form& form_;
  CapabilityPolicy policy_;
  std::set<std::string> nameless_;
  std::vector<std::string> summary_;
};

// An OCI configuration has no place for words, and whatever it leaves out is gone.
Error cannot_only_advise(const Workload& workload) {
  return {ErrorCode::kRefused,
          fmt::format("the evidence for {} has losses, and an OCI configuration always enforces",
                      one_line(workload.name)),
          "record again, or choose another --format, where what is dropped is only a comment"};
}

Result<Advice> advise_one(SessionReader& session, const LossGate& gate, const Workload& workload,
                          const std::string& name, const AdviceRequest& request) {
  const Form& form = form_of(request.format);
  IG_ASSIGN(NeededCapabilities needed, needed_capabilities(session, workload));
  IG_ASSIGN(EvidenceState state, gate.judge(workload, request.tolerate_loss));
  if (!needed.any_use) {
    auto advice = advice_for(workload, name, form);
    advice.caveats = {"no advice: the kernel asked it for no capability while it recorded"};
    return advice;
  }
  if (state.lossy && form.name == "oci") return std::unexpected(cannot_only_advise(workload));
  IG_ASSIGN(const SessionInfo info, session.info());
  return Draft(info, workload, std::move(needed), std::move(state), form).finish(name);
}

Result<std::vector<Advice>> advise_capabilities(Recordings recordings,
                                                const AdviceRequest& request) {
  IG_ASSIGN(const auto chosen, choose_recorded(recordings, request.selector));
  std::vector<LossGate> gates;
  for (const auto& recording : recordings) {
    IG_ASSIGN(auto gate,
              LossGate::open(*recording.session, {kGadget, "capabilities", kDispensable}));
    gates.push_back(std::move(gate));
  }
  std::vector<Advice> advice;
  NameGiver names;
  for (const auto& [recording, workload] : chosen) {
    const auto name = names.give(workload.name);
    IG_ASSIGN(auto one, advise_one(*recordings[recording].session, gates[recording], workload, name,
                                   request));
    advice.push_back(std::move(one));
  }
  return advice;
}

}  // namespace

extern const AdvisorInfo kCapabilitiesAdvisor;
const AdvisorInfo kCapabilitiesAdvisor = {
    .name = "capabilities",
    .summary = "Capabilities to drop and to add, for Kubernetes, compose, systemd and OCI",
    .gadgets = {kGadget},
    .formats = {"kubernetes", "compose", "systemd", "oci"},
    .options = {},
    .advise = advise_capabilities,
};

}  // namespace ig
