// SPDX-License-Identifier: Apache-2.0
#include "cli/watched_sink.h"

#include <algorithm>

#include "base/log.h"
#include "cli/interrupt.h"

namespace ig {
namespace {

Result<> check_interrupts() {
  if (Interrupts::count() < 2) return {};
  return fail(ErrorCode::kFailed, "interrupted twice: what was not read yet is not in the session",
              "`ig session info` lists it among the losses");
}

// A better rung that this kernel refuses costs nothing where the one below it fills every field.
bool costs_nothing(const GadgetRun::Program& program) {
  return program.leaves_empty.empty() && program.reason.starts_with("variant ");
}

}  // namespace

Result<> WatchedSink::gadget_run(const GadgetRun& run) {
  const bool runs = std::ranges::any_of(run.programs, &GadgetRun::Program::attached);
  if (!runs && !run.programs.empty()) {
    log::warning("{} is left out: {}", run.gadget, run.programs.back().reason);
    return sink_.gadget_run(run);
  }
  for (const auto& program : run.programs) {
    if (program.attached || costs_nothing(program)) continue;
    const auto empty = program.leaves_empty.empty() ? "" : "; stays empty: " + program.leaves_empty;
    log::warning("{}: program {} ({}) is not attached: {}{}", run.gadget, program.name,
                 program.section, program.reason, empty);
  }
  return sink_.gadget_run(run);
}

Result<> WatchedSink::loss(const Loss& loss) {
  if (loss.kind == Loss::Kind::kDetached) {
    log::warning("{}: somebody detached program {}; what it would have seen is lost", loss.gadget,
                 loss.detail);
  }
  return sink_.loss(loss);
}

Result<> WatchedSink::event(const Event& event) {
  IG_TRY(check_interrupts());
  return sink_.event(event);
}

Result<> WatchedSink::flush() {
  IG_TRY(check_interrupts());
  return sink_.flush();
}

}  // namespace ig
