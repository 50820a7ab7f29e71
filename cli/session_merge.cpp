// SPDX-License-Identifier: Apache-2.0
// ig session merge: recordings of several nodes, or of several runs, as one file.
#include "store/session_merge.h"

#include "advisors/advice_text.h"
#include "base/log.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/interrupt.h"

namespace ig {

Syntax session_merge_syntax(const Words&) {
  Syntax syntax;
  syntax.operands = {{"FILE"}, {.name = "FILE", .repeated = true}};
  syntax.text =
      "Each recording stays what it was: whose process a number is, what an address was, and "
      "what was lost are kept apart, and everything that takes a session takes the merged file as "
      "all of them. A recording is called by its own file, as in fleet.db#node-a. Audit logs and "
      "inventories are added to a recording before it is merged. The files are left as they are.";
  syntax.groups = {{"Output", {{"output", "FILE", "the new session; it must not exist", 'o'}}}};
  syntax.examples = {"ig session merge node-a.db node-b.db node-c.db -o fleet.db",
                     "ig advise network-policy fleet.db"};
  return syntax;
}

Result<int> run_session_merge(const Arguments& arguments) {
  const Interrupts interrupts;
  const auto out = arguments.text("output");
  if (out.empty()) {
    return fail(ErrorCode::kUsage, "the new session has no name", "name it: -o FILE");
  }
  IG_ASSIGN(const auto merged, merge_sessions(arguments.operands_from(0), out,
                                              [] { return Interrupts::count() > 0; }));
  log::info("{} holds {} ({}) with {}", out, count_text(merged.recordings.size(), "recording"),
            join(merged.recordings, ", "), count_text(merged.rows, "row"));
  return 0;
}

}  // namespace ig
