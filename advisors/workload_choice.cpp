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

}  // namespace ig
