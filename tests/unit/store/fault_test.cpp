// SPDX-License-Identifier: Apache-2.0
// A session survives what happens to recorders: writes that fail at any point, and kill -9.
#include <gmock/gmock.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <random>

#include "tests/unit/store/session_fixture.h"

namespace ig {
namespace {

constexpr int kBatchRows = 100;

// A VFS that is SQLite's own until the N-th write, from which on every write fails.
class FailingVfs {
 public:
  FailingVfs() {
    real_ = sqlite3_vfs_find(nullptr);
    vfs_ = *real_;
    vfs_.zName = "failing";
    vfs_.szOsFile = static_cast<int>(sizeof(File)) + real_->szOsFile;
    vfs_.xOpen = open;
    sqlite3_vfs_register(&vfs_, 1);
  }
  ~FailingVfs() {
    sqlite3_vfs_unregister(&vfs_);
    sqlite3_vfs_register(real_, 1);
  }
  void fail_after(long writes, int status) {
    left_ = writes;
    status_ = status;
  }
  void heal() { left_ = 1L << 60; }
  bool failed() const { return left_ < 0; }

 private:
  // The real file's object lies behind ours; only xWrite and xTruncate are not passed on as is.
  struct File {
    sqlite3_file base;
    sqlite3_file* real;
  };
  static sqlite3_file* real_of(sqlite3_file* file) { return reinterpret_cast<File*>(file)->real; }

  static int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out) {
    auto* ours = reinterpret_cast<File*>(file);
    ours->real = reinterpret_cast<sqlite3_file*>(ours + 1);
    ours->base.pMethods = nullptr;
    const int status = real_->xOpen(real_, name, ours->real, flags, out);
    if (status != SQLITE_OK) return status;
    static const sqlite3_io_methods methods = make_methods();
    ours->base.pMethods = &methods;
    return SQLITE_OK;
  }

  static sqlite3_io_methods make_methods() {
    sqlite3_io_methods methods{};
    methods.iVersion = 2;
    methods.xClose = [](sqlite3_file* file) {
      return real_of(file)->pMethods->xClose(real_of(file));
    };
    methods.xRead = [](sqlite3_file* file, void* to, int size, sqlite3_int64 at) {
      return real_of(file)->pMethods->xRead(real_of(file), to, size, at);
    };
    methods.xWrite = [](sqlite3_file* file, const void* from, int size, sqlite3_int64 at) {
      if (--left_ < 0) return status_;
      return real_of(file)->pMethods->xWrite(real_of(file), from, size, at);
    };
    methods.xTruncate = [](sqlite3_file* file, sqlite3_int64 size) {
      return real_of(file)->pMethods->xTruncate(real_of(file), size);
    };
    methods.xSync = [](sqlite3_file*, int) { return SQLITE_OK; };
    methods.xFileSize = [](sqlite3_file* file, sqlite3_int64* size) {
      return real_of(file)->pMethods->xFileSize(real_of(file), size);
    };
    methods.xLock = [](sqlite3_file* file, int lock) {
      return real_of(file)->pMethods->xLock(real_of(file), lock);
    };
    methods.xUnlock = [](sqlite3_file* file, int lock) {
      return real_of(file)->pMethods->xUnlock(real_of(file), lock);
    };
    methods.xCheckReservedLock = [](sqlite3_file* file, int* out) {
      return real_of(file)->pMethods->xCheckReservedLock(real_of(file), out);
    };
    methods.xFileControl = [](sqlite3_file* file, int op, void* argument) {
      return real_of(file)->pMethods->xFileControl(real_of(file), op, argument);
    };
    methods.xSectorSize = [](sqlite3_file* file) {
      return real_of(file)->pMethods->xSectorSize(real_of(file));
    };
    methods.xDeviceCharacteristics = [](sqlite3_file* file) {
      return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
    };
    methods.xShmMap = [](sqlite3_file* file, int page, int size, int extend, void volatile** out) {
      return real_of(file)->pMethods->xShmMap(real_of(file), page, size, extend, out);
    };
    methods.xShmLock = [](sqlite3_file* file, int offset, int n, int flags) {
      return real_of(file)->pMethods->xShmLock(real_of(file), offset, n, flags);
    };
    methods.xShmBarrier = [](sqlite3_file* file) {
      real_of(file)->pMethods->xShmBarrier(real_of(file));
    };
    methods.xShmUnmap = [](sqlite3_file* file, int remove) {
      return real_of(file)->pMethods->xShmUnmap(real_of(file), remove);
    };
    return methods;
  }

