// SPDX-License-Identifier: Apache-2.0
// What could stand at the end of a command line, for shells.
#pragma once

#include <string>
#include <vector>

#include "cli/commands.h"

namespace ig {

std::vector<std::string> completion_shells();
// `words`: those after "ig", the last of which may be half written or empty. One line each, "word",
// a tab and what it is; ":files" stands for the names of files.
std::vector<std::string> completion_candidates(const Words& words);

}  // namespace ig
