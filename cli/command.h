// SPDX-License-Identifier: Apache-2.0
// Command: one subcommand of ig. Each is one file in cli/ and one line of the table in
// cli/commands.cpp. What it takes is a plain table too (Syntax), so `ig help`, `--help`,
// docs/commands.md and the parsing cannot disagree.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/options.h"

namespace ig {

struct Command {
  std::string_view name;     // "record", "session info"
  std::string_view summary;  // one line
  // What the command takes. It sees the words that were written, because `ig advise NAME` and
  // `ig run GADGET` also take what the advisor or the gadget declares.
  Syntax (*syntax)(const std::vector<std::string>& words);
  // Prints facts to stdout; returns the exit status, or an error that run_ig() prints.
  Result<int> (*run)(const Arguments& arguments);
  bool only_reads = false;  // files that strangers may have written: cli/reader_confinement.h
};

std::span<const Command> commands();
// With the options that every command takes.
Syntax full_syntax(const Command& command, const std::vector<std::string>& words);

// All of main() but the process: picks the command, prints errors, gives the exit status.
// `may_confine`: the process is for this command alone, and may give up what that does not need.
int run_ig(const std::vector<std::string>& words, bool may_confine = false);

// Exit statuses: 0 done, 1 failed, 2 wrong usage, 3 refused, would deny or something new.
int exit_status(const Error& error);

}  // namespace ig
