// SPDX-License-Identifier: Apache-2.0
// Opening a session file that may come from an enemy. Before a single row is read every table,
// index and view of it is compared, byte by byte, with what our own migrations and the file's own
// data sources would make; so nothing else can be in it, least of all a trigger or a virtual table.
// The connection then only answers SELECTs, within one snapshot: a recorder may still be writing.
//
// The file is never changed. One of an older version is migrated in a private copy; one whose
// write-ahead log cannot be used where it lies (a killed recorder's, on a read-only disk) is read
// from a private copy too.
#pragma once

#include <string>

#include "base/result.h"
#include "store/database.h"
#include "store/migrations.h"

namespace ig {

Result<Database> open_session_file(const std::string& path,
                                   std::span<const EmbeddedFile> schema_files = kSchemaFiles);

// The same checks for a database that is open; `name` is for messages.
Result<Database> check_session(Database database, const std::string& name,
                               std::span<const EmbeddedFile> schema_files = kSchemaFiles);

}  // namespace ig
