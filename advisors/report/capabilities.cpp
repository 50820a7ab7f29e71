// SPDX-License-Identifier: Apache-2.0
// Capabilities that the kernel asked for: granted, denied, and by whom.
#include <fmt/format.h>

#include <set>

#include "advisors/advice_text.h"
#include "advisors/report/kinds.h"
#include "advisors/report/measures.h"
#include "store/syscall_table.h"

namespace ig::report {
namespace {

constexpr std::size_t kMostNames = 4;  // of programs and calls in a cell

struct Asked {
  std::uint64_t granted = 0, denied = 0;
  std::set<std::string> comms, calls;

  std::uint64_t weight() const { return granted + denied; }
};

std::string names(const std::set<std::string>& all) {
  std::string text;
  std::size_t shown = 0;
  for (const auto& name : all) {
    if (shown++ == kMostNames) return text + fmt::format(" and {} more", all.size() - kMostNames);
    text += (text.empty() ? "" : ", ") + name;
  }
  return text;
}

}  // namespace

Result<> fill_capabilities(Source& source, Section& section) {
  std::map<std::pair<std::string, std::string>, Asked> asked;  // by workload and capability
  std::set<std::string> different, denied;
  for (const auto& workload : source.workloads()) {
    IG_ASSIGN(const auto uses, source.session().capabilities(workload.id));
    for (const auto& use : uses) {
      if (use.first_ns > source.to_ns() || use.last_ns < source.from_ns()) continue;
      auto& sum = asked[{workload.name, use.capability}];
      (use.granted ? sum.granted : sum.denied) += use.count;
      if (!use.granted) denied.insert(use.capability);
      different.insert(use.capability);
      sum.comms.insert(use.comm);
      if (use.syscall < 0) continue;
      const auto call = syscall_name(use.arch, use.syscall);
      sum.calls.insert(call ? *call : std::to_string(use.syscall));
    }
  }
  if (asked.empty()) return {};
  Table table{"Asked for",
              {{"workload"},
               {"capability"},
               {"granted", Unit::kCount},
               {"denied", Unit::kCount},
               {"by"},
               {"in"}},
              {}};
  for (const auto& [key, sum] : asked) {
    table.rows.push_back({key.first, key.second, cell(sum.granted), cell(sum.denied),
                          names(sum.comms), names(sum.calls)});
  }
  section.blocks.emplace_back(std::move(table));
  section.headline =
      fmt::format("{} {} asked for, {} denied at times", different.size(),
                  different.size() == 1 ? "capability" : "capabilities", denied.size());
  return {};
}

}  // namespace ig::report
