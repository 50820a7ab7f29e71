// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/log.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/help.h"
#include "cli/reader_confinement.h"
#include "reporters/terminal.h"

namespace ig {
namespace {

constexpr bool kOnlyReads = true;

// One line a command, in the order `ig help` shows them.
constexpr std::array kCommands = {
    Command{"record", "Record what workloads do into a session file", record_syntax, run_record},
    Command{"advise", "Write policies that fit what a session recorded", advise_syntax, run_advise,
            kOnlyReads},
    Command{"report", "Show what sessions hold: latencies, flame graphs, trees, a page",
            report_syntax, run_report, kOnlyReads},
    Command{"verify seccomp", "Replay a session through a seccomp profile: what would be denied?",
            verify_seccomp_syntax, run_verify_seccomp, kOnlyReads},
    Command{"verify network-policy",
            "Put a session's flows to network policies: what would be denied?",
            verify_network_syntax, run_verify_network, kOnlyReads},
    Command{"lint seccomp",
            "Find what is wrong with a seccomp profile, or will be after an upgrade",
            lint_seccomp_syntax, run_lint_seccomp, kOnlyReads},
    Command{"diff seccomp", "Compare two seccomp profiles or sessions: what is new, what is gone?",
            diff_seccomp_syntax, run_diff_seccomp, kOnlyReads},
    Command{"diff network-policy", "Compare network policies: what is newly allowed, what is gone?",
            diff_network_syntax, run_diff_network, kOnlyReads},
    Command{"diff session", "Compare what two sessions recorded: what is new in a release?",
            diff_session_syntax, run_diff_session, kOnlyReads},
    Command{"traceloop", "Show the system calls that a flight recorder kept, as strace would",
            traceloop_syntax, run_traceloop, kOnlyReads},
    Command{"session info", "Show what a session file holds", session_info_syntax, run_session_info,
            kOnlyReads},
    Command{"session list", "List the sessions of a folder", session_list_syntax, run_session_list,
            kOnlyReads},
    Command{"session query", "Ask a session file in SQL", session_query_syntax, run_session_query,
            kOnlyReads},
    Command{"session export", "Write what a session holds for other programs",
            session_export_syntax, run_session_export, kOnlyReads},
    Command{"session merge", "Make one session of the recordings of several nodes or runs",
            session_merge_syntax, run_session_merge},
    Command{"session check", "Find out whether session files are whole, and what they lost",
            session_check_syntax, run_session_check, kOnlyReads},
    Command{"session enrich", "Add to a session what was learned later", session_enrich_syntax,
            run_session_enrich},
    Command{"session prune", "Take out of a session what need not be shared or kept",
            session_prune_syntax, run_session_prune},
    Command{"session anonymize", "Put pseudonyms for names, paths, addresses and arguments",
            session_anonymize_syntax, run_session_anonymize},
    Command{"session sign", "Write the digest of a session, signed with a key", session_sign_syntax,
            run_session_sign},
    Command{"session verify", "Find out whether a session is the one that was signed",
            session_verify_syntax, run_session_verify, kOnlyReads},
    Command{"run", "Show what a gadget sees, live", run_syntax, run_run},
    Command{"gadget list", "List the gadgets", gadget_list_syntax, run_gadget_list},
    Command{"gadget info", "Explain a gadget: its fields, parameters and programs",
            gadget_info_syntax, run_gadget_info},
    Command{"probe", "Show what this kernel lets ig do", probe_syntax, run_probe},
    Command{"probe config", "Show the options that this kernel was built with", probe_config_syntax,
            run_probe_config},
    Command{"completion", "Make a shell complete ig's words on Tab", completion_syntax,
            run_completion},
    Command{"help", "Explain ig or one of its commands", help_syntax, run_help},
};

// A command and the words that follow its name.
struct Call {
  const Command* command = nullptr;
  std::vector<std::string> words;
};

bool is_help(const std::string& word) { return word == "--help" || word == "-h"; }

Call find_call(const std::vector<std::string>& words) {
  for (const std::size_t length : {2UZ, 1UZ}) {
    if (words.size() < length) continue;
    const auto begin = words.begin();
    const auto end = begin + static_cast<std::ptrdiff_t>(length);
    const auto name = fmt::format("{}", fmt::join(begin, end, " "));
    const auto found = std::ranges::find(kCommands, name, &Command::name);
    if (found != kCommands.end()) return {&*found, {end, words.end()}};
  }
  return {};
}

bool is_group(const std::string& word) {
  return std::ranges::any_of(
      kCommands, [&](const Command& command) { return command.name.starts_with(word + ' '); });
}

Error unknown_command(const std::vector<std::string>& words) {
  std::vector<std::string_view> names;
  for (const auto& command : kCommands) names.push_back(command.name);
  const bool two = words.size() > 1 && is_group(words[0]);
  const auto written = two ? words[0] + ' ' + words[1] : words[0];
  const auto near = nearest_name(written, names);
  const auto group = two ? fmt::format("ig {} --help lists its commands", words[0])
                         : std::string("ig help lists the commands");
  return {ErrorCode::kUsage, fmt::format("unknown command '{}'", written),
          near.empty() ? group : fmt::format("did you mean ig {}?", near)};
}

Result<int> call(const std::vector<std::string>& words, bool may_confine) {
  const auto [command, rest] = find_call(words);
  if (command == nullptr) return std::unexpected(unknown_command(words));
  auto syntax = full_syntax(*command, rest);
  const auto own_end = std::ranges::find(rest, std::string("--"));
  if (std::any_of(rest.begin(), own_end, is_help)) {
    put(stdout, help_text(command->name, command->summary, syntax, help_width()));
    return 0;
  }
  IG_ASSIGN(const auto arguments, Arguments::parse(std::move(syntax), rest));
  if (arguments.has("verbose")) log::set_level(log::Level::kDebug);
  if (may_confine && command->only_reads) confine_reader(arguments);
  return command->run(arguments);
}

}  // namespace

Syntax full_syntax(const Command& command, const std::vector<std::string>& words) {
  auto syntax = command.syntax(words);
  syntax.add(
      {"General", {{"verbose", "", "say more on stderr", 'v'}, {"help", "", "print this", 'h'}}});
  return syntax;
}

std::span<const Command> commands() { return kCommands; }

int exit_status(const Error& error) {
  switch (error.code) {
    case ErrorCode::kUsage:
      return 2;
    case ErrorCode::kRefused:
      return 3;
    default:
      return 1;
  }
}

int run_ig(const std::vector<std::string>& written, bool may_confine) {
  if (written.empty()) {
    put(stderr, overview());
    return 2;
  }
  if (is_help(written[0])) {
    put(stdout, overview());
    return 0;
  }
  if (written[0] == "--version") {
    put(stdout, fmt::format("ig {}\n", kVersion));
    return 0;
  }
  const auto words = expand_diff(expand_gadget_verb(written));
  const bool only_group = is_group(words[0]) && find_call({words[0]}).command == nullptr;
  if (only_group && (words.size() == 1 || is_help(words[1]))) {
    put(words.size() == 1 ? stderr : stdout, group_overview(words[0]));
    return words.size() == 1 ? 2 : 0;
  }
  auto status = call(words, may_confine);
  if (const auto flushed = flush_output(stdout); status && !flushed) {
    status = std::unexpected(flushed.error());
  }
  if (status) return *status;
  log::error(status.error());
  return exit_status(status.error());
}

}  // namespace ig
