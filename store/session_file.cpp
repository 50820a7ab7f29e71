// SPDX-License-Identifier: Apache-2.0
#include "store/session_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <tuple>
#include <vector>

#include "store/data_source_ddl.h"

namespace ig {
namespace {

constexpr std::string_view kMagic("SQLite format 3\0", 16);
constexpr std::int64_t kMostObjects = 5000;

std::unexpected<Error> not_a_session(const std::string& name, std::string_view why) {
  return fail(ErrorCode::kInvalid, fmt::format("{} is not a session file: {}", name, why),
              "sessions are made by ig record");
}

std::unexpected<Error> tampered(const std::string& name, std::string_view what) {
  return fail(ErrorCode::kInvalid,
              fmt::format("{} is damaged or was tampered with: {}", name, what),
              "only a file as ig record wrote it is read");
}

// Looks at the first bytes before SQLite does.
Result<> expect_sqlite_file(const std::string& path) {
  // Not blocking: it may be a pipe.
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) {
    return std::unexpected(system_error(errno, fmt::format("open session {}", path),
                                        errno == ENOENT ? "ig record -o FILE makes one" : ""));
  }
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return not_a_session(path, "it is not a regular file");
  }
  std::array<char, kMagic.size()> header{};
  if (::pread(fd.get(), header.data(), header.size(), 0) != kMagic.size() ||
      std::string_view(header.data(), header.size()) != kMagic) {
    return not_a_session(path, "it is not an SQLite file");
  }
  return {};
}

// Whether it is being written, or its recorder was killed: then a write-ahead log lies beside it.
bool has_log(const std::string& path) {
  std::error_code error;
  return std::filesystem::file_size(path + "-wal", error) > 0 && !error;
}

Result<> begin_snapshot(Database& database) {
  // BEGIN alone reads nothing; the first read fixes what is seen from then on.
  IG_TRY(database.execute("BEGIN"));
  return database.execute("SELECT count(*) FROM sqlite_schema");
}

// A copy of file and log in a folder of our own, which is gone once SQLite has them open.
Result<Database> open_copy(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code error;
  std::string folder = (fs::temp_directory_path(error) / "ig-session-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr) {
    return std::unexpected(system_error(errno, "make a temporary folder",
                                        "the file's log can only be read where one may write"));
  }
  const std::string copy = folder + "/copy";
  fs::copy_file(path, copy, error);
  if (!error) fs::copy_file(path + "-wal", copy + "-wal", error);
  Result<Database> database = fail(ErrorCode::kFailed, fmt::format("cannot copy {}", path));
  if (!error) database = Database::open_foreign(copy, false);
  if (database) {
    if (auto begun = begin_snapshot(*database); !begun) {
      database = std::unexpected(begun.error());
    }
  }
  fs::remove_all(folder, error);
  return database;
}

Result<Database> open_snapshot(const std::string& path) {
  IG_TRY(expect_sqlite_file(path));
  // Without a log nothing beside the file is looked at. A rollback journal least of all: of ours it
  // could only hold the file's mode (killed in close()), of an enemy's the name of a file that
  // SQLite then deletes.
  const bool log = has_log(path);
  IG_ASSIGN(auto database, Database::open_foreign(path, !log));
  const auto begun = begin_snapshot(database);
  if (begun) return database;
  if (log && (begun.error().code == ErrorCode::kPermission ||
              sqlite3_errcode(database.get()) == SQLITE_CANTOPEN)) {
    return open_copy(path);
  }
  if (begun.error().code == ErrorCode::kInvalid) return tampered(path, begun.error().message);
  return std::unexpected(begun.error());
}

using SchemaObject = std::tuple<std::string, std::string, std::string, std::string>;

// Everything that sqlite_schema lists, in one order.
Result<std::vector<SchemaObject>> schema_objects(Database& database) {
  IG_ASSIGN(auto list,
            database.prepare("SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_schema "
                             "LIMIT " +
                             std::to_string(kMostObjects)));
  std::vector<SchemaObject> objects;
  while (true) {
    IG_ASSIGN(const bool row, list.step());
    if (!row) break;
    objects.emplace_back(list.text(0), list.text(1), list.text(2), list.text(3));
  }
  std::ranges::sort(objects);
  return objects;
}

// Makes the tables that the file's data sources describe, in `expected`.
Result<> add_data_sources(Database& file, Database& expected) {
  IG_ASSIGN(auto list, file.prepare("SELECT view, schema FROM data_source ORDER BY id"));
  while (true) {
    IG_ASSIGN(const bool row, list.step());
    if (!row) return {};
    IG_ASSIGN(const EventSchema schema, EventSchema::from_json(list.text(1)));
    if (schema.view != list.text(0)) return fail(ErrorCode::kInvalid, "a view has two names");
    IG_ASSIGN(const RowLayout layout, row_layout(schema));
    IG_TRY(expected.execute(create_rows_table(schema, layout)));
    IG_TRY(expected.execute(create_view(schema, layout)));
  }
}

Result<> compare_schema(Database& file, std::span<const EmbeddedFile> schema_files, int version,
                        const std::string& name) {
  IG_ASSIGN(auto expected, Database::in_memory());
  IG_TRY(migrate(expected, schema_files, version));
  IG_ASSIGN(const auto core, schema_objects(expected));
  auto found = schema_objects(file);
  if (!found) return tampered(name, found.error().message);
  // The core first: data_source is only read once it is known to be our own plain table.
  if (!std::ranges::includes(*found, core)) {
    return tampered(name, "its core tables are not those of its version");
  }
  if (auto added = add_data_sources(file, expected); !added) {
    return tampered(name, added.error().message);
  }
  IG_ASSIGN(const auto all, schema_objects(expected));
  for (const auto& object : *found) {
    if (!std::ranges::binary_search(all, object)) {
      return tampered(name, fmt::format("{} '{}' is not one of ours", std::get<0>(object),
                                        std::get<1>(object)));
    }
  }
  if (*found != all) return tampered(name, "a table or view of a data source is missing");
  return {};
}

Result<Database> migrated_copy(Database& file, std::span<const EmbeddedFile> schema_files) {
  IG_ASSIGN(auto copy, Database::temporary());
  IG_TRY(copy.copy_from(file));
  IG_TRY(migrate(copy, schema_files, latest_version(schema_files)));
  return copy;
}

}  // namespace

Result<Database> check_session(Database database, const std::string& name,
                               std::span<const EmbeddedFile> schema_files) {
  IG_ASSIGN(const auto application, database.pragma("application_id"));
  if (application != kApplicationId) return not_a_session(name, "it is some other SQLite file");
  IG_ASSIGN(const auto version, database.pragma("user_version"));
  const int latest = latest_version(schema_files);
  if (version > latest) {
    return fail(ErrorCode::kUnsupported,
                fmt::format("{} was written by a newer ig (file version {}, known up to {})", name,
                            version, latest),
                "use that ig, or a newer one than this");
  }
  if (version < 1) return tampered(name, "it has no version");
  IG_TRY(compare_schema(database, schema_files, static_cast<int>(version), name));
  if (version < latest) {
    auto copy = migrated_copy(database, schema_files);
    if (!copy) return tampered(name, copy.error().message);
    database = std::move(*copy);
  }
  IG_TRY(database.restrict_to_reading());
  return database;
}

Result<Database> open_session_file(const std::string& path,
                                   std::span<const EmbeddedFile> schema_files) {
  IG_ASSIGN(auto database, open_snapshot(path));
  return check_session(std::move(database), path, schema_files);
}

}  // namespace ig
