// SPDX-License-Identifier: Apache-2.0
// ig diff session: what two recordings of a workload differ in. That something is new is exit
// status 3, so that a CI job can stop for it.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "advisors/session_diff.h"
#include "base/log.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/open_sessions.h"
#include "cli/output.h"
#include "cli/policy_files.h"
#include "cli/selectors.h"
#include "reporters/cell.h"
#include "reporters/session_diff_report.h"

namespace ig {
namespace {

constexpr int kSomethingNew = 3;

Result<std::set<std::string>> parse_kinds(const Arguments& arguments) {
  std::set<std::string> kinds;
  const auto known = session_change_kinds();
  for (auto& name : arguments.list("only")) {
    if (std::ranges::count(known, name) == 0) {
      const auto near = nearest_name(name, known);
      return fail(ErrorCode::kUsage, fmt::format("'{}' is nothing that is compared", name),
                  near.empty() ? fmt::format("--only is some of {}", fmt::join(known, ","))
                               : fmt::format("did you mean {}?", near));
    }
    kinds.insert(std::move(name));
  }
  return kinds;
}

void print(const SessionDiffReport& report, const std::string& format) {
  if (format == "json") {
    put(stdout, json_document(session_diff_json(report)));
  } else if (format == "markdown") {
    put(stdout, session_diff_markdown(report));
  } else {
    put(stdout, session_diff_text(report, stdout_style()));
  }
}

}  // namespace

Words expand_diff(Words words) {
  if (words.size() < 3 || words[0] != "diff") return words;
  const auto named = "diff " + words[1];
  const bool is_command = std::ranges::count(commands(), named, &Command::name) > 0;
  if (!is_command && is_session_file(words[1])) words.insert(words.begin() + 1, "session");
  return words;
}

Syntax diff_session_syntax(const Words&) {
  Syntax syntax;
  syntax.operands = {{"BEFORE"}, {"AFTER"}};
  syntax.text =
      "Two recordings of the same workload, of two releases say: system calls, capabilities that "
      "were used, peers, files that were opened for writing, and programs that were started. "
      "Only what both recorded is compared. Workloads are matched by name, or as they are where "
      "each session has one. In names of files numbers count as equal (#), since they differ from "
      "run to run. `ig diff A B` is the same; `ig diff seccomp` looks at values of arguments, too, "
      "and `ig diff network-policy` at the policies that follow.\n"
      "Exit status 3 if something is new; 0 if not, even if something is gone.";
  syntax.groups = {
      {"Comparing",
       {{"only", "KINDS",
         fmt::format("compare these only: {}", fmt::join(session_change_kinds(), ", "))},
        {"output", "FORMAT", "how to print", 'o', "columns", {"columns", "json", "markdown"}}}}};
  syntax.add(selector_options());
  syntax.examples = {"ig diff web-1.4.db web-1.5.db --container web",
                     "ig diff session old.db new.db --only peer,capability -o markdown"};
  return syntax;
}

Result<int> run_diff_session(const Arguments& arguments) {
  IG_ASSIGN(const auto selector, parse_selector(arguments));
  IG_ASSIGN(const auto kinds, parse_kinds(arguments));
  IG_ASSIGN(const auto before, OpenSessions::open({arguments.operand(0)}));
  IG_ASSIGN(const auto after, OpenSessions::open({arguments.operand(1)}));
  IG_ASSIGN(auto diff, diff_sessions(before.recordings(), after.recordings(), selector, kinds));
  const SessionDiffReport report{std::move(diff), arguments.operand(0), arguments.operand(1)};
  for (const auto& caveat : report.diff.caveats) log::warning("{}", caveat);
  print(report, arguments.text("output"));
  std::fflush(stdout);
  log::info("{}", summary_text(report.diff));
  return report.diff.added() > 0 ? kSomethingNew : 0;
}

}  // namespace ig
