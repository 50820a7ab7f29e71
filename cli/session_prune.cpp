// SPDX-License-Identifier: Apache-2.0
// ig session prune: a session with less in it.
#include "store/session_prune.h"

#include <fmt/format.h>

#include "advisors/advice_text.h"
#include "base/log.h"
#include "base/text.h"
#include "cli/changed_session.h"
#include "cli/commands.h"
#include "cli/selectors.h"
#include "cli/time_options.h"
#include "store/session_reader.h"

namespace ig {
namespace {

Result<PruneRequest> parse_request(const Arguments& arguments) {
  PruneRequest request;
  request.drop = arguments.list("drop");
  IG_ASSIGN(const auto selector, parse_selector(arguments));
  IG_ASSIGN(const auto session, open_session(arguments.operand(0)));
  IG_ASSIGN(const auto info, session->info());
  IG_ASSIGN(request.from_ns, parse_time(arguments, "since", info));
  IG_ASSIGN(request.to_ns, parse_time(arguments, "until", info));
  const bool chosen = !selector.empty();
  if (!chosen && request.drop.empty() && !request.from_ns && !request.to_ns) {
    return fail(ErrorCode::kUsage, "nothing to take away",
                "--drop, --since, --until or a selector says what; ig session info FILE lists what "
                "there is");
  }
  if (request.from_ns && request.to_ns && *request.from_ns > *request.to_ns) {
    return fail(ErrorCode::kUsage, "--since is later than --until", "nothing would be left");
  }
  if (!chosen) return request;
  IG_ASSIGN(const auto workloads, session->workloads(selector));
  if (workloads.empty()) {
    return fail(ErrorCode::kNotFound, "no workload fits the selectors",
                "ig session info FILE lists the workloads");
  }
  auto& keep = request.keep.emplace();
  for (const auto& workload : workloads) keep.push_back(workload.id);
  return request;
}

void tell(const PruneResult& result) {
  for (const auto& cut : result.cuts) {
    log::info("{}: {} gone", cut.what, count_text(cut.rows, "row"));
  }
  if (result.workloads_gone > 0) {
    log::info("{} gone, {} left", count_text(result.workloads_gone, "workload"),
              format_count(result.workloads_left));
  }
  if (result.processes_gone + result.texts_gone > 0) {
    log::info("with them {} of processes and {} that nothing else had",
              count_text(result.processes_gone, "row"), count_text(result.texts_gone, "text"));
  }
  if (!result.of_the_machine.empty()) {
    log::info("kept whole, as their rows are of no workload: {}",
              join(result.of_the_machine, ", "));
  }
  if (!result.without_times.empty()) {
    log::info("kept whole, as their rows have no time: {}", join(result.without_times, ", "));
  }
}

}  // namespace

Syntax session_prune_syntax(const Words&) {
  Syntax syntax;
  syntax.operands = {{"FILE"}};
  syntax.text =
      "Writes a session with less in it: only some workloads, a part of its time, or without some "
      "tables or texts. Processes and texts that nothing refers to any more go too, and no byte of "
      "what went is left in the file. The file says what was cut, as losses of kind \"pruned\"; "
      "advice whose evidence was cut is refused as after any loss.\n\n"
      "Times are 2025-11-03T14:00:00Z, or 90s for a time after the recording's beginning. A row of "
      "an aggregate (system calls, flows) is kept whole where it reaches into the time. Rows of "
      "the machine as a whole (block devices, translated addresses), rows without times and the "
      "inventory stay unless they are dropped by name, and so does the command line of the "
      "recorder: `ig session anonymize` takes names out.";
  syntax.groups = {
      {"What goes",
       {{"drop", "NAMES",
         "gadgets, tables, texts of a column (trace_exec.args), inventory, denied_syscall"},
        {"since", "TIME", "what was before"},
        {"until", "TIME", "what came after"}}},
      changed_session_options()};
  syntax.add(selector_options());
  syntax.examples = {"ig session prune prod.db --container web -o web.db",
                     "ig session prune prod.db --since 90s --until 120s -o incident.db",
                     "ig session prune web.db --drop trace_open,trace_exec.args --in-place"};
  return syntax;
}

Result<int> run_session_prune(const Arguments& arguments) {
  IG_TRY(check_changed_session(arguments));
  IG_ASSIGN(const auto request, parse_request(arguments));
  PruneResult result;
  IG_TRY(change_session(arguments, [&](Database& database) -> Result<> {
    IG_ASSIGN(result, prune(database, request));
    return {};
  }));
  tell(result);
  return 0;
}

}  // namespace ig
