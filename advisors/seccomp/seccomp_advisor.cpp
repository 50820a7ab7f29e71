// SPDX-License-Identifier: Apache-2.0
// seccomp-profile: from the calls that workloads made to the profiles that allow them and nothing
// else. One document for each subject: a workload, or all instances of one in many recordings.
#include <fmt/format.h>

#include <algorithm>

#include "advisors/advice_text.h"
#include "advisors/advisor.h"
#include "advisors/loss_gate.h"
#include "advisors/seccomp/observed_calls.h"
#include "advisors/seccomp/phase_table.h"
#include "advisors/seccomp/profile_draft.h"
#include "advisors/seccomp/profile_options.h"
#include "advisors/seccomp/seccomp_dialect.h"

namespace ig {
namespace {

constexpr const char* kGadget = "advise_seccomp";

// What the subject's recordings say about its evidence: all must be whole.
class Gates {
 public:
  static Result<Gates> open(Recordings recordings) {
    Gates gates(recordings);
    for (const auto& recording : recordings) {
      auto gate = LossGate::open(*recording.session, {kGadget, "system calls", {}});
      if (!gate) {
        auto error = std::move(gate.error());
        if (recordings.size() > 1) error.message = recording.name + ": " + error.message;
        return std::unexpected(std::move(error));
      }
      gates.gates_.push_back(std::move(*gate));
    }
    return gates;
  }

  Result<EvidenceState> judge(const ProfileSubject& subject, bool tolerate_loss) const {
    EvidenceState all;
    for (const auto& instance : subject.instances) {
      IG_ASSIGN(const auto state,
                gates_[instance.recording].judge(instance.workload, tolerate_loss));
      all.lossy |= state.lossy;
      for (const auto& caveat : state.caveats) add(all.caveats, instance.recording, caveat);
    }
    return all;
  }

 private:
  explicit Gates(Recordings recordings) : recordings_(recordings) {}

  void add(std::vector<std::string>& caveats, std::size_t recording,
           const std::string& caveat) const {
    const auto text =
        recordings_.size() == 1 ? caveat : one_line(recordings_[recording].name) + ": " + caveat;
    if (std::ranges::find(caveats, text) == caveats.end()) caveats.push_back(text);
  }

  Recordings recordings_;
  std::vector<LossGate> gates_;
};

Advice advice_for(const ProfileSubject& subject, std::string name) {
  Advice advice;
  advice.workload = subject.instances.front().workload;
  advice.name = std::move(name);
  advice.extension = "json";
  return advice;
}

Result<Advice> write(const ProfileDraft& draft, ProfileDraft::Step step, Advice advice,
                     const SeccompDialect& dialect, const DialectContext& context) {
  IG_ASSIGN(auto text, dialect.write(draft.profile(step), context));
  advice.extension = dialect.extension;
  advice.document = std::move(text.text);
  advice.caveats.insert(advice.caveats.end(), text.caveats.begin(), text.caveats.end());
  return advice;
}

// One document, or the three of the ladder; the words go with the last, which enforces.
Result<> write_all(const ProfileDraft& draft, const Advice& advice, const ProfileOptions& options,
                   const SeccompDialect& dialect, const DialectContext& context,
                   std::vector<Advice>& out) {
  using enum ProfileDraft::Step;
  if (options.ladder) {
    const auto add = [&](ProfileDraft::Step step, const char* suffix,
                         const char* does) -> Result<> {
      Advice rung;
      rung.workload = advice.workload;
      rung.name = advice.name + suffix;
      rung.summary = {fmt::format("{}: {}", rung.name, does)};
      IG_ASSIGN(auto written, write(draft, step, std::move(rung), dialect, context));
      out.push_back(std::move(written));
      return {};
    };
    IG_TRY(add(kLog, ".1-log", "logs every other call and denies none"));
    IG_TRY(add(kErrnoLog, ".2-errno-log", "denies what the last one denies, and logs it"));
  }
  IG_ASSIGN(auto last, write(draft, kEnforce, advice, dialect, context));
  if (options.ladder) last.name += ".3-enforce";
  out.push_back(std::move(last));
  return {};
}

DialectContext context_of(const std::vector<SessionInfo>& sessions, const ObservedCalls& observed,
                          const EvidenceState& state, const ProfileOptions& options,
                          const Advice& advice) {
  DialectContext context;
  context.name = advice.name;
  context.native_arch =
      options.target_arch.empty() ? *observed.native_archs.begin() : options.target_arch;
  context.header = {advice.summary.front()};
  if (state.lossy) context.header.emplace_back("with losses");
  context.complete = !state.lossy && !advice.workload.partial;
  context.recordings = static_cast<unsigned>(sessions.size());
  for (const auto& call : observed.calls) {
    if (!call.name) continue;
    auto& seen_in = context.seen_in[*call.name];  // on whatever architecture
    seen_in = std::max(seen_in, static_cast<unsigned>(call.recordings.size()));
  }
  return context;
}

Result<> advise_one(Recordings recordings, const std::vector<SessionInfo>& sessions,
                    const ProfileSubject& subject, const Gates& gates, const AdviceRequest& request,
                    const ProfileOptions& options, Advice advice, std::vector<Advice>& out) {
  IG_ASSIGN(const auto observed, observe_calls(recordings, subject));
  if (observed.calls.empty()) {
    advice.caveats = {"no profile: no system call of it was recorded"};
    out.push_back(std::move(advice));
    return {};
  }
  IG_ASSIGN(const auto state, gates.judge(subject, request.tolerate_loss));
  const ProfileDraft draft(sessions, subject, observed, state, options);
  advice.summary = draft.summary();
  advice.caveats = draft.caveats();
  advice.evidence = draft.evidence();
  if (options.phases) {
    advice.document = phase_table(observed);
    advice.extension = "txt";
    out.push_back(std::move(advice));
    return {};
  }
  const auto* dialect = find_seccomp_dialect(request.format.empty() ? "oci" : request.format);
  const auto context = context_of(sessions, observed, state, options, advice);
  return write_all(draft, advice, options, *dialect, context, out);
}

Result<std::vector<Advice>> advise_seccomp(Recordings recordings, const AdviceRequest& request) {
  IG_ASSIGN(const auto options, parse_profile_options(request, recordings.size()));
  IG_ASSIGN(const auto gates, Gates::open(recordings));
  std::vector<SessionInfo> sessions;
  for (const auto& recording : recordings) {
    IG_ASSIGN(auto info, recording.session->info());
    sessions.push_back(std::move(info));
  }
  IG_ASSIGN(const auto subjects, choose_subjects(recordings, request.selector, options.by));
  std::vector<Advice> advice;
  NameGiver names;
  for (const auto& subject : subjects) {
    IG_TRY(advise_one(recordings, sessions, subject, gates, request, options,
                      advice_for(subject, names.give(subject.name)), advice));
  }
  return advice;
}

std::vector<std::string_view> dialect_names() {
  std::vector<std::string_view> names;
  for (const auto& dialect : seccomp_dialects()) names.push_back(dialect.name);
  return names;
}

}  // namespace

extern const AdvisorInfo kSeccompAdvisor;
const AdvisorInfo kSeccompAdvisor = {
    .name = "seccomp-profile",
    .summary =
        "Profiles that allow the system calls a workload made, for runc, crun, podman, docker",
    .gadgets = {kGadget},
    .formats = dialect_names(),
    .options = profile_option_list(),
    .advise = advise_seccomp,
};

}  // namespace ig
