// SPDX-License-Identifier: Apache-2.0
#include "store/session_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <optional>
#include <unordered_map>

#include "base/check.h"
#include "base/clock.h"
#include "store/core_rows.h"
#include "store/database.h"
#include "store/dictionary.h"
#include "store/inventory_table.h"
#include "store/migrations.h"
#include "store/new_file.h"
#include "store/row_writer.h"
#include "store/syscall_table.h"
#include "store/transaction.h"

namespace ig {
namespace {

constexpr std::int64_t kBatchNs = 1'000'000'000;
constexpr std::uint64_t kPageBytes = 4096;
constexpr std::size_t kProcessCacheBytes = 16 << 20;
constexpr std::size_t kPathCacheBytes = 32 << 20;

// Closing on a full disk has to move the write-ahead log into the file: at most a checkpoint's
// worth of pages (1000) and the last batch's.
constexpr long kReserveBytes = 8 << 20;
// Below max_bytes, for the last rows of a session that reached it.
constexpr std::uint64_t kReservePages = 16;

std::int64_t coarse_time_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

// A new session without events, in memory.
Result<Database> new_session(const SessionInfo& info) {
  IG_ASSIGN(auto database, Database::in_memory());
  IG_TRY(database.execute(fmt::format("PRAGMA page_size = {}", kPageBytes)));
  IG_TRY(migrate(database, kSchemaFiles, latest_version(kSchemaFiles)));
  IG_ASSIGN(auto transaction, Transaction::begin(database));
  IG_TRY(insert_session(database, info));
  for (const auto& [name, values] : dictionaries()) {
    IG_TRY(store_enum_names(database, name, values));
  }
  IG_TRY(store_syscall_names(database, native_syscall_arch()));
  IG_TRY(transaction.commit());
  return database;
}

}  // namespace

struct SessionWriter::Impl {
  Impl(Database database_in, InternTables tables_in)
      : database(std::move(database_in)), tables(std::move(tables_in)) {}
  // On the file that was just made.
  static Result<std::unique_ptr<Impl>> open(const std::string& name, std::uint64_t max_pages);

  Database database;  // before all that refers to it
  InternTables tables;
  std::unordered_map<const EventSchema*, RowWriter> writers;
  const EventSchema* last_schema = nullptr;  // events come in runs of one data source
  RowWriter* last_writer = nullptr;

  std::string path;  // empty = in memory
  bool limited = false;
  UniqueFd reserve;

  std::optional<Transaction> batch;
  std::int64_t batch_start_ns = 0;
  std::uint64_t rows_committed = 0, rows_pending = 0;
  std::int64_t last_commit_ns = wall_time_ns();
  std::optional<Error> failure;  // storing ended with this
  bool closed = false;

