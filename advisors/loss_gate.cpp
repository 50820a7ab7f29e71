// SPDX-License-Identifier: Apache-2.0
#include "advisors/loss_gate.h"

#include <fmt/format.h>

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

// Loss of evidence, or only something that the reader should know.
bool loses_evidence(Loss::Kind kind) {
  switch (kind) {
    case Loss::Kind::kRingFull:
    case Loss::Kind::kMapFull:
    case Loss::Kind::kMalformed:
    case Loss::Kind::kWriterFailed:
      return true;
    case Loss::Kind::kNotAttached:  // decided from the gadget's run, which knows what it leaves out
    case Loss::Kind::kUnresolved:
    case Loss::Kind::kBackendLimit:
      return false;
  }
  return true;
}

std::string describe(const Loss& loss) {
  std::string text =
      fmt::format("{} lost ({}, {})", count_text(loss.count, "record"), to_string(loss.kind),
                  loss.gadget.empty() ? "every gadget" : one_line(loss.gadget));
  if (loss.from_ns != 0) text += ", " + span_text(loss.from_ns, loss.to_ns);
  if (!loss.detail.empty()) text += ": " + one_line(loss.detail);
  return text;
}

std::string describe(const GadgetRun::Program& program) {
  return fmt::format("{} could not attach {} ({})", one_line(program.section),
                     one_line(program.name), one_line(program.reason));
}

std::string incomplete_text() {
  return "the recording was cut off before its end: at most its last second is missing";
}

}  // namespace

Result<LossGate> LossGate::open(SessionReader& session, const std::string& gadget,
                                std::string_view subject) {
  LossGate gate;
  gate.gadget_ = gadget;
  IG_ASSIGN(const auto runs, session.gadget_runs());
  bool recorded = false;
  for (const GadgetRun& run : runs) {
    if (run.gadget != gadget) continue;
    recorded = true;
    for (const GadgetRun::Program& program : run.programs) {
      if (program.attached) continue;
      if (program.leaves_empty.empty()) {
        gate.session_losses_.push_back(describe(program));
      } else {
        gate.session_caveats_.push_back(
            fmt::format("{}: not recorded: {}", describe(program), one_line(program.leaves_empty)));
      }
    }
  }
  if (!recorded) {
    return fail(ErrorCode::kNotFound,
                fmt::format("this session has no recording of {} (gadget {})", subject, gadget),
                fmt::format("record with `ig record --preset policy` or `--gadgets {}`", gadget));
  }
  IG_ASSIGN(const SessionInfo info, session.info());
  if (info.ended_ns == 0) gate.session_caveats_.push_back(incomplete_text());
  IG_ASSIGN(const auto losses, session.losses());
  for (const Loss& loss : losses) {
    if (!concerns(loss, gadget)) continue;
    if (loss.workload != 0) {
      gate.losses_.push_back(loss);
    } else if (loses_evidence(loss.kind)) {
      gate.session_losses_.push_back(describe(loss));
    } else if (loss.kind == Loss::Kind::kBackendLimit) {
      gate.session_caveats_.push_back(one_line(loss.detail));
    }
  }
  return gate;
}

Result<EvidenceState> LossGate::judge(const Workload& workload, bool tolerate_loss) const {
  EvidenceState state{.caveats = session_caveats_};
  std::vector<std::string> lost = session_losses_;
  for (const Loss& loss : losses_) {
    if (loss.workload == workload.id && loses_evidence(loss.kind)) lost.push_back(describe(loss));
  }
  if (lost.empty()) return state;
  if (!tolerate_loss) {
    return fail(ErrorCode::kRefused,
                fmt::format("the evidence for {} is incomplete: {}", one_line(workload.name),
                            join(lost, "; ")),
                "record again with a larger --ring-size or fewer workloads, or pass "
                "--tolerate-loss for a document that logs instead of denying");
  }
  state.lossy = true;
  for (const std::string& loss : lost) state.caveats.push_back("tolerated loss: " + loss);
  return state;
}

}  // namespace ig
