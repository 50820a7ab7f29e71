// SPDX-License-Identifier: Apache-2.0
#include "store/database.h"

#include <fmt/format.h>

#include <cstring>
#include <memory>

namespace ig {
namespace {

// No value in a session is larger; a file that says otherwise gets an error, not our memory.
constexpr int kLongestValue = 4 << 20;

using SqliteBytes = std::unique_ptr<unsigned char, CloseWith<sqlite3_free>>;

// A file name as a URI, so that parameters can be added.
std::string uri_of(const std::string& path) {
  std::string uri = "file:";
  for (const char c : path) {
    const bool special = c == '%' || c == '?' || c == '#';
    uri += special ? fmt::format("%{:02x}", static_cast<unsigned char>(c)) : std::string(1, c);
  }
  return uri;
}

int allow_only_select(void*, int action, const char*, const char* name, const char*,
                      const char*) noexcept {
  switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_RECURSIVE:
      return SQLITE_OK;
    case SQLITE_FUNCTION:
      return std::strcmp(name, "load_extension") == 0 ? SQLITE_DENY : SQLITE_OK;
    default:
      return SQLITE_DENY;
  }
}

}  // namespace

Error sqlite_error(sqlite3* handle, int status) {
  Error error{ErrorCode::kFailed, sqlite3_errstr(status), ""};
  // The connection's words are the better ones where they belong to this status.
  if (handle != nullptr && (sqlite3_errcode(handle) & 0xff) == (status & 0xff)) {
    error.message = sqlite3_errmsg(handle);
  }
  switch (status & 0xff) {
    case SQLITE_FULL:
      error.code = ErrorCode::kFull;
      break;
    case SQLITE_IOERR:
      // The shared memory beside a file grows by being written.
      if (status == SQLITE_IOERR_SHMSIZE) error.code = ErrorCode::kFull;
      break;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_TOOBIG:
      error.code = ErrorCode::kInvalid;
      break;
    case SQLITE_PERM:
    case SQLITE_READONLY:
      error.code = ErrorCode::kPermission;
      break;
    case SQLITE_AUTH:
      error.code = ErrorCode::kUsage;
      break;
    default:
      break;
  }
  return error;
}

Result<Database> Database::open(const std::string& name, int flags) {
  sqlite3* handle = nullptr;
  const int status = sqlite3_open_v2(name.c_str(), &handle,
                                     flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  Database database(handle);  // even a failed open has a handle to close
  if (status != SQLITE_OK) return std::unexpected(sqlite_error(handle, status));
  sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, kLongestValue);
  sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 0);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  // Without these a misspelt "column" would silently be a text.
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  sqlite3_busy_timeout(handle, 2000);
  return database;
}

Result<Database> Database::open_own(const std::string& path) {
  return open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW);
}

Result<Database> Database::open_foreign(const std::string& path, bool immutable) {
  return open(uri_of(path) + (immutable ? "?immutable=1" : ""),
              SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
}

Result<Database> Database::in_memory() {
  return open(":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
}

Result<Database> Database::temporary() {
  return open("", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
}

Result<> Database::execute(const std::string& sql) {
  const int status = sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (status != SQLITE_OK) return std::unexpected(sqlite_error(handle_.get(), status));
  return {};
}

Result<Statement> Database::prepare(std::string_view sql, bool persistent) {
  sqlite3_stmt* statement = nullptr;
  const char* rest = nullptr;
  const int status =
      sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                         persistent ? SQLITE_PREPARE_PERSISTENT : 0, &statement, &rest);
  Statement prepared(statement);
  if (status != SQLITE_OK) return std::unexpected(sqlite_error(handle_.get(), status));
  const std::string_view tail(rest, static_cast<std::size_t>(sql.data() + sql.size() - rest));
  if (statement == nullptr || tail.find_first_not_of("; \t\r\n") != std::string_view::npos) {
    return fail(ErrorCode::kUsage, "not exactly one SQL statement");
  }
  return prepared;
}

Result<std::int64_t> Database::pragma(std::string_view name) {
  IG_ASSIGN(auto statement, prepare(fmt::format("PRAGMA {}", name)));
  IG_TRY(statement.step());
  return statement.integer(0);
}

Result<std::string> Database::serialize() {
  sqlite3_int64 size = 0;
  const SqliteBytes bytes(sqlite3_serialize(handle_.get(), "main", &size, 0));
  if (!bytes) return fail(ErrorCode::kFailed, "no memory for a copy of the database");
  return std::string(reinterpret_cast<const char*>(bytes.get()), static_cast<std::size_t>(size));
}

Result<Database> Database::deserialize(std::string_view bytes) {
  IG_ASSIGN(auto database, in_memory());
  auto* copy = static_cast<unsigned char*>(sqlite3_malloc64(bytes.size()));
  if (copy == nullptr) return fail(ErrorCode::kFailed, "no memory for a copy of the database");
  std::memcpy(copy, bytes.data(), bytes.size());
  // A file in WAL mode says so here; memory has no log.
  if (bytes.size() > 19) copy[18] = copy[19] = 1;
  const auto size = static_cast<sqlite3_int64>(bytes.size());
  const int status =
      sqlite3_deserialize(database.get(), "main", copy, size, size,
                          SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE);
  if (status != SQLITE_OK) return std::unexpected(sqlite_error(database.get(), status));
  return database;
}

Result<> Database::copy_from(Database& source) {
  Handle<sqlite3_backup, sqlite3_backup_finish> backup(
      sqlite3_backup_init(handle_.get(), "main", source.get(), "main"));
  if (!backup) return std::unexpected(sqlite_error(handle_.get(), sqlite3_errcode(handle_.get())));
  const int status = sqlite3_backup_step(backup.get(), -1);
  if (status != SQLITE_DONE) return std::unexpected(sqlite_error(handle_.get(), status));
  return {};
}

Result<> Database::restrict_to_reading() {
  IG_TRY(execute("PRAGMA query_only = ON; PRAGMA cell_size_check = ON"));
  sqlite3_set_authorizer(handle_.get(), allow_only_select, nullptr);
  return {};
}

Result<> Database::lift_restriction() {
  sqlite3_set_authorizer(handle_.get(), nullptr, nullptr);
  return execute("PRAGMA query_only = OFF; PRAGMA temp_store = MEMORY");
}

}  // namespace ig
