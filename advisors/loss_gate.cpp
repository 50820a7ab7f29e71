// SPDX-License-Identifier: Apache-2.0
#include "advisors/loss_gate.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "advisors/advice_text.h"
#include "base/text.h"

namespace ig {
namespace {

// The recorder's own events, by which it tells workloads apart: what is lost there may be missing
// from every gadget's rows.
constexpr std::string_view kIdentityEvents = "workload_events";

bool concerns(const Loss& loss, std::string_view gadget) {
  return loss.gadget.empty() || loss.gadget == gadget || loss.gadget == kIdentityEvents;
}

std::string describe(const Loss& loss) {
  const auto of = loss.gadget.empty() ? "the session" : one_line(loss.gadget);
  std::string text = loss.kind == Loss::Kind::kDetached
                         ? fmt::format("somebody detached a program of {}", of)
                         : fmt::format("{} lost ({} of {})", count_text(loss.count, "record"),
                                       to_string(loss.kind), of);
  if (loss.from_ns != 0) text += " " + span_text(loss.from_ns, loss.to_ns);
  if (!loss.detail.empty()) text += ": " + one_line(loss.detail);
  return text;
}

std::string_view remedy(Loss::Kind kind) {
  switch (kind) {
    case Loss::Kind::kRingFull:
      return "a larger --ring-size";
    case Loss::Kind::kMapFull:
      return "selectors, so that fewer workloads fill the maps";
    case Loss::Kind::kNotAttached:
      return "a kernel that offers what is missing (`ig probe` tells)";
    case Loss::Kind::kDetached:
      return "nobody detaching its programs";
    case Loss::Kind::kWriterFailed:
      return "more room for the session file";
    case Loss::Kind::kSkipped:
      return "a variant of the gadget that this kernel does not interrupt";
    case Loss::Kind::kPruned:
      return "nothing pruned from it";
    case Loss::Kind::kMalformed:
    case Loss::Kind::kUnresolved:
    case Loss::Kind::kBackendLimit:
      return "the gadgets of this version of ig";
  }
  return "";
}

}  // namespace

Result<LossGate> LossGate::open(SessionReader& session, const Evidence& evidence) {
  LossGate gate;
  IG_ASSIGN(const auto runs, session.gadget_runs());
  bool recorded = false;
  for (const GadgetRun& run : runs) {
    if (run.gadget != evidence.gadget) continue;
    recorded = true;
    gate.take_run(run, evidence);
  }
  if (!recorded) {
    return fail(
        ErrorCode::kNotFound,
        fmt::format("this session did not record {} ({})", evidence.subject, evidence.gadget),
        fmt::format("record with `ig record --preset policy` or `--gadgets {}`", evidence.gadget));
  }
  IG_ASSIGN(const SessionInfo info, session.info());
  if (!info.complete) {
    const std::string why = info.end_reason.empty() ? "killed" : one_line(info.end_reason);
    gate.caveats_.push_back(
        {{}, 0, fmt::format("the recording was cut off ({}): what came last may be missing", why)});
  }
  IG_ASSIGN(const auto losses, session.losses());
  for (const Loss& loss : losses) {
    if (concerns(loss, evidence.gadget)) gate.take_loss(loss);
  }
  return gate;
}

// A program that leaves nothing empty is only a better way that this kernel does not offer.
void LossGate::take_run(const GadgetRun& run, const Evidence& evidence) {
  for (const GadgetRun::Program& program : run.programs) {
    if (program.attached || program.leaves_empty.empty()) continue;
    const bool dispensable =
        std::ranges::find(evidence.dispensable, program.leaves_empty) != evidence.dispensable.end();
    (dispensable ? caveats_ : losses_)
        .push_back({Loss::Kind::kNotAttached, 0,
                    fmt::format("not recorded: {} ({}: {})", one_line(program.leaves_empty),
                                one_line(program.name), one_line(program.reason))});
  }
}

void LossGate::take_loss(const Loss& loss) {
  switch (loss.kind) {
    case Loss::Kind::kRingFull:
    case Loss::Kind::kMapFull:
    case Loss::Kind::kSkipped:
    case Loss::Kind::kMalformed:
    case Loss::Kind::kDetached:
    case Loss::Kind::kWriterFailed:
      losses_.push_back({loss.kind, loss.workload, describe(loss)});
      return;
    case Loss::Kind::kPruned:
      // Of no workload: what went was whole (a gadget, other workloads) and is nobody's evidence.
      if (loss.workload != 0) losses_.push_back({loss.kind, loss.workload, describe(loss)});
      return;
    case Loss::Kind::kBackendLimit:
      caveats_.push_back({loss.kind, loss.workload, one_line(loss.detail)});
      return;
    case Loss::Kind::kNotAttached:  // the gadget's run says which, and what it leaves empty
    case Loss::Kind::kUnresolved:   // a workload without a name has its evidence all the same
      return;
  }
}

Result<EvidenceState> LossGate::judge(const Workload& workload, bool tolerate_loss) const {
  const auto is_its = [&](const Finding& finding) {
    return finding.workload == 0 || finding.workload == workload.id;
  };
  EvidenceState state;
  for (const Finding& caveat : caveats_) {
    if (is_its(caveat)) state.caveats.push_back(caveat.text);
  }
  std::vector<std::string> lost;
  std::set<std::string> remedies;
  for (const Finding& loss : losses_) {
    if (!is_its(loss)) continue;
    lost.push_back(loss.text);
    remedies.emplace(remedy(loss.kind));
  }
  if (lost.empty()) return state;
  if (!tolerate_loss) {
    const std::vector<std::string> needed(remedies.begin(), remedies.end());
    return fail(ErrorCode::kRefused,
                fmt::format("the evidence for {} is incomplete, so a policy could deny what it "
                            "needs: {}",
                            one_line(workload.name), join(lost, "; ")),
                fmt::format("record again with {}; or --tolerate-loss, for advice that does not "
                            "enforce",
                            join(needed, ", and ")));
  }
  state.lossy = true;
  for (const std::string& loss : lost) state.caveats.push_back("tolerated loss: " + loss);
  return state;
}

}  // namespace ig
