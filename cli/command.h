// SPDX-License-Identifier: Apache-2.0
// Command: one subcommand of ig. Each is one file in cli/ and one line of the table in
// cli/commands.cpp, which also makes `ig help`.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ig {

struct Command {
  std::string_view name;     // "record", "session info"
  std::string_view usage;    // "[options] [-- COMMAND...]"
  std::string_view summary;  // one line
  // Prints facts to stdout; returns the exit status, or an error that main() prints.
  Result<int> (*run)(const std::vector<std::string>& arguments);
};

std::span<const Command> commands();

// All of main() but the process: picks the command, prints errors, gives the exit status.
int run_ig(const std::vector<std::string>& arguments);

}  // namespace ig
