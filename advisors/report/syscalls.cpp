// SPDX-License-Identifier: Apache-2.0
// System calls by workload and phase, and those that a filter denied.
#include <fmt/format.h>

#include <set>

#include "advisors/advice_text.h"
#include "advisors/report/kinds.h"
#include "advisors/report/measures.h"
#include "base/text.h"
#include "store/syscall_table.h"

namespace ig::report {
namespace {

std::string call_name(const std::string& arch, std::int64_t number) {
  const auto name = syscall_name(arch, number);
  return name ? *name : fmt::format("syscall_{}", number);
}

struct Call {
  std::uint64_t count = 0;
  std::set<std::string> phases, workloads;

  void merge(const Call& other) {
    count += other.count;
    phases.insert(other.phases.begin(), other.phases.end());
    workloads.insert(other.workloads.begin(), other.workloads.end());
  }
  std::uint64_t weight() const { return count; }
};

struct Calls {
  std::map<std::string, Call> by_name;      // with the architecture where it is not the machine's
  std::map<std::string, Call> by_workload;  // `phases` are then the names of calls
  std::map<std::string, std::uint64_t> learned;
};

Result<Calls> read_calls(Source& source) {
  Calls calls;
  for (const auto& workload : source.workloads()) {
    IG_ASSIGN(const auto uses, source.session().syscalls(workload.id));
    for (const auto& use : uses) {
      if (use.first_ns > source.to_ns() || use.last_ns < source.from_ns()) continue;
      auto name = call_name(use.arch, use.number);
      if (use.arch != source.info().architecture) name += fmt::format(" ({})", use.arch);
      if (!use.learned_from.empty()) {
        calls.learned[name] += use.count;
        continue;
      }
      calls.by_name[name].merge({use.count, {use.phase}, {workload.name}});
      calls.by_workload[workload.name].merge({use.count, {name}, {}});
    }
  }
  return calls;
}

Table call_table(const Calls& calls, std::size_t most, bool with_workloads) {
  Table table{"Calls", {{"call"}, {"times", Unit::kCount}, {"phases"}}, {}};
  if (with_workloads) table.columns.push_back({"workloads", Unit::kCount});
  for (const auto& [name, call] : heaviest_names(calls.by_name, most, table.left_out)) {
    table.rows.push_back({name, cell(call.count), fmt::format("{}", fmt::join(call.phases, ", "))});
    if (with_workloads) table.rows.back().push_back(cell(call.workloads.size()));
  }
  return table;
}

Table workload_table(const Calls& calls, std::size_t most) {
  Table table{
      "By workload", {{"workload"}, {"different", Unit::kCount}, {"times", Unit::kCount}}, {}};
  for (const auto& [name, call] : heaviest_names(calls.by_workload, most, table.left_out)) {
    table.rows.push_back({name, cell(call.phases.size()), cell(call.count)});
  }
  return table;
}

Result<std::uint64_t> add_denied(Source& source, Section& section) {
  IG_ASSIGN(const auto* schema,
            source.view("audit_seccomp", {"timestamp_raw", "syscall_raw", "arch_raw", "code_raw"}));
  if (schema == nullptr) return 0;
  Table table{"Denied or logged by a seccomp filter",
              {{"call"}, {"arch"}, {"answer"}, {"workload"}, {"times", Unit::kCount}},
              {}};
  std::uint64_t all = 0;
  const auto sql = fmt::format(
      "SELECT r.syscall_raw, r.arch_raw, r.code_raw, r.workload_id, count(*) "
      "FROM audit_seccomp_rows r WHERE {} GROUP BY 1, 2, 3, 4 ORDER BY 5 DESC, 1, 2, 3, 4",
      source.where(*schema));
  IG_TRY(source.each(sql, [&](const Row& row) {
    all += row.count(4);
    if (table.rows.size() == source.question().most_rows) {
      ++table.left_out;
      return;
    }
    const auto arch = number_name(*schema, "arch_raw", row.integer(1));
    table.rows.push_back({call_name(arch, row.integer(0)), arch,
                          number_name(*schema, "code_raw", row.integer(2)),
                          source.workload_name(row.integer(3)), row.integer(4)});
  }));
  if (all > 0) section.blocks.emplace_back(std::move(table));
  return all;
}

}  // namespace

Result<> fill_syscalls(Source& source, Section& section) {
  IG_ASSIGN(const auto calls, read_calls(source));
  const auto most = source.question().most_rows;
  IG_ASSIGN(const auto denied, add_denied(source, section));
  if (!calls.by_name.empty()) {
    std::uint64_t times = 0;
    for (const auto& [name, call] : calls.by_name) times += call.count;
    section.headline = fmt::format("{}, {}", count_text(calls.by_name.size(), "different call"),
                                   count_text(times, "time"));
    const bool several = calls.by_workload.size() > 1;
    if (several) section.blocks.emplace_back(workload_table(calls, most));
    section.blocks.emplace_back(call_table(calls, most, several));
  }
  if (denied > 0) {
    section.headline += fmt::format("{}{} denied or logged", section.headline.empty() ? "" : "; ",
                                    format_count(denied));
  }
  if (!calls.learned.empty()) {
    Table table{"Learned from audit logs", {{"call"}, {"times", Unit::kCount}}, {}};
    for (const auto& [name, times] : calls.learned) table.rows.push_back({name, cell(times)});
    section.blocks.emplace_back(std::move(table));
  }
  return {};
}

}  // namespace ig::report
