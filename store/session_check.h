// SPDX-License-Identifier: Apache-2.0
// Whether a session file is whole: more than every reader asks of it, so it takes a pass over all
// of the file.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace ig {

// What does not fit, a line each: pages and indexes that SQLite finds damaged, rows that name a
// workload, a process or a text that the file lacks. An error where the file is no session that
// open_session() takes.
Result<std::vector<std::string>> find_damage(const std::string& path);

}  // namespace ig
