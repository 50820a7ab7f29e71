// SPDX-License-Identifier: Apache-2.0
#include "advisors/seccomp/seccomp_document.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "advisors/advice_text.h"
#include "advisors/loss_gate.h"
#include "base/text.h"

namespace ig {
namespace {

std::unexpected<Error> in_file(const std::string& file, Error error) {
  error.message = fmt::format("{}: {}", file, error.message);
  return std::unexpected(std::move(error));
}

std::string key_of(const ProfileSubject& subject, SubjectBy by) {
  const auto& workload = subject.instances.front().workload;
  if (by == SubjectBy::kImage && !workload.image.empty()) return "image " + subject.name;
  return to_string(workload.kind) + (' ' + subject.name);
}

// What is missing in a recording looks as if it were gone, or as if it were new in the other.
Result<> judge_evidence(const LossGate& gate, const ProfileSubject& subject, bool tolerate_loss,
                        SeccompDocument& document) {
  const auto tell = [&](const std::string& caveat) {
    auto text = fmt::format("{}: {}", one_line(document.file), caveat);
    auto& told = document.caveats;
    if (std::ranges::find(told, text) == told.end()) told.push_back(std::move(text));
  };
  for (const auto& instance : subject.instances) {
    IG_ASSIGN(const auto state, gate.judge(instance.workload, tolerate_loss));
    for (const auto& caveat : state.caveats) tell(caveat);
    if (!instance.workload.partial) continue;
    tell(fmt::format("{} was running before the recording: its start was not seen",
                     one_line(subject.name)));
  }
  return {};
}

}  // namespace

Result<SeccompDocument> SeccompDocument::of_profile(DecisionDiagrams& diagrams,
                                                    std::string_view json,
                                                    const SeccompProfile::Conditions& conditions,
                                                    std::string file) {
  const auto profile = SeccompProfile::from_json(json, conditions);
  if (!profile) return in_file(file, profile.error());
  auto side = SeccompSide::of_profile(diagrams, *profile, conditions.arch);
  if (!side) return in_file(file, side.error());
  SeccompDocument document{.file = std::move(file)};
  if (!profile->missing_capabilities.empty()) {
    const std::vector<std::string> left_out(profile->missing_capabilities.begin(),
                                            profile->missing_capabilities.end());
    document.caveats.push_back(
        fmt::format("{}: rules for {} are left out: --capability gives what the container has",
                    one_line(document.file), join(left_out, ", ")));
  }
  document.subjects.push_back({"", "", std::move(*side)});
  return document;
}

Result<SeccompDocument> SeccompDocument::of_recording(DecisionDiagrams& diagrams,
                                                      const Recording& recording,
                                                      const Choice& choice) {
  IG_ASSIGN(const auto gate,
            LossGate::open(*recording.session, {"advise_seccomp", "system calls", {}}));
  const Recordings recordings(&recording, 1);
  IG_ASSIGN(const auto subjects, choose_subjects(recordings, choice.selector, choice.by));
  SeccompDocument document{.file = recording.name, .recorded = true};
  for (const auto& subject : subjects) {
    IG_TRY(judge_evidence(gate, subject, choice.tolerate_loss, document));
    IG_ASSIGN(const auto observed, observe_calls(recordings, subject));
    if (observed.calls.empty()) {
      document.caveats.push_back(fmt::format("{}: no system call of {} was recorded",
                                             one_line(document.file), one_line(subject.name)));
    }
    IG_ASSIGN(auto side, SeccompSide::of_calls(diagrams, observed, choice.arguments));
    document.subjects.push_back({subject.name, key_of(subject, choice.by), std::move(side)});
  }
  return document;
}

}  // namespace ig
