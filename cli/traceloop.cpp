// SPDX-License-Identifier: Apache-2.0
// ig traceloop: what a flight recorder kept, as strace would have printed it.
#include <fmt/format.h>

#include "advisors/advice_text.h"
#include "advisors/flight_recorder.h"
#include "base/log.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/selectors.h"
#include "cli/time_options.h"
#include "reporters/display_text.h"
#include "reporters/flight_report.h"

namespace ig {
namespace {

Result<FlightQuestion> parse_question(const Arguments& arguments, const SessionInfo& info) {
  FlightQuestion question;
  IG_ASSIGN(question.from_ns, parse_time(arguments, "since", info));
  IG_ASSIGN(question.to_ns, parse_time(arguments, "until", info));
  IG_ASSIGN(question.selector, parse_selector(arguments));
  for (auto& name : arguments.list("calls")) question.calls.insert(std::move(name));
  question.only_failed = arguments.has("errors");
  return question;
}

void tell_rings(const std::vector<FlightRing>& rings, bool of_several) {
  for (const FlightRing& ring : rings) {
    if (ring.overwritten == 0) continue;
    const auto text =
        fmt::format("{} of {} are not here: newer ones took their place",
                    format_count(ring.overwritten), count_text(ring.recorded, "call"));
    log::warning("{}{}", of_several ? printable(ring.workload) + ": " : "", text);
  }
}

}  // namespace

Syntax traceloop_syntax(const Words&) {
  Syntax syntax;
  syntax.operands = {{"SESSION"}};
  syntax.text =
      "The last system calls of each workload that `ig record --gadgets +traceloop` kept, in the "
      "notation of `strace -f -Y -tt -T`: thread, its name, time (UTC), call, result, duration in "
      "seconds. What newer calls have overwritten is said on stderr. `ig run traceloop` shows "
      "calls live.";
  syntax.groups = {
      {"What is shown",
       {{"calls", "NAMES", "only these calls, with commas between their names"},
        {"errors", "", "only calls that failed"},
        {"since", "TIME",
         "calls that began then or later: 2025-11-03T14:00:00Z, or 90s after the "
         "recording's beginning"},
        {"until", "TIME", "calls that began then or earlier"}}},
      {"Output",
       {{"summary", "", "instead: time, calls and errors of each call, like strace -c -w"},
        {"format",
         "NAME",
         "perfetto is a file for ui.perfetto.dev",
         0,
         "text",
         {"text", "json", "perfetto"}}}}};
  syntax.add(selector_options());
  syntax.examples = {"ig traceloop prod.db --workload web --errors",
                     "ig traceloop prod.db --summary",
                     "ig traceloop prod.db --format perfetto > web.trace.json"};
  return syntax;
}

Result<int> run_traceloop(const Arguments& arguments) {
  const auto format = arguments.text("format");
  if (arguments.has("summary") && format != "text") {
    return fail(ErrorCode::kUsage, fmt::format("a summary cannot be written as {}", format),
                "leave one of --summary and --format away");
  }
  IG_ASSIGN(const auto session, open_session(arguments.operand(0)));
  const Recording recording{session.get(), arguments.operand(0)};
  IG_ASSIGN(const auto info, session->info());
  IG_ASSIGN(const auto question, parse_question(arguments, info));
  const Interrupts interrupts;
  session->stop_when([] { return Interrupts::count() > 0; });
  std::unique_ptr<FlightWriter> writer = make_flight_writer(format, stdout);
  if (arguments.has("summary")) writer = std::make_unique<FlightSummary>(stdout);
  std::size_t calls = 0;
  IG_TRY(read_flight(recording, question, [&](const FlightCall& call) {
    writer->call(call);
    ++calls;
    return true;
  }));
  writer->end();
  std::fflush(stdout);
  IG_ASSIGN(const auto rings, read_flight_rings(recording, question.selector));
  tell_rings(rings, rings.size() > 1);
  if (calls == 0) log::info("no call fits");
  return 0;
}

}  // namespace ig
