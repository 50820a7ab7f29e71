// SPDX-License-Identifier: Apache-2.0
#include "advisors/workload_choice.h"

namespace ig {

Result<std::vector<Workload>> choose_workloads(SessionReader& session, const Selector& selector) {
  IG_ASSIGN(auto workloads, session.workloads(selector));
  std::erase_if(workloads, [&](const Workload& workload) {
    return workload.kind == WorkloadKind::kHost && !selector.host;
  });
  if (!workloads.empty()) return workloads;
  return fail(ErrorCode::kNotFound,
              selector.empty() ? "this session recorded no workload but the host"
                               : "no recorded workload matches the selectors",
              "`ig session info FILE` lists the workloads; --host takes the host itself");
}

Result<std::vector<RecordedWorkload>> choose_recorded(Recordings recordings,
                                                      const Selector& selector) {
  std::vector<RecordedWorkload> chosen;
  Error nobody;
  for (std::size_t i = 0; i < recordings.size(); ++i) {
    auto workloads = choose_workloads(*recordings[i].session, selector);
    if (!workloads && workloads.error().code != ErrorCode::kNotFound) {
      return std::unexpected(workloads.error());
    }
    if (!workloads) {
      nobody = workloads.error();
      continue;
    }
    for (Workload& workload : *workloads) chosen.push_back({i, std::move(workload)});
  }
  if (chosen.empty()) return std::unexpected(nobody);
  return chosen;
}

}  // namespace ig
