// SPDX-License-Identifier: Apache-2.0
// Files: what was opened, what was read and written, and what took long.
#include <fmt/format.h>

#include <charconv>
#include <chrono>

#include "advisors/advice_text.h"
#include "advisors/report/kinds.h"
#include "advisors/report/timed.h"
#include "advisors/report/top_tables.h"
#include "base/text.h"

namespace ig::report {
namespace {

struct Opens {
  Sums<Tally> by_file, by_group;
  Sums<Tally> failed;                    // by file
  std::map<std::int64_t, Tally> errors;  // by errno
  Tally all;
};

Result<Opens> read_opens(Source& source, const EventSchema& schema) {
  Opens opens;
  const char* path = source.parameter("trace_open", "paths") == "false" ? "r.fname" : "r.fpath";
  const auto sql = fmt::format("SELECT {}, {}, r.error_raw FROM trace_open_rows r WHERE {}",
                               source.group_column(schema), path, source.where(schema));
  const bool grouped = source.can_group(schema);
  IG_TRY(source.each(sql, [&](const Row& row) {
    const auto error = row.integer(2);
    opens.all.add(error != 0);
    if (grouped) opens.by_group.of(source.group_id(row.integer(0))).add(error != 0);
    if (error == 0) return opens.by_file.of(row.integer(1)).add(false);
    opens.failed.of(row.integer(1)).add(true);
    if (opens.errors.size() < kMostKeys) opens.errors[error].add(true);
  }));
  return opens;
}

Result<> add_opens(Source& source, Section& section, const EventSchema& schema) {
  IG_ASSIGN(const auto opens, read_opens(source, schema));
  if (opens.all.count == 0) return {};
  section.headline =
      fmt::format("{} of {}, {} failed", count_text(opens.all.count, "open"),
                  count_text(opens.by_file.size(), "file"), format_count(opens.all.failed));
  std::uint64_t left_out = 0;
  if (source.can_group(schema)) {
    IG_ASSIGN(const auto rows, groups(source, opens.by_group, left_out));
    section.blocks.emplace_back(tally_table("Opens by " + source.group_key(), source.group_key(),
                                            "opens", rows, std::exchange(left_out, 0)));
  }
  IG_ASSIGN(const auto files, heaviest_texts(source, opens.by_file, left_out));
  section.blocks.emplace_back(
      tally_table("Most opened", "file", "opens", files, std::exchange(left_out, 0), false));
  if (opens.all.failed == 0) return {};
  IG_ASSIGN(const auto failed, heaviest_texts(source, opens.failed, left_out));
  section.blocks.emplace_back(
      tally_table("Opens that failed", "file", "times", failed, std::exchange(left_out, 0), false));
  std::map<std::string, Tally> errors;
  for (const auto& [error, tally] : opens.errors) {
    errors[number_name(schema, "error_raw", error)].merge(tally);
  }
  const auto names = heaviest_names(errors, source.question().most_rows, left_out);
  section.blocks.emplace_back(
      tally_table("Why opens failed", "error", "times", names, left_out, false));
  return {};
}

struct Slow {
  Sums<Timed> by_group;
  // By operation and file system.
  std::map<std::int64_t, std::map<std::string, Timed, std::less<>>> by_operation;
  Timed all;
};

// What the gadget took for slow: its parameter is in microseconds.
std::string slow_threshold(const Source& source) {
  const auto text = source.parameter("trace_fsslower", "min");
  std::int64_t us = 10'000;
  std::from_chars(text.data(), text.data() + text.size(), us);
  constexpr std::int64_t kMost = 1'000'000'000'000;
  return format_duration(std::chrono::microseconds(std::clamp<std::int64_t>(us, 0, kMost)));
}

Result<> add_slowest(Source& source, Section& section, const EventSchema& schema) {
  Table table{"Slowest operations",
              {{"time", Unit::kTime},
               {"took", Unit::kDuration},
               {"operation"},
               {"fs"},
               {"size", Unit::kBytes},
               {"process"},
               {"file"}},
              {}};
  IG_ASSIGN(const auto* processes, source.processes());
  const auto sql = fmt::format(
      "SELECT r.timestamp_raw, r.delta_us, r.op_raw, r.fs, r.size, r.process_id, f.text "
      "FROM trace_fsslower_rows r LEFT JOIN path f ON f.id = r.file WHERE {} "
      "ORDER BY r.delta_us DESC, r.timestamp_raw LIMIT {}",
      source.where(schema), source.question().most_rows);
  IG_TRY(source.each(sql, [&](const Row& row) {
    const auto process = processes->find(row.integer(5));
    table.rows.push_back({row.integer(0), row.scaled(1, 1000),
                          number_name(schema, "op_raw", row.integer(2)), std::string(row.text(3)),
                          row.integer(4), process ? process->text() : "?",
                          std::string(row.text(6))});
  }));
  section.blocks.emplace_back(std::move(table));
  return {};
}

Result<> add_slow(Source& source, Section& section, const EventSchema& schema) {
  Slow slow;
  HeatMapMaker heat(source, "Slow operations over time");
  const auto sql = fmt::format(
      "SELECT {}, r.timestamp_raw, r.delta_us, r.op_raw, r.fs, r.error_raw "
      "FROM trace_fsslower_rows r WHERE {}",
      source.group_column(schema), source.where(schema));
  IG_TRY(source.each(sql, [&](const Row& row) {
    const auto ns = row.scaled(2, 1000);
    const bool failed = row.integer(5) != 0;
    slow.all.add(ns, failed);
    slow.by_group.of(source.group_id(row.integer(0))).add(ns, failed);
    entry(slow.by_operation[row.integer(3)], row.text(4)).add(ns, failed);
    heat.add(row.integer(1), ns);
  }));
  const auto threshold = slow_threshold(source);
  if (!section.headline.empty()) section.headline += "; ";
  section.headline +=
      fmt::format("{} took more than {}", count_text(slow.all.weight(), "operation"), threshold);
  if (slow.all.weight() == 0) return {};
  std::uint64_t left_out = 0;
  if (source.can_group(schema)) {
    IG_ASSIGN(const auto rows, groups(source, slow.by_group, left_out));
    section.blocks.emplace_back(timed_table("Slow operations by " + source.group_key(),
                                            source.group_key(), "operations", rows,
                                            std::exchange(left_out, 0)));
  }
  std::map<std::string, Timed> operations;
  for (const auto& [operation, systems] : slow.by_operation) {
    const auto name = number_name(schema, "op_raw", operation);
    for (const auto& [fs, timed] : systems) {
      operations[fmt::format("{} {}", name, fs)].merge(timed);
    }
  }
  const auto rows = heaviest_names(operations, source.question().most_rows, left_out);
  section.blocks.emplace_back(
      timed_table("Slow operations", "operation", "operations", rows, left_out));
  IG_TRY(add_slowest(source, section, schema));
  section.blocks.emplace_back(
      histogram(fmt::format("Operations of more than {}", threshold), slow.all.latency));
  section.blocks.emplace_back(std::move(heat).finish());
  return {};
}

}  // namespace

Result<> fill_files(Source& source, Section& section) {
  IG_ASSIGN(const auto* opens, source.view("trace_open", {"timestamp_raw", "process_id",
                                                          "error_raw", "fname", "fpath"}));
  if (opens != nullptr) IG_TRY(add_opens(source, section, *opens));
  IG_ASSIGN(auto bytes, top_files(source));
  if (bytes) section.blocks.emplace_back(std::move(*bytes));
  IG_ASSIGN(const auto* slow,
            source.view("trace_fsslower", {"timestamp_raw", "process_id", "delta_us", "size",
                                           "error_raw", "op_raw", "fs", "file"}));
  if (slow != nullptr) IG_TRY(add_slow(source, section, *slow));
  return {};
}

}  // namespace ig::report
