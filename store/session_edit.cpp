// SPDX-License-Identifier: Apache-2.0
#include "store/session_edit.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include "store/data_source_ddl.h"
#include "store/session_file.h"
#include "store/session_queries.h"
#include "store/transaction.h"

namespace ig {
namespace {

namespace fs = std::filesystem;

constexpr const char* kCopyHint = "copy it to a folder where you may write, and change the copy";

Result<std::string> resolved(const std::string& path) {
  const std::unique_ptr<char, CloseWith<std::free>> name(::realpath(path.c_str(), nullptr));
  if (!name) return std::unexpected(system_error(errno, fmt::format("open session {}", path)));
  return std::string(name.get());
}

// Root may write what is marked read-only; that somebody marked it so still counts.
Result<> expect_writable(const std::string& path) {
  struct stat status {};
  const auto folder = fs::path(path).parent_path();
  const bool marked = ::stat(path.c_str(), &status) == 0 && (status.st_mode & 0222) == 0;
  if (!marked && ::access(path.c_str(), W_OK) == 0 && ::access(folder.c_str(), W_OK) == 0) {
    return {};
  }
  return fail(ErrorCode::kPermission, fmt::format("{} may not be written", path), kCopyHint);
}

// Held by the file, not by its name: a file that has just been replaced is another one.
Result<UniqueFd> lock(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW));
  struct stat ours {
  }, named{};
  if (!fd) return std::unexpected(system_error(errno, fmt::format("open session {}", path)));
  const bool locked = ::flock(fd.get(), LOCK_EX | LOCK_NB) == 0;
  const bool same = locked && ::fstat(fd.get(), &ours) == 0 && ::stat(path.c_str(), &named) == 0 &&
                    ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
  if (same) return fd;
  return fail(ErrorCode::kFailed, fmt::format("{} is being changed by another ig", path),
              "try again when that is done");
}

Result<bool> ever_ended(const std::string& path) {
  IG_ASSIGN(auto database, open_session_file(path));
  IG_ASSIGN(auto asked, database.prepare("SELECT ended_ns <> 0 FROM session WHERE id = 1"));
  IG_ASSIGN(const bool row, asked.step());
  return row && asked.integer(0) != 0;
}

// Of a session that nobody closed: either its recorder still runs, and holds its lock, or the log
// it left is taken into the file.
Result<> settle(const std::string& path) {
  std::error_code ignored;
  if (fs::exists(path + "-journal", ignored)) {
    return fail(ErrorCode::kInvalid, fmt::format("a rollback journal lies beside {}", path),
                "sqlite3 FILE .tables takes it into the file, if it is yours");
  }
  IG_ASSIGN(auto database, Database::open_own(path));
  if (const auto settled = database.execute("PRAGMA journal_mode = DELETE"); !settled) {
    if ((sqlite3_errcode(database.get()) & 0xff) != SQLITE_BUSY) {
      return std::unexpected(settled.error());
    }
    return fail(ErrorCode::kFailed, fmt::format("{} is still being recorded, or in use", path),
                "end the recording first");
  }
  return {};
}

Result<> settle_if_open(const std::string& path) {
  IG_ASSIGN(const bool ended, ever_ended(path));
  std::error_code ignored;
  const auto log_bytes = fs::file_size(path + "-wal", ignored);
  return ended && (ignored || log_bytes == 0) ? Result<>{} : settle(path);
}

// An empty file that looks like `like` to everybody.
Result<UniqueFd> create_beside(const std::string& copy, int like) {
  struct stat status {};
  if (::fstat(like, &status) != 0) return std::unexpected(system_error(errno, "look at " + copy));
  ::unlink(copy.c_str());  // of somebody who was killed: we have the lock
  UniqueFd fd(::open(copy.c_str(), O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC, 0600));
  if (!fd) return std::unexpected(system_error(errno, "create " + copy, kCopyHint));
  // Where it cannot be given to the same owner and group it stays private.
  if (::fchown(fd.get(), status.st_uid, status.st_gid) != 0) return fd;
  if (::fchmod(fd.get(), status.st_mode & 0777) != 0) {
    return std::unexpected(system_error(errno, "set the mode of " + copy));
  }
  return fd;
}

// The name itself is only safe once its folder is.
Result<> replace(const std::string& copy, int copy_fd, const std::string& path) {
  if (::fsync(copy_fd) != 0 || ::rename(copy.c_str(), path.c_str()) != 0) {
    return std::unexpected(system_error(errno, "replace " + path));
  }
  const auto folder = fs::path(path).parent_path().string();
  const UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd) ::fsync(fd.get());
  return {};
}

