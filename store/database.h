// SPDX-License-Identifier: Apache-2.0
// Database: one SQLite connection, and the only place that opens any. Files that others made are
// opened read-only and defensively (nothing stored in them is ever run); our own are opened to
// write. No connection is shared between threads.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/handle.h"
#include "base/result.h"
#include "store/statement.h"

namespace ig {

class Database {
 public:
  // An existing file of ours, to be written; no part of `path` may be a symbolic link.
  static Result<Database> open_own(const std::string& path);
  // A file that somebody gave us. `immutable`: nobody writes it and it has no -wal.
  static Result<Database> open_foreign(const std::string& path, bool immutable);
  static Result<Database> in_memory();
  // Like in_memory(), but what does not fit the cache goes to a nameless file.
  static Result<Database> temporary();

  sqlite3* get() const { return handle_.get(); }

  Result<> execute(const std::string& sql);
  // For a statement that is used again and again `persistent` is kinder to the allocator.
  Result<Statement> prepare(std::string_view sql, bool persistent = false);
  Result<std::int64_t> pragma(std::string_view name);

  // The whole database as the bytes of a file, and the way back.
  Result<std::string> serialize();
  static Result<Database> deserialize(std::string_view bytes);
  // Replaces everything in this database by a copy of `source`.
  Result<> copy_from(Database& source);

  // From now on this connection only answers SELECTs, of a schema that is not trusted.
  Result<> restrict_to_reading();
  // For questions of our own that are more than a SELECT, of a file whose schema is known to be
  // ours. The file itself stays read-only.
  Result<> lift_restriction();

 private:
  static Result<Database> open(const std::string& name, int flags);
  explicit Database(sqlite3* handle) : handle_(handle) {}

  Handle<sqlite3, sqlite3_close_v2> handle_;
};

// How a connection records. synchronous=OFF: what is written survives any kill, as the kernel has
// it; that the power fails is not provided for until a session is closed. secure_delete would zero
// pages that nobody reads again.
inline constexpr std::string_view kRecordingPragmas = R"(
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = OFF;
  PRAGMA secure_delete = OFF;
  PRAGMA temp_store = MEMORY;
  PRAGMA cache_size = -16000;
)";

// The error that a connection has just had. A full disk is kFull, a damaged file kInvalid.
Error sqlite_error(sqlite3* handle, int status);

}  // namespace ig
