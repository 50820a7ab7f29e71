// SPDX-License-Identifier: Apache-2.0
#include "advisors/report/top_tables.h"

#include <fmt/format.h>

#include <algorithm>

#include "advisors/report/cpu_time.h"
#include "advisors/report/measures.h"

namespace ig::report {
namespace {

// Keeps the rows of most weight, and says how many there were.
template <typename Weight>
void keep_heaviest(Table& table, std::size_t most, Weight weight) {
  std::ranges::stable_sort(table.rows,
                           [&](const auto& a, const auto& b) { return weight(a) > weight(b); });
  if (table.rows.size() <= most) return;
  table.left_out += table.rows.size() - most;
  table.rows.resize(most);
}

std::int64_t number(const std::vector<Cell>& row, std::size_t column) {
  return std::get<std::int64_t>(row[column]);
}

std::optional<Table> unless_empty(Table table) {
  if (table.rows.empty()) return {};
  return table;
}

struct DiskUse {
  std::uint64_t read = 0, written = 0, us = 0, requests = 0, errors = 0;
  void merge(const DiskUse& other) {
    read += other.read;
    written += other.written;
    us += other.us;
    requests += other.requests;
    errors += other.errors;
  }
};

struct Transfer {
  std::uint64_t sent = 0, received = 0, connections = 0;
  void merge(const Transfer& other) {
    sent += other.sent;
    received += other.received;
    connections += other.connections;
  }
};

}  // namespace

Result<std::optional<Table>> top_disk_users(Source& source) {
  IG_ASSIGN(const auto* schema, source.view("top_blockio", {"process_id", "rw_raw", "device",
                                                            "bytes", "us", "io", "errors"}));
  if (schema == nullptr) return std::nullopt;
  std::map<std::pair<std::int64_t, std::string>, DiskUse> uses;
  const auto sql = fmt::format(
      "SELECT process_id, device, rw_raw, bytes, us, io, errors FROM top_blockio_rows r "
      "WHERE {}",
      source.where(*schema));
  IG_TRY(source.each(sql, [&](const Row& row) {
    const bool read = number_name(*schema, "rw_raw", row.integer(2)) == "read";
    uses[{row.integer(0), std::string(row.text(1))}].merge({.read = read ? row.count(3) : 0,
                                                            .written = read ? 0 : row.count(3),
                                                            .us = row.count(4),
                                                            .requests = row.count(5),
                                                            .errors = row.count(6)});
  }));
  Table table{"Disk by process",
              {{"process"},
               {"device"},
               {"requests", Unit::kCount},
               {"read", Unit::kBytes},
               {"written", Unit::kBytes},
               {"time", Unit::kDuration},
               {"errors", Unit::kCount}},
              {}};
  for (const auto& [key, use] : uses) {
    IG_ASSIGN(const auto process, source.process(key.first));
    table.rows.push_back({process.text(), key.second, cell(use.requests), cell(use.read),
                          cell(use.written), cell(use.us * 1000), cell(use.errors)});
  }
  keep_heaviest(table, source.question().most_rows,
                [](const auto& row) { return number(row, 3) + number(row, 4); });
  return unless_empty(std::move(table));
}

Result<std::optional<Table>> top_files(Source& source) {
  IG_ASSIGN(const auto* schema, source.view("top_file", {"process_id", "file", "reads",
                                                         "rbytes_raw", "writes", "wbytes_raw"}));
  if (schema == nullptr) return std::nullopt;
  struct Use {
    std::uint64_t reads = 0, read = 0, writes = 0, written = 0;
    void merge(const Use& other) {
      reads += other.reads;
      read += other.read;
      writes += other.writes;
      written += other.written;
    }
    std::uint64_t weight() const { return read + written; }
  };
  Sums<Use> uses;
  const auto sql = fmt::format(
      "SELECT file, reads, rbytes_raw, writes, wbytes_raw FROM top_file_rows r WHERE {}",
      source.where(*schema));
  IG_TRY(source.each(sql, [&](const Row& row) {
    uses.of(row.integer(0)).merge({row.count(1), row.count(2), row.count(3), row.count(4)});
  }));
  Table table{"Files by bytes",
              {{"file"},
               {"reads", Unit::kCount},
               {"read", Unit::kBytes},
               {"writes", Unit::kCount},
               {"written", Unit::kBytes}},
              {}};
  IG_ASSIGN(const auto files, heaviest_texts(source, uses, table.left_out));
  for (const auto& [name, use] : files) {
    table.rows.push_back(
        {name, cell(use.reads), cell(use.read), cell(use.writes), cell(use.written)});
  }
  return unless_empty(std::move(table));
}

Result<std::optional<Table>> top_connections(Source& source) {
  IG_ASSIGN(const auto* schema,
            source.view("top_tcp", {"process_id", "src_addr", "src_port", "dst_addr", "dst_port",
                                    "sent_raw", "received_raw"}));
  if (schema == nullptr) return std::nullopt;
  // The port of whoever opened the connection differs each time: connections of one process to one
  // service are one row.
  constexpr std::int64_t kFirstEphemeral = 32768;
  std::map<std::tuple<std::string, std::string, std::string>, Transfer> sums;
  IG_ASSIGN(const auto* processes, source.processes());
  const auto sql = fmt::format(
      "SELECT process_id, src_addr, src_port, dst_addr, dst_port, sent_raw, received_raw "
      "FROM top_tcp_rows r WHERE {}",
      source.where(*schema));
  IG_TRY(source.each(sql, [&](const Row& row) {
    const auto port = [&](std::size_t column) {
      return row.integer(column) < kFirstEphemeral ? row.integer(column) : 0;
    };
    const auto process = processes->find(row.integer(0));
    auto& sum = sums[{process ? process->comm : "?", address_text(row.text(1), port(2)),
                      address_text(row.text(3), port(4))}];
    sum.merge({row.count(5), row.count(6), 1});
  }));
  Table table{"TCP by bytes",
              {{"comm"},
               {"local"},
               {"peer"},
               {"connections", Unit::kCount},
               {"sent", Unit::kBytes},
               {"received", Unit::kBytes}},
              {}};
  for (const auto& [key, sum] : sums) {
    const auto& [comm, local, peer] = key;
    table.rows.push_back(
        {comm, local, peer, cell(sum.connections), cell(sum.sent), cell(sum.received)});
  }
  keep_heaviest(table, source.question().most_rows,
                [](const auto& row) { return number(row, 4) + number(row, 5); });
  return unless_empty(std::move(table));
}

Result<std::optional<Table>> top_cpu_users(Source& source) {
  IG_ASSIGN(const auto* schema, source.view("profile_cpu", {"process_id", "samples"}));
  if (schema == nullptr) return std::nullopt;
  struct Samples {
    std::uint64_t count = 0;
    void merge(const Samples& other) { count += other.count; }
    std::uint64_t weight() const { return count; }
  };
  // Without --by the processes of one name are one.
  const bool divided = source.can_group(*schema);
  const auto key = divided ? source.group_key() : "comm";
  Sums<Samples> sums;
  std::uint64_t all = 0;
  IG_TRY(source.each(
      fmt::format("SELECT {}, samples FROM profile_cpu_rows r WHERE {}",
                  divided ? source.group_column(*schema) : "r.process_id", source.where(*schema)),
      [&](const Row& row) {
        sums.of(row.integer(0)).merge({row.count(1)});
        all += row.count(1);
      }));
  std::map<std::string, Samples> named;
  for (const auto& [id, samples] : sums.heaviest(kMostKeys)) {
    if (divided) {
      IG_ASSIGN(const auto name, source.group_text(id));
      named[name].merge(samples);
    } else {
      IG_ASSIGN(const auto process, source.process(id));
      named[process.comm].merge(samples);
    }
  }
  Table table{"CPU by " + (divided ? key : "process"),
              {{key}, {"samples", Unit::kCount}, {"cpu", Unit::kDuration}, {"share", Unit::kShare}},
              {}};
  for (const auto& [name, samples] :
       heaviest_names(named, source.question().most_rows, table.left_out)) {
    table.rows.push_back({name, cell(samples.count), cpu_time_ns(source, samples.count),
                          static_cast<double>(samples.count) / static_cast<double>(all)});
  }
  return unless_empty(std::move(table));
}

Result<std::optional<Table>> top_bpf_programs(Source& source) {
  IG_ASSIGN(const auto* schema,
            source.view("bpfstats", {"progName", "progType", "runtime_raw", "runcount", "own"}));
  if (schema == nullptr) return std::nullopt;
  Table table{"BPF programs by time",
              {{"program"},
               {"type"},
               {"owner"},
               {"runs", Unit::kCount},
               {"time", Unit::kDuration},
               {"each", Unit::kDuration}},
              {}};
  IG_TRY(source.each(
      fmt::format("SELECT progName, progType, own, runcount, runtime_raw FROM bpfstats_rows r "
                  "WHERE runcount > 0 AND {} ORDER BY runtime_raw DESC, progID",
                  source.where(*schema)),
      [&](const Row& row) {
        table.rows.push_back({std::string(row.text(0)), std::string(row.text(1)),
                              std::string(row.integer(2) != 0 ? "the recorder" : "others"),
                              row.integer(3), row.integer(4),
                              row.integer(3) > 0 ? row.integer(4) / row.integer(3) : 0});
      }));
  keep_heaviest(table, source.question().most_rows, [](const auto& row) { return number(row, 4); });
  return unless_empty(std::move(table));
}

}  // namespace ig::report
