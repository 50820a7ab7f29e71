// SPDX-License-Identifier: Apache-2.0
// ig verify: replays what a session recorded through a policy, ours or anybody's. A policy that
// would deny recorded behaviour is exit status 3.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "advisors/advice_text.h"
#include "advisors/seccomp/verify_seccomp.h"
#include "advisors/workload_choice.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/selectors.h"
#include "reporters/text_table.h"

namespace ig {
namespace {

constexpr std::size_t kMostProfileBytes = 16 << 20;  // a runtime would choke earlier
constexpr int kWouldDeny = 3;

void add_rows(TextTable& table, const std::vector<JudgedCall>& calls, const Workload& workload) {
  for (const auto& judged : calls) {
    table.add({workload.name, judged.call.arch, judged.call.display_name(), judged.answer,
               format_count(judged.call.count),
               fmt::format("{}", fmt::join(judged.call.phases, " "))});
  }
}

}  // namespace

Syntax verify_seccomp_syntax(const Words&) {
  Syntax syntax;
  syntax.operands = {{"PROFILE"}, {"FILE"}};
  syntax.text =
      "PROFILE is a seccomp profile in the JSON of OCI, Docker or Podman, or a config.json. It is "
      "compiled by libseccomp as a runtime does it, and every recorded call that its filter would "
      "meet is put to the compiled program. Exit status 3 if one would be denied.";
  syntax.add(selector_options());
  syntax.examples = {"ig verify seccomp web.json web.db --container web"};
  return syntax;
}

Result<int> run_verify_seccomp(const Arguments& arguments) {
  IG_ASSIGN(const auto text, read_file(arguments.operand(0), kMostProfileBytes));
  IG_ASSIGN(const auto profile, SeccompProfile::from_json(text, {}));
  IG_ASSIGN(const auto selector, parse_selector(arguments));
  IG_ASSIGN(const auto session, open_session(arguments.operand(1)));
  IG_ASSIGN(const auto workloads, choose_workloads(*session, selector));
  TextTable denied({{"WORKLOAD"}, {"ARCH"}, {"CALL"}, {"ANSWER"}, {"COUNT"}, {"PHASES"}});
  std::size_t checked = 0, denials = 0;
  for (const auto& workload : workloads) {
    IG_ASSIGN(const auto verdict, verify_seccomp(profile, *session, workload));
    checked += verdict.checked;
    denials += verdict.denied.size();
    add_rows(denied, verdict.denied, workload);
    for (const auto& judged : verdict.undecided) {
      log::warning("{}: {} depends on its arguments: {}", workload.name, judged.call.display_name(),
                   judged.answer);
    }
  }
  if (checked == 0) {
    return fail(ErrorCode::kNotFound, "nothing to verify: no system call was recorded",
                fmt::format("ig session info {} shows which gadgets ran", arguments.operand(1)));
  }
  if (denials > 0) put(stdout, denied.render(stdout_style()));
  std::fflush(stdout);
  log::info("{} of {} checked: {} would be denied", count_text(checked, "call"),
            count_text(workloads.size(), "workload"), denials);
  return denials > 0 ? kWouldDeny : 0;
}

}  // namespace ig