  RowWriter& writer_of(const EventSchema& schema);
  Result<> begin_batch();
  Result<> commit_batch();
  // Storing one thing: within a batch; whatever fails ends the recording's storing.
  template <typename Function>
  Result<> store(Function&& function);
  Error give_up(const Error& error);
  Error cannot_close(const Error& error) const;
  Result<> write_end(const std::string& end_reason);
  Result<> leave_one_file();
};

RowWriter& SessionWriter::Impl::writer_of(const EventSchema& schema) {
  if (last_schema != &schema) {
    const auto found = writers.find(&schema);
    IG_CHECK(found != writers.end());
    last_schema = &schema;
    last_writer = &found->second;
  }
  return *last_writer;
}

Result<> SessionWriter::Impl::begin_batch() {
  if (batch) return {};
  auto begun = Transaction::begin(database);
  if (!begun) return std::unexpected(begun.error());
  batch.emplace(std::move(*begun));
  batch_start_ns = coarse_time_ns();
  return {};
}

Result<> SessionWriter::Impl::commit_batch() {
  if (!batch) return {};
  for (auto& [schema, writer] : writers) {
    if (auto written = writer.write_waiting(); !written) {
      return std::unexpected(give_up(written.error()));
    }
  }
  if (auto committed = batch->commit(); !committed) {
    return std::unexpected(give_up(committed.error()));
  }
  batch.reset();
  rows_committed += std::exchange(rows_pending, 0);
  for (auto& [schema, writer] : writers) writer.rows_of_batch = 0;
  last_commit_ns = wall_time_ns();
  return {};
}

template <typename Function>
Result<> SessionWriter::Impl::store(Function&& function) {
  IG_CHECK(!closed);
  if (failure) return std::unexpected(*failure);
  if (auto begun = begin_batch(); !begun) return std::unexpected(give_up(begun.error()));
  if (auto stored = function(); !stored) return std::unexpected(give_up(stored.error()));
  if (coarse_time_ns() - batch_start_ns >= kBatchNs) return commit_batch();
  return {};
}

// The file keeps the batches that are complete; what it lost is counted for close().
Error SessionWriter::Impl::give_up(const Error& error) {
  batch.reset();
  rows_pending = 0;
  for (auto& [schema, writer] : writers) {
    writer.forget_waiting();
    writer.rows_lost += std::exchange(writer.rows_of_batch, 0);
  }
  failure = error;
  if (error.code == ErrorCode::kFull) {
    failure->message = fmt::format("cannot store more in {}: {}", path,
                                   limited ? "its size limit is reached" : "the disk is full");
    failure->hint = "what was stored until now is kept and can be used";
  } else {
    failure->message = fmt::format("cannot store in {}: {}", path, error.message);
  }
  return *failure;
}

Error SessionWriter::Impl::cannot_close(const Error& error) const {
  const bool full = error.code == ErrorCode::kFull;
  return {error.code,
          fmt::format("cannot close {}: {}", path, full ? "the disk is full" : error.message),
          "keep its -wal beside it: they are read together"};
}

Result<> SessionWriter::Impl::write_end(const std::string& end_reason) {
  const std::int64_t now = wall_time_ns();
  IG_ASSIGN(auto transaction, Transaction::begin(database));
  for (const auto& [schema, writer] : writers) {
    if (!failure) break;
    IG_TRY(insert_loss(database, {.gadget = writer.gadget(),
                                  .kind = Loss::Kind::kWriterFailed,
                                  .workload = 0,
                                  .count = writer.rows_lost,
                                  .from_ns = last_commit_ns,
                                  .to_ns = now,
                                  .detail = failure->message}));
  }
  std::string reason = end_reason;
  if (failure) reason = limited ? "size limit" : "disk full";
  if (failure && failure->code != ErrorCode::kFull) reason = failure->message;
  IG_TRY(finish_session(database, reason, !failure, now));
  return transaction.commit();
}

Result<> SessionWriter::Impl::leave_one_file() {
  IG_TRY(database.execute("PRAGMA synchronous = FULL"));
  IG_TRY(database.execute("PRAGMA wal_checkpoint(TRUNCATE)"));
  // Refused while somebody else reads the file: then the last one to close it removes the log.
  auto left = database.execute("PRAGMA journal_mode = DELETE");
  if (!left && left.error().code == ErrorCode::kFull) return left;
  return {};
}

Result<std::unique_ptr<SessionWriter::Impl>> SessionWriter::Impl::open(const std::string& name,
                                                                       std::uint64_t max_pages) {
  IG_ASSIGN(auto database, Database::open_own(name));
  IG_TRY(database.execute(std::string(kRecordingPragmas)));
  IG_TRY(expect_own_beside(name));
  if (max_pages != 0) {
    IG_TRY(database.pragma(fmt::format("max_page_count = {}", max_pages - kReservePages)));
  }
  IG_ASSIGN(auto processes, ProcessTable::open(database, kProcessCacheBytes));
  IG_ASSIGN(auto paths, PathTable::open(database, kPathCacheBytes));
  auto impl = std::make_unique<Impl>(std::move(database),
                                     InternTables{std::move(processes), std::move(paths)});
  impl->path = name;
  impl->limited = max_pages != 0;
  impl->reserve = reserve_space(name, kReserveBytes);
  return impl;
}

SessionWriter::SessionWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

SessionWriter::~SessionWriter() {
  // Without close() the session stays incomplete, but loses nothing.
  if (!impl_->closed && !impl_->failure) (void)impl_->commit_batch();
}

Result<std::unique_ptr<SessionWriter>> SessionWriter::create(const std::string& path,
                                                             const SessionInfo& info,
                                                             Options options) {
  IG_ASSIGN(auto empty, new_session(info));
  IG_ASSIGN(const std::string image, empty.serialize());
  const std::uint64_t pages = options.max_bytes / kPageBytes;
  if (options.max_bytes != 0 && pages < image.size() / kPageBytes + 2 * kReservePages) {
    return fail(ErrorCode::kUsage,
                fmt::format("a session does not fit {} bytes", options.max_bytes),
                "an empty one needs about 256 KiB");
  }
  IG_ASSIGN(const std::string name, make_new_file(path, image));
  auto impl = Impl::open(name, pages);
  if (impl) return std::unique_ptr<SessionWriter>(new SessionWriter(std::move(*impl)));
  remove_new_file(name);
  if (impl.error().code == ErrorCode::kFull) return std::unexpected(disk_full(path));
  return std::unexpected(impl.error());
}

Result<std::unique_ptr<SessionWriter>> SessionWriter::create_in_memory(const SessionInfo& info) {
  IG_ASSIGN(auto database, new_session(info));
  IG_ASSIGN(auto processes, ProcessTable::open(database, kProcessCacheBytes));
  IG_ASSIGN(auto paths, PathTable::open(database, kPathCacheBytes));
  auto impl = std::make_unique<Impl>(std::move(database),
                                     InternTables{std::move(processes), std::move(paths)});
  return std::unique_ptr<SessionWriter>(new SessionWriter(std::move(impl)));
}

Result<> SessionWriter::gadget_run(const GadgetRun& run) {
  return impl_->store([&] { return insert_gadget_run(impl_->database, run); });
}

Result<> SessionWriter::data_source(const EventSchema& schema) {
  Impl& self = *impl_;
  // A schema that cannot be stored is its gadget's fault and leaves no trace: the others go on.
  Result<> refused;
  const auto stored = self.store([&]() -> Result<> {
    IG_TRY(self.database.execute("SAVEPOINT data_source"));
    auto writer = RowWriter::create(self.database, schema);
    if (!writer) {
      refused = std::unexpected(writer.error());
      if (writer.error().code == ErrorCode::kFull) return refused;
      return self.database.execute("ROLLBACK TO data_source; RELEASE data_source");
    }
    self.writers.insert_or_assign(&schema, std::move(*writer));
    self.last_schema = nullptr;
    return self.database.execute("RELEASE data_source");
  });
  return stored ? refused : stored;
}

Result<> SessionWriter::workload(const Workload& workload) {
  return impl_->store([&] { return upsert_workload(impl_->database, workload); });
}

Result<> SessionWriter::event(const Event& event) {
  RowWriter& writer = impl_->writer_of(event.schema);
  const auto stored = impl_->store([&] { return writer.write(event, impl_->tables); });
  if (stored) {
    ++impl_->rows_pending;
  } else {
    ++writer.rows_lost;
  }
  return stored;
}

Result<> SessionWriter::loss(const Loss& loss) {
  return impl_->store([&] { return insert_loss(impl_->database, loss); });
}

Result<> SessionWriter::inventory(const InventoryUpdate& update) {
  return impl_->store([&] { return store_update(impl_->database, update); });
}

Result<> SessionWriter::flush() {
  if (impl_->failure) return std::unexpected(*impl_->failure);
  return impl_->commit_batch();
}

Result<> SessionWriter::close(const std::string& end_reason) {
  Impl& self = *impl_;
  IG_CHECK(!self.closed);
  // A failure now is told when all is written; one from before has been.
  const auto last = self.failure ? Result<>{} : self.commit_batch();
  self.closed = true;
  self.reserve.reset();
  if (self.limited) IG_TRY(self.database.pragma("max_page_count = 1073741823"));
  auto ended = self.write_end(end_reason);
  if (ended && !self.path.empty()) ended = self.leave_one_file();
  if (!ended) return std::unexpected(self.cannot_close(ended.error()));
  return last;
}

std::uint64_t SessionWriter::rows_written() const {
  return impl_->rows_committed + impl_->rows_pending;
}

std::uint64_t SessionWriter::file_bytes() const {
  const auto pages = impl_->database.pragma("page_count");
  return pages ? static_cast<std::uint64_t>(*pages) * kPageBytes : 0;
}

Result<std::string> SessionWriter::snapshot() {
  if (!impl_->closed && !impl_->failure) IG_TRY(impl_->commit_batch());
  return impl_->database.serialize();
}

}  // namespace ig