Result<> write_copy(const std::string& path, const std::string& copy, const SessionChange& change) {
  IG_ASSIGN(auto session, open_session_file(path));
  IG_ASSIGN(auto database, Database::open_own(copy));
  IG_TRY(database.copy_from(session));
  // It was nobody's yet: a copy that is not whole is thrown away.
  IG_TRY(
      database.execute("PRAGMA journal_mode = DELETE; PRAGMA journal_mode = MEMORY; "
                       "PRAGMA synchronous = OFF"));
  IG_ASSIGN(auto transaction, Transaction::begin(database));
  IG_TRY(change(database));
  return transaction.commit();
}

// What is written is only what is left: the old rows were in a nameless file at most. Nobody sees
// that one, so a change that fails needs no way back.
Result<> write_rewritten(const std::string& path, const std::string& copy,
                         const SessionChange& change) {
  IG_ASSIGN(auto session, open_session_file(path));
  IG_ASSIGN(auto scratch, Database::temporary());
  IG_TRY(scratch.copy_from(session));
  IG_TRY(scratch.execute("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN"));
  IG_TRY(change(scratch));
  IG_TRY(scratch.execute("COMMIT"));
  sqlite3_limit(scratch.get(), SQLITE_LIMIT_ATTACHED, 1);  // VACUUM attaches what it writes
  return scratch.execute("VACUUM INTO " + quote_text(copy));
}

Error cannot(std::string_view deed, const std::string& path, Error error, std::string_view hint) {
  error.message = fmt::format("cannot {} {}: {}", deed, path, error.message);
  if (error.hint.empty()) error.hint = hint;
  return error;
}

// An empty file beside `out` that becomes it. No other name is touched, not even in a race.
Result<UniqueFd> create_draft(std::string& draft) {
  UniqueFd fd(::mkostemp(draft.data(), O_CLOEXEC));
  if (fd) return fd;
  return std::unexpected(system_error(errno, "create a file", "name a folder that you may write"));
}

Result<> publish(const std::string& draft, int fd, const std::string& out) {
  if (::fsync(fd) == 0 && ::link(draft.c_str(), out.c_str()) == 0) return {};
  return std::unexpected(system_error(errno, "give it its name"));
}

Result<> expect_free(const std::string& out) {
  struct stat status {};
  if (::lstat(out.c_str(), &status) != 0) return {};
  return fail(ErrorCode::kFailed, fmt::format("{} exists", out),
              "name another file, or remove that one first");
}

}  // namespace

Result<SessionEdit> SessionEdit::open(const std::string& path) {
  IG_ASSIGN(const auto name, resolved(path));
  // First what it is: a folder or a text file has better words than those of a lock.
  IG_TRY(ever_ended(name));
  IG_TRY(expect_writable(name));
  IG_ASSIGN(auto fd, lock(name));
  IG_TRY(settle_if_open(name));
  return SessionEdit(std::move(fd), name);
}

Result<> SessionEdit::apply(const SessionChange& change) { return apply_by(write_copy, change); }

Result<> SessionEdit::rewrite(const SessionChange& change) {
  return apply_by(write_rewritten, change);
}

Result<> SessionEdit::apply_by(Writer writer, const SessionChange& change) {
  const fs::path path = path_;
  const auto copy = (path.parent_path() / ("." + path.filename().string() + ".ig-edit")).string();
  IG_ASSIGN(const auto fd, create_beside(copy, lock_.get()));
  auto done = writer(path_, copy, change);
  if (done) done = replace(copy, fd.get(), path_);
  if (done) return {};
  ::unlink(copy.c_str());
  return std::unexpected(cannot("change", path_, std::move(done.error()), "it is as it was"));
}

Result<> write_changed_session(const std::string& path, const std::string& out,
                               const SessionChange& change) {
  IG_TRY(expect_free(out));
  const fs::path name = out;
  auto draft = (name.parent_path() / ("." + name.filename().string() + ".XXXXXX")).string();
  auto fd = create_draft(draft);
  if (!fd) return std::unexpected(cannot("write", out, std::move(fd.error()), ""));
  auto done = write_rewritten(path, draft, change);
  if (done) done = publish(draft, fd->get(), out);
  ::unlink(draft.c_str());
  if (done) return {};
  return std::unexpected(cannot("write", out, std::move(done.error()), ""));
}

}  // namespace ig
