// SPDX-License-Identifier: Apache-2.0
// event_road: what share of SQLite's own speed the whole user-space road of an event keeps: bytes
// as trace_open's ring holds them → EventDecoder → SessionWriter. The limit is a bare loop over one
// prepared INSERT of the very rows that came out of it (ids already made), with the same pragmas
// and batches. Both run in turns in one process and are measured in its processor time, so that
// whatever else the machine does meets both; the median of the ratios is the figure. Aim: 80%.
//
// `share_of_flat` compares with what a recorder without interning would do: the same events with
// their texts in the row.
//
// `allocations/event` counts what our own code asks of operator new once every process and path has
// been seen. Aim: 0. `with_sqlite` counts all that anybody asks of malloc(): what is left is
// SQLite's when it divides a page that is full.
#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <stdlib.h>

#include <algorithm>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <vector>

#include "base/text.h"
#include "recorder/gadget/btf_schema.h"
#include "recorder/gadget/event_decoder.h"
#include "store/data_source_ddl.h"
#include "store/database.h"
#include "store/session_writer.h"

extern "C" void* __libc_malloc(std::size_t size);

namespace {
std::uint64_t allocations = 0, own_allocations = 0;
}

// Ours take the place of the libraries' for the whole program.
extern "C" void* malloc(std::size_t size) {
  ++allocations;
  return __libc_malloc(size);
}

// The library's delete frees what malloc() gave.
void* operator new(std::size_t size) {
  ++own_allocations;
  if (void* memory = malloc(size)) return memory;
  throw std::bad_alloc();
}

namespace ig {
namespace {

constexpr std::size_t kRingEvents = 20'000;  // what the ring holds; read ten times over
constexpr std::size_t kEvents = 10 * kRingEvents;
constexpr std::size_t kBatch = 5'000;
constexpr std::size_t kProcesses = 200, kPaths = 5'000, kInARow = 4;

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

// Of this process's processor time, which other programs change less than they do the wall's.
double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

DataSource open_source() {
  const auto catalog = must(GadgetCatalog::open({}));
  return must(read_data_sources(*must(catalog.find("trace_open")))).front();
}

// One record as the gadget fills it.
class Record {
 public:
  explicit Record(const DataSource& source)
      : source_(source), bytes_(source.record_size, std::byte{0}) {}

  void put(std::string_view column, std::uint64_t number) {
    const FieldLayout& field = layout(column);
    std::memcpy(&bytes_[field.offset], &number, field.size);
  }
  void put(std::string_view column, std::string_view text) {
    const FieldLayout& field = layout(column);
    std::memcpy(&bytes_[field.offset], text.data(), std::min<std::size_t>(text.size(), field.size));
    end_ = std::max<std::size_t>(end_, field.offset + text.size() + 1);
  }
  // Without the tail that the gadget leaves out of the ring.
  std::vector<std::byte> take() {
    bytes_.resize(std::clamp<std::size_t>(end_, source_.least_size, bytes_.size()));
    return std::move(bytes_);
  }

