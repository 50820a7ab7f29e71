// SPDX-License-Identifier: Apache-2.0
// A session from its first row to what a reader gets back.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <fstream>

#include "store/new_file.h"
#include "tests/unit/store/session_fixture.h"

namespace ig {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class SessionTest : public testing::Test {
 protected:
  std::unique_ptr<SessionWriter> create(SessionWriter::Options options = {}) {
    auto writer = SessionWriter::create(path_, some_session(), options);
    expect_ok(writer);
    expect_ok((*writer)->workload(some_workload()));
    expect_ok((*writer)->data_source(schema_));
    return std::move(*writer);
  }
  std::unique_ptr<SessionReader> open() {
    auto reader = open_session(path_);
    expect_ok(reader);
    return std::move(*reader);
  }
  void write_events(SessionWriter& writer, std::int64_t count) {
    for (std::int64_t n = 0; n < count; ++n) expect_ok(writer.event(OpenEvent(n).of(schema_)));
  }

  TemporaryFolder folder_;
  std::string path_ = folder_.file("s.db");
  EventSchema schema_ = open_schema();
};

TEST_F(SessionTest, ViewReadsLikeAToolsOutput) {
  auto writer = create();
  write_events(*writer, 2);
  expect_ok(writer->close("duration"));

  const auto rows = ask(*open(), "SELECT * FROM trace_open");
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_THAT(rows[0], ElementsAre("workload", "timestamp", "comm", "pid", "tid", "uid", "gid",
                                   "ppid", "pcomm", "error", "fd", "fname", "flags", "mode"));
  EXPECT_THAT(rows[1], ElementsAre("web", "2023-11-14T22:13:20.000000000Z", "nginx", "3000000",
                                   "3000000", "1000", "1000", "4711", "containerd-shim", "ENOENT",
                                   "0", "/usr/share/doc/0", "O_WRONLY|O_CREAT|O_CLOEXEC", "0644"));
  EXPECT_THAT(rows[2], ElementsAre("web", "2023-11-14T22:13:20.000001000Z", "nginx", "3000000",
                                   "3000000", "1000", "1000", "4711", "containerd-shim", "", "3",
                                   "/usr/share/doc/1", "O_WRONLY|O_CREAT|O_CLOEXEC", "0644"));
}

TEST_F(SessionTest, AScanGivesCellsAsTheyAreStoredUntilItIsStopped) {
  auto writer = create();
  write_events(*writer, 5);
  expect_ok(writer->close("duration"));

  int rows = 0;
  expect_ok(
      open()->scan("SELECT fd, 1.5, comm, NULL FROM trace_open_rows r JOIN process p ON p.id "
                   "= r.process_id ORDER BY timestamp_raw",
                   [&](std::span<const Value> row) {
                     EXPECT_EQ(row[0].integer, rows == 0 ? 0 : 3);
                     EXPECT_EQ(row[1].real, 1.5);
                     EXPECT_EQ(row[2].text, "nginx");
                     EXPECT_TRUE(row[3].is_null());
                     return ++rows < 3;
                   }));
  EXPECT_EQ(rows, 3);
  EXPECT_FALSE(open()->scan("DELETE FROM process", [](auto) { return true; }));
}

TEST_F(SessionTest, ClosedSessionIsOnePrivateFileThatIsComplete) {
  auto writer = create();
  write_events(*writer, 10);
  expect_ok(writer->close("command ended"));
  EXPECT_EQ(writer->rows_written(), 10u);

  EXPECT_FALSE(std::filesystem::exists(path_ + "-wal"));
  EXPECT_FALSE(std::filesystem::exists(path_ + "-shm"));
  struct stat status {};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);

  const auto info = open()->info();
  expect_ok(info);
  EXPECT_TRUE(info->complete);
  EXPECT_EQ(info->end_reason, "command ended");
  EXPECT_GT(info->ended_ns, 0);
  EXPECT_EQ(info->host_name, "testhost");
}

