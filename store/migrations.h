// SPDX-License-Identifier: Apache-2.0
// Migrations: schemas/NNNN_*.sql, embedded, applied in order; `user_version` of a file is the
// number of the last one that it has. The first one makes an empty file a session, so there is
// no second description of the tables. Files are given as a parameter so that a test can add one.
#pragma once

#include <span>

#include "base/embedded.h"
#include "base/result.h"
#include "store/database.h"

namespace ig {

extern const std::span<const EmbeddedFile> kSchemaFiles;

// 'igs1' in the header of every session file: what tells it from other SQLite files.
inline constexpr std::int64_t kApplicationId = 0x69677331;

int latest_version(std::span<const EmbeddedFile> files);

// Brings a database from its user_version to `version`, in one transaction.
Result<> migrate(Database& database, std::span<const EmbeddedFile> files, int version);

}  // namespace ig