 private:
  const FieldLayout& layout(std::string_view column) const {
    const int index = source_.schema.find(column);
    if (index < 0) must<void>(fail(ErrorCode::kInvalid, fmt::format("no column {}", column)));
    return source_.fields[static_cast<std::size_t>(index)];
  }
  const DataSource& source_;
  std::vector<std::byte> bytes_;
  std::size_t end_ = 0;
};

// A process opens a few files in a row before another one has its turn, and some files are opened
// far more often than others. The same numbers in each run.
std::vector<std::vector<std::byte>> make_ring(const DataSource& source) {
  std::vector<std::vector<std::byte>> ring;
  std::uint64_t seed = 42, process = 0;
  for (std::size_t i = 0; i < kRingEvents; ++i) {
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    const std::uint64_t random = seed >> 33;
    if (i % kInARow == 0) process = random % kProcesses;
    const std::uint64_t file = random % kPaths * (random / kPaths % kPaths) / kPaths;
    const auto path =
        fmt::format("/usr/lib/x86_64-linux-gnu/some/module-{}/file-{}.so", file % 97, file);
    Record record(source);
    record.put("timestamp_raw", 1'000'000'000'000 + i * 9731);
    record.put("proc.comm", "nginx-worker");
    record.put("proc.pid", 1'200'000 + process);
    record.put("proc.tid", 1'200'000 + process);
    record.put("proc.mntns_id", 4026532301);
    record.put("proc.parent.comm", "nginx");
    record.put("proc.parent.pid", 1'199'999);
    record.put("error_raw", random % 7 == 0 ? 2 : 0);
    record.put("fd", 7);
    record.put("flags_raw", random % 3 == 0 ? 02000000 : 02000101);
    record.put("mode_raw", 0644);
    record.put("fname", path);
    record.put("fpath", path);
    ring.push_back(record.take());
  }
  return ring;
}

using Ring = std::vector<std::vector<std::byte>>;

struct Road {
  double seconds = 0;
  double own_allocations = 0, allocations = 0;  // of the second half, for an event
};

Road through_the_road(const DataSource& source, const Ring& ring, const std::string& file) {
  auto writer = must(SessionWriter::create(file, {}, {}));
  must(writer->data_source(source.schema));
  must(writer->flush());
  EventDecoder decoder(source, ClockOffset(1'700'000'000'000'000'000));
  const double start = cpu_seconds();
  std::uint64_t before = 0, own_before = 0;
  for (std::size_t i = 0; i < kEvents; ++i) {
    if (i == kEvents / 2) {
      before = allocations;
      own_before = own_allocations;
    }
    if (!decoder.decode(ring[i % kRingEvents])) std::abort();
    must(writer->event({.schema = source.schema, .workload = 1, .values = decoder.values()}));
    if (i % kBatch == kBatch - 1) must(writer->flush());
  }
  const auto an_event = [](std::uint64_t count) {
    return static_cast<double>(count) / static_cast<double>(kEvents - kEvents / 2);
  };
  return {cpu_seconds() - start, an_event(own_allocations - own_before),
          an_event(allocations - before)};
}

// The rows of a file that went the whole road: all integers.
std::vector<std::int64_t> stored_rows(const std::string& file, const RowLayout& layout) {
  auto database = must(Database::open_foreign(file, false));
  auto rows = must(database.prepare("SELECT * FROM " + quote_identifier(layout.table)));
  std::vector<std::int64_t> cells;
  while (must(rows.step())) {
    for (int i = 0; i < rows.column_count(); ++i) cells.push_back(rows.integer(i));
  }
  return cells;
}

// A database to insert into: a session's tables, and one with a column for each of the schema's.
Database make_target(const std::string& file, const EventSchema& schema) {
  must(must(SessionWriter::create(file, {}, {}))->data_source(schema));
  auto database = must(Database::open_own(std::filesystem::canonical(file).string()));
  must(database.execute(std::string(kRecordingPragmas)));
  std::vector<std::string> names;
  for (const Column& column : schema.columns) names.push_back(quote_identifier(column.name));
  must(database.execute("CREATE TABLE flat (workload, " + join(names, ", ") + ")"));
  return database;
}

// Seconds for kEvents rows by one statement; `bind` fills in row number i.
template <typename Function>
double bare_insert(Database& database, const std::string& sql, Function&& bind) {
  auto insert = must(database.prepare(sql, true));
  const double start = cpu_seconds();
  for (std::size_t i = 0; i < kEvents; ++i) {
    if (i % kBatch == 0) must(database.execute("BEGIN IMMEDIATE"));
    bind(insert, i);
    must(insert.run());
    if (i % kBatch == kBatch - 1) must(database.execute("COMMIT"));
  }
  return cpu_seconds() - start;
}

double insert_stored_rows(const EventSchema& schema, const std::vector<std::int64_t>& cells) {
  const Folder folder;
  auto database = make_target(folder.file(), schema);
  const RowLayout layout = must(row_layout(schema));
  const std::size_t width = layout.columns.size();
  return bare_insert(database, insert_rows(layout, 1), [&](Statement& insert, std::size_t row) {
    for (std::size_t i = 0; i < width; ++i) {
      insert.bind(static_cast<int>(i) + 1, cells[row * width + i]);
    }
  });
}

double insert_flat_rows(const DataSource& source, const Ring& ring) {
  const Folder folder;
  auto database = make_target(folder.file(), source.schema);
  EventDecoder decoder(source, ClockOffset(1'700'000'000'000'000'000));
  std::string marks = "?";
  for (std::size_t i = 0; i < source.schema.columns.size(); ++i) marks += ", ?";
  return bare_insert(database, "INSERT INTO flat VALUES (" + marks + ")",
                     [&](Statement& insert, std::size_t row) {
                       if (!decoder.decode(ring[row % kRingEvents])) std::abort();
                       int parameter = 1;
                       insert.bind(parameter, std::int64_t{1});
                       for (const Value& value : decoder.values()) insert.bind(++parameter, value);
                     });
}

double median(std::vector<double>& figures) {
  std::ranges::sort(figures);
  return figures[figures.size() / 2];
}

void event_road(benchmark::State& state) {
  const DataSource source = open_source();
  const Ring ring = make_ring(source);
  std::vector<std::int64_t> cells;
  std::vector<double> share_of_bare, share_of_flat, seconds, own, allocated;
  double bytes = 0;
  for (auto _ : state) {
    const Folder folder;
    const Road road = through_the_road(source, ring, folder.file());
    seconds.push_back(road.seconds);
    own.push_back(road.own_allocations);
    allocated.push_back(road.allocations);
    bytes = static_cast<double>(std::filesystem::file_size(folder.file()));
    if (cells.empty()) cells = stored_rows(folder.file(), must(row_layout(source.schema)));
    share_of_bare.push_back(insert_stored_rows(source.schema, cells) / seconds.back());
    share_of_flat.push_back(insert_flat_rows(source, ring) / seconds.back());
  }
  state.counters["share_of_bare"] = median(share_of_bare);
  state.counters["share_of_flat"] = median(share_of_flat);
  state.counters["bytes/event"] = bytes / static_cast<double>(kEvents);
  state.counters["allocations/event"] = median(own);
  state.counters["with_sqlite"] = median(allocated);
  state.counters["events/cpu_s"] = static_cast<double>(kEvents) / median(seconds);
}
BENCHMARK(event_road)->Iterations(9)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace ig

BENCHMARK_MAIN();
