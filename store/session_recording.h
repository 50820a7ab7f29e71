// SPDX-License-Identifier: Apache-2.0
// One recording of a file that holds several (ig session merge). Temporary views take the names of
// the tables and show that recording's rows alone, so every question is asked as of a file that
// has only one.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "store/database.h"

namespace ig {

Result<std::vector<std::int64_t>> recording_ids(Database& database);

// For a database that open_session_file() gave; from now on it is the recording's.
Result<> keep_to_recording(Database& database, std::int64_t id);

}  // namespace ig
