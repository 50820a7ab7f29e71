// SPDX-License-Identifier: Apache-2.0
// Where CPU time went, from samples of stacks.
#include <fmt/format.h>

#include <chrono>

#include "advisors/advice_text.h"
#include "advisors/report/cpu_time.h"
#include "advisors/report/flame_tree.h"
#include "advisors/report/kinds.h"
#include "advisors/report/top_tables.h"
#include "base/text.h"

namespace ig::report {
namespace {

Result<FlameTree> read_stacks(Source& source, const EventSchema& schema) {
  FlameTree tree;
  IG_ASSIGN(const auto* processes, source.processes());
  const bool by_process = source.question().by == By::kProcess;
  const bool with_workload = source.workloads().size() > 1;
  const auto sql = fmt::format(
      "SELECT r.workload_id, r.process_id, r.samples, u.text, k.text FROM profile_cpu_rows r "
      "LEFT JOIN path u ON u.id = r.user_stack_raw LEFT JOIN path k ON k.id = r.kern_stack "
      "WHERE {}",
      source.where(schema));
  IG_TRY(source.each(sql, [&](const Row& row) {
    const auto process = processes->find(row.integer(1));
    const auto name = !process ? "?" : by_process ? process->text() : process->comm;
    FlameTree::Stack stack{{}, row.text(3), row.text(4)};
    if (with_workload) {
      stack.base.emplace_back(source.workload_name(row.integer(0)), FlameNode::Kind::kWorkload);
    }
    stack.base.emplace_back(name, FlameNode::Kind::kProcess);
    tree.add(stack, row.count(2));
  }));
  return tree;
}

Table function_table(const std::vector<FlameNode>& nodes, std::size_t most) {
  Table table{"Functions by their own time",
              {{"function"},
               {"where"},
               {"self", Unit::kShare},
               {"with_callees", Unit::kShare},
               {"samples", Unit::kCount}},
              {}};
  const auto all = static_cast<double>(nodes[0].total);
  auto functions = functions_of(nodes);
  table.left_out = functions.size() > most ? functions.size() - most : 0;
  functions.resize(std::min(functions.size(), most));
  for (const auto& one : functions) {
    table.rows.push_back({one.name,
                          std::string(one.kind == FlameNode::Kind::kKernel ? "kernel" : "user"),
                          static_cast<double>(one.self) / all, static_cast<double>(one.total) / all,
                          static_cast<std::int64_t>(one.self)});
  }
  return table;
}

}  // namespace

Result<> fill_cpu(Source& source, Section& section) {
  IG_ASSIGN(const auto* schema,
            source.view("profile_cpu", {"process_id", "samples", "user_stack_raw", "kern_stack"}));
  if (schema == nullptr) return {};
  IG_ASSIGN(auto tree, read_stacks(source, *schema));
  if (tree.full()) section.notes.emplace_back("too many different stacks: the deepest are cut");
  auto nodes = std::move(tree).finish();
  const auto samples = nodes[0].total;
  if (samples == 0) return {};
  IG_ASSIGN(auto users, top_cpu_users(source));
  const std::string first = users ? std::get<std::string>(users->rows[0][0]) : "";
  const double share = users ? std::get<double>(users->rows[0][3]) : 0;
  section.headline = fmt::format(
      "{}, {} of CPU time; {} had {:.0f} %", count_text(samples, "sample"),
      format_duration(std::chrono::nanoseconds(cpu_time_ns(source, samples))), first, share * 100);
  if (users) section.blocks.emplace_back(std::move(*users));
  auto functions = function_table(nodes, source.question().most_rows);
  section.blocks.emplace_back(FlameGraph{"Stacks", sample_frequency(source), std::move(nodes)});
  section.blocks.emplace_back(std::move(functions));
  return {};
}

}  // namespace ig::report
