// SPDX-License-Identifier: Apache-2.0
// Processes that the kernel killed for want of memory.
#include <fmt/format.h>

#include "advisors/advice_text.h"
#include "advisors/report/kinds.h"

namespace ig::report {

Result<> fill_oom(Source& source, Section& section) {
  IG_ASSIGN(const auto* schema,
            source.view("trace_oomkill",
                        {"timestamp_raw", "tpid", "tcomm", "pages", "anon_rss", "file_rss",
                         "shmem_rss", "oom_score_adj", "fprocess_process_id"}));
  if (schema == nullptr) return {};
  constexpr std::int64_t kPage = 4096;
  Table table{"Killed",
              {{"time", Unit::kTime},
               {"victim"},
               {"workload"},
               {"anonymous", Unit::kBytes},
               {"of_files", Unit::kBytes},
               {"shared", Unit::kBytes},
               {"limit", Unit::kBytes},
               {"score_adj", Unit::kNumber},
               {"caused_by"}},
              {}};
  IG_ASSIGN(const auto* processes, source.processes());
  std::uint64_t all = 0;
  const auto sql = fmt::format(
      "SELECT r.timestamp_raw, r.tcomm, r.tpid, r.workload_id, r.anon_rss, r.file_rss, "
      "r.shmem_rss, r.pages, r.oom_score_adj, r.fprocess_process_id FROM trace_oomkill_rows r "
      "WHERE {} ORDER BY r.timestamp_raw",
      source.where(*schema));
  const auto bytes = [](std::uint64_t pages) -> Cell {
    constexpr std::uint64_t kMost = std::uint64_t{1} << 50;
    return static_cast<std::int64_t>(std::min(pages, kMost)) * kPage;
  };
  IG_TRY(source.each(sql, [&](const Row& row) {
    if (++all > source.question().most_rows) return;
    const auto by = processes->find(row.integer(9));
    table.rows.push_back({row.integer(0), fmt::format("{} ({})", row.text(1), row.integer(2)),
                          source.workload_name(row.integer(3)), bytes(row.count(4)),
                          bytes(row.count(5)), bytes(row.count(6)),
                          row.integer(7) == 0 ? Cell{} : bytes(row.count(7)), row.integer(8),
                          by ? by->text() : ""});
  }));
  if (all == 0) {
    section.headline = "nobody was killed for want of memory";
    return {};
  }
  table.left_out = all - table.rows.size();
  section.headline = count_text(all, "process") + (all == 1 ? " killed" : "es killed");
  if (all != 1) section.headline = fmt::format("{} processes killed", all);
  section.blocks.emplace_back(std::move(table));
  return {};
}

}  // namespace ig::report