  static inline sqlite3_vfs* real_ = nullptr;
  static inline long left_ = 1L << 60;
  static inline int status_ = SQLITE_FULL;
  sqlite3_vfs vfs_{};
};

// Records batches until something fails or `batches` are done.
Result<> record(SessionWriter& writer, const EventSchema& schema, int batches) {
  IG_TRY(writer.workload(some_workload()));
  IG_TRY(writer.data_source(schema));
  for (std::int64_t n = 0; n < batches * kBatchRows; ++n) {
    IG_TRY(writer.event(OpenEvent(n, fmt::format("/tmp/{}", n)).of(schema)));
    if (n % kBatchRows == kBatchRows - 1) IG_TRY(writer.flush());
  }
  return {};
}

std::string integrity(const std::string& path) {
  sqlite3* database = nullptr;
  std::string answer;
  sqlite3_open(path.c_str(), &database);
  sqlite3_exec(
      database, "PRAGMA integrity_check",
      [](void* to, int, char** cells, char**) {
        *static_cast<std::string*>(to) += cells[0];
        return 0;
      },
      &answer, nullptr);
  sqlite3_close(database);
  return answer;
}

// The rows are the first ones, without a gap, in whole batches.
void expect_prefix_of_batches(const std::string& path) {
  auto reader = open_session(path);
  expect_ok(reader);
  if (!reader) return;
  if ((*reader)->tables()->empty()) return;  // ended before the gadget was announced
  const auto kept = std::stoll(ask_one(**reader, "SELECT count(*) FROM trace_open"));
  EXPECT_EQ(kept % kBatchRows, 0);
  EXPECT_EQ(ask_one(**reader, "SELECT count(*) FROM trace_open WHERE fname IS NULL"), "0");
  if (kept > 0) {
    EXPECT_EQ(ask_one(**reader, "SELECT fname FROM trace_open ORDER BY timestamp DESC LIMIT 1"),
              fmt::format("/tmp/{}", kept - 1));
  }
}

class FailingWriteTest : public testing::TestWithParam<int> {};

TEST_P(FailingWriteTest, EveryWriteMayBeTheLast) {
  FailingVfs vfs;
  const EventSchema schema = open_schema();
  bool failed = true;
  for (long n = 0; failed; n += 7) {
    SCOPED_TRACE(fmt::format("write {} fails", n));
    TemporaryFolder folder;
    const std::string path = folder.file("s.db");
    vfs.fail_after(n, GetParam());
    if (auto writer = SessionWriter::create(path, some_session(), {})) {
      const auto recorded = record(**writer, schema, 12);
      if (!recorded && GetParam() == SQLITE_FULL) {
        EXPECT_EQ(recorded.error().code, ErrorCode::kFull);
      }
      (void)(*writer)->close("duration");  // may fail as well: the disk is still bad
    }
    failed = vfs.failed();
    vfs.heal();
    if (!std::filesystem::exists(path)) continue;
    expect_prefix_of_batches(path);
    EXPECT_EQ(integrity(path), "ok");
  }
}

INSTANTIATE_TEST_SUITE_P(Store, FailingWriteTest, testing::Values(SQLITE_FULL, SQLITE_IOERR_WRITE));

TEST(FaultTest, SpaceThatComesBackIsUsedToCloseInOrder) {
  FailingVfs vfs;
  const EventSchema schema = open_schema();
  TemporaryFolder folder;
  const std::string path = folder.file("s.db");
  auto writer = SessionWriter::create(path, some_session(), {});
  expect_ok(writer);
  expect_ok(record(**writer, schema, 3));
  vfs.fail_after(0, SQLITE_FULL);
  for (int n = 0; n < 5; ++n) expect_ok((*writer)->event(OpenEvent(n).of(schema)));
  EXPECT_FALSE((*writer)->flush());
  EXPECT_FALSE((*writer)->event(OpenEvent(6).of(schema)));
  vfs.heal();  // as when close() gives back its reserve
  expect_ok((*writer)->close("duration"));

  auto reader = open_session(path);
  expect_ok(reader);
  EXPECT_FALSE((*reader)->info()->complete);
  EXPECT_EQ((*reader)->info()->end_reason, "disk full");
  EXPECT_EQ((*reader)->losses()->front().count, 6u);
  EXPECT_EQ((*reader)->losses()->front().gadget, "trace_open");
  EXPECT_FALSE(std::filesystem::exists(path + "-wal"));
  expect_prefix_of_batches(path);
}

// Starts a recorder that records until it is killed.
pid_t start_recorder(const std::string& path) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  const EventSchema schema = open_schema();
  if (auto writer = SessionWriter::create(path, some_session(), {})) {
    (void)record(**writer, schema, 1'000'000);
  }
  ::_exit(0);
}

TEST(FaultTest, KilledRecorderLeavesAReadableFile) {
  std::mt19937 random(20261103);
  int with_rows = 0;
  for (int round = 0; round < 20; ++round) {
    TemporaryFolder folder;
    const std::string path = folder.file("s.db");
    const pid_t child = start_recorder(path);
    ::usleep(std::uniform_int_distribution<unsigned>(0, 120'000)(random));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    if (!std::filesystem::exists(path)) continue;
    expect_prefix_of_batches(path);
    const auto reader = open_session(path);
    if (!reader) continue;  // has failed above
    EXPECT_FALSE((*reader)->info()->complete);
    with_rows += (*reader)->tables()->empty() ? 0 : 1;
    EXPECT_EQ(integrity(path), "ok");
  }
  EXPECT_GT(with_rows, 0);
}

// Runs `check` as nobody, who may read the folder but not write it.
void as_nobody(const std::function<void()>& check) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (::setgid(65534) != 0 || ::setuid(65534) != 0) ::_exit(77);
    check();
    ::_exit(testing::Test::HasFailure() ? 1 : 0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(FaultTest, KilledRecordersFileIsReadWhereNobodyMayWrite) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to become nobody";
  TemporaryFolder folder;
  const std::string path = folder.file("s.db");
  const pid_t child = start_recorder(path);
  while (!std::filesystem::exists(path + "-wal")) ::usleep(1000);
  ::usleep(50'000);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  std::filesystem::remove(path + "-shm");
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    ::chmod(entry.path().c_str(), 0444);
  }
  ::chmod(folder.path().c_str(), 0555);
  as_nobody([&] { expect_prefix_of_batches(path); });
  EXPECT_FALSE(std::filesystem::exists(path + "-shm"));
}

}  // namespace
}  // namespace ig
