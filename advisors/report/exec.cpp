// SPDX-License-Identifier: Apache-2.0
// What was executed, when, and by whom.
#include <fmt/format.h>

#include "advisors/advice_text.h"
#include "advisors/report/kinds.h"
#include "advisors/report/measures.h"
#include "advisors/report/process_forest.h"
#include "advisors/report/timed.h"

namespace ig::report {
namespace {

constexpr std::size_t kMostKept = 100'000;  // executions that the tree is made from

struct Executions {
  Sums<Tally> by_file, by_group;
  std::map<std::pair<std::int64_t, std::int64_t>, Tally> failures;  // by file and errno
  Tally all;
  std::vector<Execution> kept;
  std::vector<std::int64_t> arguments, files;  // ids of the texts of those kept
  std::map<std::int64_t, std::string> texts;
};

Result<Executions> read_executions(Source& source, const EventSchema& schema) {
  Executions seen;
  const auto most_kept = source.question().only_headlines ? 0 : kMostKept;
  const auto sql = fmt::format(
      "SELECT {}, r.file, r.error_raw, r.timestamp_raw, p.pid, p.comm, p.parent_pid, "
      "p.parent_comm, r.args, r.workload_id FROM trace_exec_rows r "
      "LEFT JOIN process p ON p.id = r.process_id WHERE {}",
      source.group_column(schema), source.where(schema));
  IG_TRY(source.each(sql, [&](const Row& row) {
    const bool failed = row.integer(2) != 0;
    seen.all.add(failed);
    seen.by_group.of(source.group_id(row.integer(0))).add(failed);
    if (failed && seen.failures.size() < kMostKeys) {
      seen.failures[{row.integer(1), row.integer(2)}].add(true);
    }
    if (failed) return;
    seen.by_file.of(row.integer(1)).add(false);
    if (seen.kept.size() >= most_kept) return;
    seen.files.push_back(row.integer(1));
    seen.arguments.push_back(row.integer(8));
    seen.kept.push_back({.pid = row.integer(4),
                         .parent_pid = row.integer(6),
                         .time_ns = row.integer(3),
                         .comm = std::string(row.text(5)),
                         .parent_comm = std::string(row.text(7)),
                         .arguments = "",
                         .file = "",
                         .workload = source.workload_name(row.integer(9))});
  }));
  return seen;
}

Result<> name_texts(Source& source, Executions& seen) {
  std::vector<std::int64_t> ids = seen.files;
  ids.insert(ids.end(), seen.arguments.begin(), seen.arguments.end());
  std::ranges::sort(ids);
  const auto same = std::ranges::unique(ids);
  ids.erase(same.begin(), same.end());
  IG_ASSIGN(seen.texts, source.paths(ids));
  for (std::size_t i = 0; i < seen.kept.size(); ++i) {
    seen.kept[i].file = seen.texts[seen.files[i]];
    seen.kept[i].arguments = seen.texts[seen.arguments[i]];
  }
  return {};
}

// Processes that were seen doing something else than executing.
Result<Ancestry> read_ancestry(Source& source) {
  Ancestry ancestry;
  IG_TRY(source.each("SELECT pid, parent_pid, parent_comm FROM process", [&](const Row& row) {
    if (ancestry.size() >= kMostKept) return;
    ancestry.try_emplace(row.integer(0), Parent{row.integer(1), std::string(row.text(2))});
  }));
  return ancestry;
}

Result<Table> failure_table(Source& source, const EventSchema& schema, const Executions& seen) {
  Table table{"Executions that failed", {{"file"}, {"error"}, {"times", Unit::kCount}}, {}};
  std::vector<std::int64_t> ids;
  for (const auto& [key, tally] : seen.failures) ids.push_back(key.first);
  IG_ASSIGN(auto texts, source.paths(ids));
  std::map<std::string, Tally> named;
  constexpr char kBetween = '\0';
  for (const auto& [key, tally] : seen.failures) {
    named[texts[key.first] + kBetween + number_name(schema, "error_raw", key.second)].merge(tally);
  }
  for (const auto& [name, tally] :
       heaviest_names(named, source.question().most_rows, table.left_out)) {
    const auto between = name.rfind(kBetween);
    table.rows.push_back({name.substr(0, between), name.substr(between + 1), cell(tally.count)});
  }
  return table;
}

}  // namespace

Result<> fill_exec(Source& source, Section& section) {
  IG_ASSIGN(const auto* schema, source.view("trace_exec", {"timestamp_raw", "process_id",
                                                           "error_raw", "file", "args"}));
  if (schema == nullptr) return {};
  IG_ASSIGN(auto seen, read_executions(source, *schema));
  if (seen.all.count == 0) return {};
  const auto succeeded = seen.all.count - seen.all.failed;
  section.headline = fmt::format(
      "{} of {}{}", count_text(succeeded, "execution"), count_text(seen.by_file.size(), "program"),
      seen.all.failed == 0 ? "" : fmt::format("; {} failed", count_text(seen.all.failed, "other")));
  if (source.question().only_headlines) return {};
  if (source.can_group(*schema)) {
    std::uint64_t left_out = 0;
    IG_ASSIGN(const auto rows, groups(source, seen.by_group, left_out));
    section.blocks.emplace_back(
        tally_table("By " + source.group_key(), source.group_key(), "executions", rows, left_out));
  }
  std::uint64_t left_out = 0;
  IG_ASSIGN(const auto files, heaviest_texts(source, seen.by_file, left_out));
  section.blocks.emplace_back(
      tally_table("Programs", "file", "executions", files, left_out, false));
  if (!seen.failures.empty()) {
    IG_ASSIGN(auto failures, failure_table(source, *schema, seen));
    section.blocks.emplace_back(std::move(failures));
  }
  IG_TRY(name_texts(source, seen));
  if (succeeded > seen.kept.size()) {
    section.notes.push_back(
        fmt::format("the tree has the first {} only", count_text(seen.kept.size(), "execution")));
  }
  IG_ASSIGN(const auto ancestry, read_ancestry(source));
  section.blocks.emplace_back(process_forest(std::move(seen.kept), ancestry));
  return {};
}

}  // namespace ig::report
