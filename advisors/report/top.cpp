// SPDX-License-Identifier: Apache-2.0
// Who used most of everything.
#include <fmt/format.h>

#include "advisors/report/kinds.h"
#include "advisors/report/top_tables.h"

namespace ig::report {

Result<> fill_top(Source& source, Section& section) {
  for (const auto table :
       {top_cpu_users, top_disk_users, top_files, top_connections, top_bpf_programs}) {
    IG_ASSIGN(auto found, table(source));
    if (!found) continue;
    const auto first = std::get<std::string>(found->rows.front().front());
    section.headline +=
        fmt::format("{}{}: {}", section.headline.empty() ? "" : "; ", found->title, first);
    section.blocks.emplace_back(std::move(*found));
  }
  return {};
}

}  // namespace ig::report