TEST_F(SessionTest, ProcessesAndPathsAreStoredOnce) {
  auto writer = create();
  write_events(*writer, 4000);
  expect_ok(writer->close("duration"));
  auto reader = open();
  EXPECT_EQ(ask_one(*reader, "SELECT count(*) FROM trace_open"), "4000");
  EXPECT_EQ(ask_one(*reader, "SELECT count(*) FROM process"), "40");
  EXPECT_EQ(ask_one(*reader, "SELECT count(*) FROM path"), "400");
}

TEST_F(SessionTest, ARowLikeTraceOpensTakesAtMost60Bytes) {
  auto writer = create();
  expect_ok(writer->flush());
  const auto empty = writer->file_bytes();
  write_events(*writer, 50'000);
  expect_ok(writer->close("duration"));
  const auto bytes = std::filesystem::file_size(path_) - empty;
  EXPECT_LE(bytes, 60u * 50'000u);
  RecordProperty("bytes_per_row", std::to_string(bytes / 50'000));
}

TEST_F(SessionTest, SessionWithoutCloseIsIncompleteButReadable) {
  auto writer = create();
  write_events(*writer, 10);
  expect_ok(writer->flush());
  auto live = open();  // while the writer still has it
  EXPECT_FALSE(live->info()->complete);
  EXPECT_EQ(ask_one(*live, "SELECT count(*) FROM trace_open"), "10");
  write_events(*writer, 5);
  live.reset();
  writer.reset();
  auto reader = open();
  EXPECT_FALSE(reader->info()->complete);
  EXPECT_EQ(ask_one(*reader, "SELECT count(*) FROM trace_open"), "15");
}

TEST_F(SessionTest, RoundTripsCoreRows) {
  auto writer = create();
  Workload workload = some_workload(2, "db");
  workload.kube_namespace = "prod";
  workload.mntns_gen = 1ULL << 63;
  expect_ok(writer->workload(workload));
  workload.pod = "db-0";  // more is known later
  expect_ok(writer->workload(workload));
  GadgetRun run{.gadget = "trace_open", .variant = "tp_btf", .parameters = "", .programs = {}};
  run.programs.push_back({.name = "enter",
                          .section = "tp_btf/sys_enter",
                          .attached = false,
                          .reason = "EPERM",
                          .leaves_empty = "fname"});
  expect_ok(writer->gadget_run(run));
  expect_ok(writer->loss({.gadget = "trace_open",
                          .kind = Loss::Kind::kMapFull,
                          .workload = 2,
                          .count = 7,
                          .from_ns = 1,
                          .to_ns = 2,
                          .detail = "calls"}));
  auto reader = read_session(*writer);
  expect_ok(reader);

  const auto workloads = (*reader)->workloads({});
  ASSERT_EQ(workloads->size(), 2u);
  EXPECT_EQ((*workloads)[1].pod, "db-0");
  EXPECT_EQ((*workloads)[1].mntns_gen, 1ULL << 63);
  EXPECT_EQ((*workloads)[1].labels.at("app"), "shop");
  EXPECT_EQ((*workloads)[1].kind, WorkloadKind::kContainer);
  const auto runs = (*reader)->gadget_runs();
  ASSERT_EQ(runs->size(), 1u);
  EXPECT_EQ(runs->front().variant, "tp_btf");
  EXPECT_EQ(runs->front().programs.front().leaves_empty, "fname");
  const auto losses = (*reader)->losses();
  ASSERT_EQ(losses->size(), 1u);
  EXPECT_EQ(losses->front().kind, Loss::Kind::kMapFull);
  EXPECT_EQ(losses->front().count, 7u);
  const auto tables = (*reader)->tables();
  ASSERT_EQ(tables->size(), 1u);
  EXPECT_EQ(tables->front().view, "trace_open");
  EXPECT_EQ(tables->front().description, "files that were opened");
}

TEST_F(SessionTest, LossesOfTheSameKindAreSummedUp) {
  auto writer = create();
  Loss loss{.gadget = "trace_open", .kind = Loss::Kind::kRingFull, .count = 5, .detail = "events"};
  for (const int second : {1, 2, 3}) {
    loss.from_ns = second * 1'000'000'000LL;
    loss.to_ns = loss.from_ns + 1'000'000'000LL;
    expect_ok(writer->loss(loss));
  }
  loss.detail = "other";
  expect_ok(writer->loss(loss));
  auto reader = read_session(*writer);
  expect_ok(reader);
  const auto losses = (*reader)->losses();
  ASSERT_EQ(losses->size(), 2u);
  EXPECT_EQ(losses->front().count, 15u);
  EXPECT_EQ(losses->front().from_ns, 1'000'000'000);
  EXPECT_EQ(losses->front().to_ns, 4'000'000'000);
}

TEST_F(SessionTest, GadgetsThatDidNotRunHaveNoFacts) {
  auto writer = create();
  auto reader = read_session(*writer);
  expect_ok(reader);
  EXPECT_TRUE((*reader)->syscalls(1)->empty());
  EXPECT_TRUE((*reader)->setup_marks(1)->empty());
  EXPECT_TRUE((*reader)->capabilities(1)->empty());
  EXPECT_TRUE((*reader)->flows(1)->empty());
}

TEST_F(SessionTest, CreateRefusesWhatIsThere) {
  std::ofstream(path_) << "mine";
  auto writer = SessionWriter::create(path_, some_session(), {});
  ASSERT_FALSE(writer);
  EXPECT_THAT(writer.error().hint, HasSubstr("another file"));

  std::filesystem::create_symlink("elsewhere", folder_.file("link"));
  EXPECT_FALSE(SessionWriter::create(folder_.file("link"), some_session(), {}));
  EXPECT_FALSE(std::filesystem::exists(folder_.file("elsewhere")));

  writer = SessionWriter::create(folder_.file("no/such/x.db"), some_session(), {});
  ASSERT_FALSE(writer);
  EXPECT_THAT(writer.error().hint, HasSubstr("mkdir -p"));
}

// SQLite would read it as the new session's own.
TEST_F(SessionTest, CreateRefusesANameBesideWhichALogIsLeft) {
  for (const auto* suffix : {"-wal", "-shm", "-journal"}) {
    const std::string left = path_ + suffix;
    std::filesystem::create_symlink("nowhere", left);
    auto writer = SessionWriter::create(path_, some_session(), {});
    ASSERT_FALSE(writer);
    EXPECT_THAT(writer.error().message, HasSubstr(left));
    EXPECT_FALSE(std::filesystem::exists(path_));
    std::filesystem::remove(left);
  }
}

TEST_F(SessionTest, FilesBesideARunningSessionAreAsPrivateAsItIs) {
  auto writer = create();
  write_events(*writer, 1);
  expect_ok(expect_own_beside(path_));
  ASSERT_EQ(::chmod((path_ + "-shm").c_str(), 0666), 0);
  EXPECT_FALSE(expect_own_beside(path_));
  std::filesystem::remove(path_ + "-shm");
  std::filesystem::create_symlink(path_, path_ + "-shm");
  EXPECT_FALSE(expect_own_beside(path_));
}

TEST_F(SessionTest, SizeLimitEndsTheSessionInOrder) {
  constexpr std::uint64_t kLimit = 512 << 10;
  auto writer = create({.max_bytes = kLimit});
  std::int64_t n = 0;
  Result<> stored;
  for (; stored && n < 1'000'000; ++n) {
    stored = writer->event(OpenEvent(n, fmt::format("/a/long/file/name/{}", n)).of(schema_));
    if (stored && n % 100 == 99) stored = writer->flush();
  }
  ASSERT_FALSE(stored);
  EXPECT_EQ(stored.error().code, ErrorCode::kFull);
  expect_ok(writer->close("duration"));
  EXPECT_LE(std::filesystem::file_size(path_), kLimit);

  auto reader = open();
  const auto info = reader->info();
  EXPECT_FALSE(info->complete);
  EXPECT_EQ(info->end_reason, "size limit");
  const auto kept = std::stoll(ask_one(*reader, "SELECT count(*) FROM trace_open"));
  EXPECT_EQ(static_cast<std::uint64_t>(kept), writer->rows_written());
  EXPECT_EQ(kept % 100, 0);
  const auto losses = reader->losses();
  ASSERT_EQ(losses->size(), 1u);
  EXPECT_EQ(losses->front().kind, Loss::Kind::kWriterFailed);
  EXPECT_EQ(losses->front().count, static_cast<std::uint64_t>(n - kept));
}

}  // namespace
}  // namespace ig
