// SPDX-License-Identifier: Apache-2.0
// event_road: what share of SQLite's own speed the road of an event keeps. The limit is a bare loop
// over one prepared INSERT of the very rows that SessionWriter stores in `trace_open_rows` (ids
// already made), with the same pragmas and batches. Both run in turns in one process, so that
// whatever else the machine does meets both; the median of the ratios is the figure. Aim: 80%.
#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <stdlib.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <filesystem>
#include <vector>

#include "store/data_source_ddl.h"
#include "store/database.h"
#include "store/session_writer.h"

namespace ig {
namespace {

constexpr std::size_t kEvents = 200'000;
constexpr std::size_t kBatch = 5'000;
constexpr std::int64_t kProcesses = 200, kPaths = 5'000;
constexpr std::size_t kInARow = 4;

// Of a file that ends with the test.
class Folder {
 public:
  Folder() {
    path_ = (std::filesystem::temp_directory_path() / "ig-benchmark-XXXXXX").string();
    if (::mkdtemp(path_.data()) == nullptr) std::abort();
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string file() const { return path_ + "/s.db"; }

 private:
  std::string path_;
};

template <typename T>
T must(Result<T> result) {
  if (!result) {
    fmt::print(stderr, "error: {}\n", result.error().message);
    std::exit(1);
  }
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

EventSchema open_schema() {
  EventSchema schema;
  schema.gadget = schema.view = "trace_open";
  schema.data_source = "open";
  const auto add = [&](std::string name, ColumnType type, Meaning meaning,
                       ProcessPart part = ProcessPart::kNone) {
    Column column;
    column.name = std::move(name);
    column.type = type;
    column.meaning = meaning;
    column.process_part = part;
    if (part != ProcessPart::kNone) column.process = "proc";
    schema.columns.push_back(column);
  };
  using enum Meaning;
  using enum ColumnType;
  add("timestamp_raw", kInteger, kTimestamp);
  add("proc.comm", kText, kPlain, ProcessPart::kComm);
  add("proc.pid", kInteger, kPlain, ProcessPart::kPid);
  add("proc.tid", kInteger, kPlain, ProcessPart::kTid);
  add("proc.creds.uid", kInteger, kUid, ProcessPart::kUid);
  add("proc.creds.gid", kInteger, kGid, ProcessPart::kGid);
  add("proc.mntns_id", kInteger, kMntnsId, ProcessPart::kMntnsId);
  add("proc.parent.comm", kText, kPlain, ProcessPart::kParentComm);
  add("proc.parent.pid", kInteger, kPlain, ProcessPart::kParentPid);
  add("error_raw", kInteger, kErrno);
  add("fd", kInteger, kPlain);
  add("fname", kText, kPath);
  add("flags_raw", kInteger, kFileFlags);
  add("mode_raw", kInteger, kFileMode);
  return schema;
}

// The recording: which process opened which file. A process opens a few in a row before another one
// has its turn, and some files are opened far more often than others.
struct Sample {
  std::int64_t time, process, path, error, flags;
  std::array<char, 64> fname;  // here, as the ring has an event's text beside its numbers
};

std::vector<Sample> make_samples() {
  std::vector<Sample> samples;
  std::uint64_t seed = 42;
  std::int64_t process = 0;
  for (std::size_t i = 0; i < kEvents; ++i) {
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    const auto random = static_cast<std::int64_t>(seed >> 33);
    if (i % kInARow == 0) process = random % kProcesses;
    samples.push_back({.time = 1'700'000'000'000'000'000 + static_cast<std::int64_t>(i) * 9731,
                       .process = process,
                       .path = random % kPaths * (random / kPaths % kPaths) / kPaths,
                       .error = random % 7 == 0 ? 2 : 0,
                       .flags = random % 3 == 0 ? 02000000 : 02000101,
                       .fname = {}});
    Sample& sample = samples.back();
    fmt::format_to_n(sample.fname.data(), sample.fname.size() - 1,
                     "/usr/lib/x86_64-linux-gnu/some/module-{}/file-{}.so", sample.path % 97,
                     sample.path);
  }
  return samples;
}

std::int64_t pid_of(const Sample& sample) { return 1'200'000 + sample.process; }

// Of this process's processor time, which other programs do not change as they do the wall's.
double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

// Seconds for all events through SessionWriter.
double through_writer(const std::vector<Sample>& samples) {
  const Folder folder;
  const EventSchema schema = open_schema();
  auto writer = must(SessionWriter::create(folder.file(), {}, {}));
  must(writer->data_source(schema));
  must(writer->flush());
  const double start = cpu_seconds();
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const Sample& s = samples[i];
    const std::array values = {Value::of(s.time),
                               Value::of(std::string_view("nginx-worker")),
                               Value::of(pid_of(s)),
                               Value::of(pid_of(s)),
                               Value::of(std::int64_t{33}),
                               Value::of(std::int64_t{33}),
                               Value::of(std::int64_t{4026532301}),
                               Value::of(std::string_view("nginx")),
                               Value::of(std::int64_t{1'199'999}),
                               Value::of(s.error),
                               Value::of(std::int64_t{7}),
                               Value::of(std::string_view(s.fname.data())),
                               Value::of(s.flags),
                               Value::of(std::int64_t{0644})};
    must(writer->event({.schema = schema, .workload = 1, .values = values}));
    if (i % kBatch == kBatch - 1) must(writer->flush());
  }
  must(writer->flush());
  return cpu_seconds() - start;
}

// Seconds for the same rows by the bare statement.
double through_bare_insert(const std::vector<Sample>& samples) {
  const Folder folder;
  const EventSchema schema = open_schema();
  const RowLayout layout = must(row_layout(schema));
  {
    auto writer = must(SessionWriter::create(folder.file(), {}, {}));
    must(writer->data_source(schema));
  }
  auto database = must(Database::open_own(std::filesystem::canonical(folder.file()).string()));
  must(database.execute(std::string(kRecordingPragmas)));
  auto insert = must(database.prepare(insert_row(layout), true));
  const double start = cpu_seconds();
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const Sample& s = samples[i];
    if (i % kBatch == 0) must(database.execute("BEGIN IMMEDIATE"));
    int parameter = 0;
    // workload, timestamp, process, tid, error, fd, fname, flags, mode
    for (const std::int64_t number : {std::int64_t{1}, s.time, s.process + 1, pid_of(s), s.error,
                                      std::int64_t{7}, s.path + 1, s.flags, std::int64_t{0644}}) {
      insert.bind(++parameter, number);
    }
    must(insert.run());
    if (i % kBatch == kBatch - 1) must(database.execute("COMMIT"));
  }
  return cpu_seconds() - start;
}

void event_road(benchmark::State& state) {
  const auto samples = make_samples();
  std::vector<double> ratios;
  double writer_seconds = 0, bare_seconds = 0;
  for (auto _ : state) {
    const double bare = through_bare_insert(samples);
    const double writer = through_writer(samples);
    ratios.push_back(bare / writer);
    writer_seconds += writer;
    bare_seconds += bare;
  }
  std::ranges::sort(ratios);
  const auto rounds = static_cast<double>(ratios.size() * kEvents);
  state.counters["events/s"] = rounds / writer_seconds;
  state.counters["bare_rows/s"] = rounds / bare_seconds;
  state.counters["share_of_bare"] = ratios[ratios.size() / 2];
}
BENCHMARK(event_road)->Iterations(15)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace ig

BENCHMARK_MAIN();
