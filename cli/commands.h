// SPDX-License-Identifier: Apache-2.0
// What stands behind the table of commands: for each, its Syntax and its function.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "advisors/advisor.h"
#include "base/result.h"
#include "cli/options.h"

namespace ig {

constexpr std::string_view kVersion = IG_VERSION;

using Words = std::vector<std::string>;

Syntax record_syntax(const Words& words);
Result<int> run_record(const Arguments& arguments);

Syntax advise_syntax(const Words& words);
Result<int> run_advise(const Arguments& arguments);
OptionGroup advisor_options(const AdvisorInfo& advisor);  // those of its own

Syntax report_syntax(const Words& words);
Result<int> run_report(const Arguments& arguments);

Syntax verify_seccomp_syntax(const Words& words);
Result<int> run_verify_seccomp(const Arguments& arguments);

Syntax verify_network_syntax(const Words& words);
Result<int> run_verify_network(const Arguments& arguments);

Syntax lint_seccomp_syntax(const Words& words);
Result<int> run_lint_seccomp(const Arguments& arguments);

Syntax diff_seccomp_syntax(const Words& words);
Result<int> run_diff_seccomp(const Arguments& arguments);

Syntax diff_network_syntax(const Words& words);
Result<int> run_diff_network(const Arguments& arguments);

Syntax traceloop_syntax(const Words& words);
Result<int> run_traceloop(const Arguments& arguments);

Syntax diff_session_syntax(const Words& words);
Result<int> run_diff_session(const Arguments& arguments);
// `ig diff A B` is short for `ig diff session A B`.
Words expand_diff(Words words);

Syntax session_info_syntax(const Words& words);
Result<int> run_session_info(const Arguments& arguments);
Syntax session_list_syntax(const Words& words);
Result<int> run_session_list(const Arguments& arguments);
Syntax session_query_syntax(const Words& words);
Result<int> run_session_query(const Arguments& arguments);
Syntax session_merge_syntax(const Words& words);
Result<int> run_session_merge(const Arguments& arguments);
Syntax session_check_syntax(const Words& words);
Result<int> run_session_check(const Arguments& arguments);
Syntax session_export_syntax(const Words& words);
Result<int> run_session_export(const Arguments& arguments);
Syntax session_enrich_syntax(const Words& words);
Result<int> run_session_enrich(const Arguments& arguments);
Syntax session_prune_syntax(const Words& words);
Result<int> run_session_prune(const Arguments& arguments);
Syntax session_anonymize_syntax(const Words& words);
Result<int> run_session_anonymize(const Arguments& arguments);
Syntax session_sign_syntax(const Words& words);
Result<int> run_session_sign(const Arguments& arguments);
Syntax session_verify_syntax(const Words& words);
Result<int> run_session_verify(const Arguments& arguments);

Syntax run_syntax(const Words& words);
Result<int> run_run(const Arguments& arguments);
// `ig trace exec` is short for `ig run trace_exec`; so are the other verbs of gadgets' names, and
// `ig advise seccomp`, where that is no advisor but a gadget.
Words expand_gadget_verb(Words words);

Syntax gadget_list_syntax(const Words& words);
Result<int> run_gadget_list(const Arguments& arguments);
Syntax gadget_info_syntax(const Words& words);
Result<int> run_gadget_info(const Arguments& arguments);

Syntax probe_syntax(const Words& words);
Result<int> run_probe(const Arguments& arguments);
Syntax probe_config_syntax(const Words& words);
Result<int> run_probe_config(const Arguments& arguments);

Syntax completion_syntax(const Words& words);
Result<int> run_completion(const Arguments& arguments);

Syntax help_syntax(const Words& words);
Result<int> run_help(const Arguments& arguments);

}  // namespace ig
